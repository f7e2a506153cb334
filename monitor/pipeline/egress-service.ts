import type { Egress } from '../egress/egress.ts';
import type { EgressProbe } from '../model/egress.ts';
import type { Workload } from '../model/workload.ts';
import type { EgressRequest, EgressService, EgressView } from '../rpc/egress-service.ts';
import type { ActRefusal } from '../rpc/service.ts';
import { resolveTarget } from '../rpc/target.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Pipeline } from './pipeline.ts';

/** The egress of watched containers as the tray and the command line drive it. */
export function createEgressService(egress: Egress, pipeline: Pipeline): EgressService {
  function view({ container, key, name }: Workload, probes: readonly EgressProbe[]): EgressView {
    const coverage = pipeline
      .views()
      .find(({ workload }) => workload.container === container)
      ?.coverage.find(({ sensor }) => sensor === 'egress');
    const workload = pipeline.workloadOf(container);
    const list = egress.list(workload ?? { container, key });
    return { container, name, workload: key, ...list, coverage, probes };
  }

  async function carryOut(
    workload: Workload,
    request: EgressRequest,
  ): Promise<Result<readonly EgressProbe[], string>> {
    switch (request.name) {
      case 'list':
        return ok([]);
      case 'prove':
        return egress.prove(workload.container);
      case 'rule': {
        const changed = await egress.rule(workload, request.rule);
        return changed.ok ? ok([]) : changed;
      }
      case 'mode': {
        const changed = await egress.mode(workload, request.mode);
        return changed.ok ? ok([]) : changed;
      }
    }
  }

  return {
    async egress(request) {
      const resolved = resolveTarget(
        pipeline.views().map(({ workload }) => workload),
        request.target,
      );
      if (!resolved.ok) return resolved;
      const done = await carryOut(resolved.value, request);
      return done.ok ? ok(view(resolved.value, done.value)) : failed(notPossible(done.error));
    },
  };
}

function notPossible(message: string): ActRefusal {
  const advice = 'Nothing was changed: what stood before still stands.';
  return { kind: 'not-possible', message, advice, candidates: [] };
}

import { userInfo } from 'node:os';
import type { Egress } from '../../egress/egress.ts';
import type { ListEdit } from '../../egress/list/edit.ts';
import type { EgressProbe } from '../../model/egress.ts';
import type { Workload } from '../../model/workload.ts';
import type {
  EgressDoor,
  EgressRequest,
  EgressService,
  EgressView,
} from '../../rpc/service/egress-service.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import { resolveTarget } from '../../rpc/target.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Pipeline } from '../pipeline.ts';

/** What came of a request. */
interface Done {
  readonly probes: readonly EgressProbe[];
  readonly notice: string | undefined;
}

/** The egress of watched containers as the tray and the command line drive it. */
export function createEgressService(egress: Egress, pipeline: Pipeline): EgressService {
  function view({ container, key, name }: Workload, done: Done): EgressView {
    const coverage = pipeline
      .views()
      .find(({ workload }) => workload.container === container)
      ?.coverage.find(({ sensor }) => sensor === 'egress');
    const workload = pipeline.workloadOf(container);
    const list = egress.list(workload ?? { container, key });
    return { container, name, workload: key, ...list, coverage, ...done };
  }

  async function carryOut(
    workload: Workload,
    request: EgressRequest,
  ): Promise<Result<Done, string>> {
    if (request.name === 'list') return ok({ probes: [], notice: undefined });
    if (request.name === 'prove') {
      const proved = await egress.prove(workload.container);
      return proved.ok ? ok({ probes: proved.value, notice: undefined }) : proved;
    }
    const changed =
      request.name === 'undo'
        ? await egress.undo(workload, request.what)
        : await egress.edit(workload, editOf(request), whoBy(request.from));
    return changed.ok ? ok({ probes: [], notice: changed.value }) : changed;
  }

  return {
    async egress(request) {
      const resolved = resolveTarget(
        pipeline.views().map(({ workload }) => workload),
        request.target,
      );
      if (!resolved.ok) return resolved;
      const done = await carryOut(resolved.value, request);
      return done.ok
        ? ok(view(resolved.value, done.value))
        : failed(notPossible(done.error, request));
    },
  };
}

type Editing = Exclude<
  EgressRequest,
  { readonly name: 'list' } | { readonly name: 'prove' } | { readonly name: 'undo' }
>;

function editOf(request: Editing): ListEdit {
  switch (request.name) {
    case 'rule':
      return { kind: 'rule', rule: request.rule };
    case 'remove':
      return { kind: 'remove', subject: request.subject };
    case 'mode':
      return { kind: 'mode', mode: request.mode };
    case 'save': {
      const { basedOn, profiles, rules } = request;
      return { kind: 'save', basedOn, profiles, rules };
    }
    case 'preset':
      return { kind: 'preset', name: request.preset };
    case 'profile':
      return { kind: 'profile', profile: request.profile };
    case 'import':
      return { kind: 'import', text: request.text };
  }
}

/** Whoever may speak to this monitor is the person whom it runs for. */
export function whoBy(door: EgressDoor | undefined): string {
  const shown = personName()
    .replace(/[^\w.@-]/g, '_')
    .slice(0, 60);
  return door === undefined ? shown : `${shown}, by the ${door}`;
}

function personName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the list of users.
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}

function notPossible(message: string, { name }: EgressRequest): ActRefusal {
  const advice =
    name === 'prove'
      ? 'Nothing was tried.'
      : 'Nothing was changed: what stood before still stands.';
  return { kind: 'not-possible', message, advice, candidates: [] };
}

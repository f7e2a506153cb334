import type { Egress } from '../../egress/egress.ts';
import { isRunning, type WorkloadKey } from '../../model/workload.ts';
import type { Store } from '../../record/store.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import type {
  EraseReport,
  LockdownReport,
  LockdownRequest,
  WholeEgressService,
} from '../../rpc/service/service-egress.ts';
import { resolveTarget } from '../../rpc/target.ts';
import type { Clock } from '../../runtime/clock.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { whoBy } from './egress-service.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Subscribers } from '../service/subscribers.ts';

/** What acts on the egress of all containers. */
export interface WholeEgressParts {
  readonly egress: Pick<Egress, 'lockdown'>;
  readonly pipeline: Pick<Pipeline, 'views'>;
  readonly subscribers: Pick<Subscribers, 'tell'>;
  readonly store: Pick<Store, 'egress'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** What a person does about the egress of all containers at once. */
export function createWholeEgressService(parts: WholeEgressParts): WholeEgressService {
  const { egress, pipeline, subscribers, store, clock } = parts;

  /** By the badges: they say of each container what really stands. */
  function report(): LockdownReport {
    const lockdown = egress.lockdown.state();
    if (lockdown === undefined) return { lockdown, closed: 0, notClosed: [] };
    const notClosed: LockdownReport['notClosed'][number][] = [];
    let closed = 0;
    for (const { workload, coverage } of pipeline.views()) {
      const { container, name, state, network } = workload;
      if (!isRunning(state) && state !== 'paused') continue;
      const sight = coverage.find(({ sensor }) => sensor === 'egress')?.sight;
      const isCounting = sight?.state === 'seeing' && sight.unguarded === true;
      const stands = (sight?.state === 'seeing' && !isCounting) || sight?.state === 'partly';
      if (stands || network.kind === 'none') closed += 1;
      else if (sight?.state === 'blind') notClosed.push({ container, name, reason: sight.reason });
      else notClosed.push({ container, name, reason: 'Its wall does not stand yet.' });
    }
    return { lockdown, closed, notClosed, warning: egress.lockdown.warning() };
  }

  async function set(
    isOn: boolean,
    { from }: LockdownRequest,
  ): Promise<Result<LockdownReport, ActRefusal>> {
    const done = await egress.lockdown.set(isOn, whoBy(from));
    if (!done.ok) {
      return notPossible(done.error, 'Nothing was changed: what stood before still stands.');
    }
    const lockdown = egress.lockdown.state();
    subscribers.tell({ kind: 'lockdown', at: clock.now(), lockdown });
    return ok(report());
  }

  function erase(workload: WorkloadKey | undefined): Result<EraseReport, ActRefusal> {
    const rows = store.egress.erase(workload);
    if (rows.ok) return ok({ rows: rows.value });
    const { kind, message, advice } = rows.error;
    const first = kind === 'busy' ? advice : 'See that there is room on the disk.';
    return notPossible(message, `${first} Then erase once more.`);
  }

  return {
    egressErase({ target }) {
      if (target === undefined) return erase(undefined);
      const watched = pipeline.views().map(({ workload }) => workload);
      const found = resolveTarget(watched, target);
      if (found.ok) return erase(found.value.key);
      if (found.error.kind === 'ambiguous-target') return found;
      // What is not watched any more may be in the record still, by its workload.
      const erased = erase(target);
      return erased.ok && erased.value.rows === 0 ? found : erased;
    },
    egressLockdown: (request) => set(true, request),
    egressLift: (request) => set(false, request),
  };
}

function notPossible(message: string, advice: string): Result<never, ActRefusal> {
  return failed({ kind: 'not-possible', message, advice, candidates: [] });
}

import type { Action } from '../model/action.ts';
import type { Containment } from '../model/containment.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { ContainerQueues } from './container-queues.ts';
import type { Guard } from './guard.ts';
import { finishInterrupted } from './interrupted.ts';
import type { Unrecorded } from './ledger.ts';
import type { ResponseContext } from './response-context.ts';
import type { CpuUsed } from './upkeep.ts';
import { createUpkeep } from './upkeep.ts';

/** What a reconciliation did and found. */
export interface Reconciled {
  /** Actions that were begun or ended by it; empty when all was as recorded. */
  readonly actions: readonly Action[];
  /** Containments that ended because the container is gone. */
  readonly closed: readonly Containment[];
  /** Held only in part, or waiting out a cool-down: to be reconciled again in a few seconds. */
  readonly open: readonly ContainerId[];
  /** The engine did not tell their state. */
  readonly unknown: readonly ContainerId[];
  readonly record: Unrecorded;
}

/** Compares what is recorded with what the engine tells, and makes it so. */
export interface Reconciler {
  reconcile(workloads: readonly Workload[] | 'all', cpuUsed?: CpuUsed): Promise<Reconciled>;
  /** An action on the container has just been carried out and read back. */
  acted(container: ContainerId): void;
}

type Found = Pick<Reconciled, 'actions' | 'closed' | 'open' | 'unknown'>;

const nothingFound: Found = { actions: [], closed: [], open: [], unknown: [] };

/** A reconciler that works through the same queues as the actions do. */
export function createReconciler(
  context: ResponseContext,
  parts: {
    readonly queues: ContainerQueues;
    readonly guard: Guard;
    readonly tell: (action: Action, name: string) => void;
  },
): Reconciler {
  const { ledger } = context;
  const { queues, guard, tell } = parts;
  const upkeep = createUpkeep(context);
  /** Reconciliations that wait for their turn: another one would find nothing else. */
  const waiting = new Map<ContainerId, Promise<Found>>();

  async function reconcileOne(container: ContainerId, cpuUsed: CpuUsed): Promise<Found> {
    const containment = ledger.containmentOf(container);
    const name = containment?.name ?? container.slice(0, 12);
    const finished = await finishInterrupted(context, container);
    const end = await upkeep.lookAfter(container, guard.mayKeepUp(container), cpuUsed);
    const actions = [...finished, ...end.actions];
    for (const action of actions) tell(action, name);
    if (end.actions.length > 0) guard.ended('pause', container, end.state !== 'open');
    const unfinished = ledger.unfinished(container).length > 0;
    return {
      actions,
      closed: end.state === 'closed' && containment !== undefined ? [containment] : [],
      open: end.state === 'open' ? [container] : [],
      unknown: end.state === 'unknown' || unfinished ? [container] : [],
    };
  }

  async function queueOne(container: ContainerId, cpuUsed: CpuUsed): Promise<Found> {
    const already = waiting.get(container);
    if (already !== undefined) return already;
    const state = { started: false };
    const turn = queues.run(container, () => {
      state.started = true;
      waiting.delete(container);
      return reconcileOne(container, cpuUsed);
    });
    const found = turn.then((ended) => {
      if (ended.ok) return ended.value;
      waiting.delete(container);
      return { ...nothingFound, open: [container] };
    });
    if (state.started) return found;
    waiting.set(container, found);
    return found;
  }

  return {
    acted: (container) => upkeep.saw(container),
    async reconcile(workloads, cpuUsed = () => undefined) {
      const known = new Set([
        ...ledger.containments().map(({ container }) => container),
        ...ledger.unfinished().map(({ container }) => container),
      ]);
      const chosen =
        workloads === 'all'
          ? [...known]
          : workloads.map(({ container }) => container).filter((one) => known.has(one));
      const found = await Promise.all(chosen.map((container) => queueOne(container, cpuUsed)));
      return {
        actions: found.flatMap(({ actions }) => actions),
        closed: found.flatMap(({ closed }) => closed),
        open: found.flatMap(({ open }) => open),
        unknown: found.flatMap(({ unknown }) => unknown),
        record: ledger.saveAgain(),
      };
    },
  };
}

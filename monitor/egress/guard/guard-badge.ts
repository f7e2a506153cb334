import type { Workload } from '../../model/workload.ts';
import type { GuardParts } from './guard-parts.ts';
import { createInterfaceSight } from './interface-sight.ts';
import { createLately } from './lately.ts';
import {
  namedLimits,
  observedSight,
  ownStackOf,
  whyPartly,
  type GuardState,
} from './guard-sight.ts';

/** Says how far one container's egress is guarded. Reasons are sentences. */
export interface GuardBadge {
  /** Nothing is known of its egress, or done about it. */
  blind(reason: string): void;
  /** The same, and no news: nobody is troubled with it. */
  unwatched(reason: string): void;
  partly(reason: string): void;
  starting(): void;
  /** Its wall stands as it is to, apart from what the state tells. */
  stands(state: GuardState): void;
  off(): void;
}

/** `workload` is the container as it is known now. */
export function createGuardBadge(
  parts: Pick<GuardParts, 'logger' | 'show' | 'asking' | 'listener' | 'now'>,
  workload: () => Workload,
): GuardBadge {
  const { logger, show, asking, listener, now } = parts;
  const unaskedLately = createLately();
  const lostLately = createLately();
  const interfaces = createInterfaceSight();
  /** What was found so of this start stays so, though the wall's counters begin anew. */
  let ownStack: { readonly pid: number | undefined; readonly reason: string } | undefined;

  /** Why no names are heard where it only is observed; undefined when they are. */
  function hear({ container, mainPid }: Workload): string | undefined {
    if (listener === undefined) return 'names are not heard here';
    if (mainPid === undefined) return 'it does not run';
    listener.listen(container, mainPid);
    return listener.problem(mainPid);
  }

  /** What is guarded has its names from its resolver. */
  function stopHearing(): void {
    listener?.leave(workload().container);
  }

  return {
    blind(reason) {
      logger.warn(`${workload().name}: egress: ${reason}`);
      show(workload(), { state: 'blind', reason }, 0);
    },
    unwatched(reason) {
      stopHearing();
      show(workload(), { state: 'blind', lasting: true, reason }, 0);
    },
    partly(reason) {
      stopHearing();
      show(workload(), { state: 'partly', reason }, 0);
    },
    // Whom nobody can look at right now may be observed all the same.
    starting: () => show(workload(), { state: 'starting' }, 0),
    stands(state) {
      const counters = state.reading.listing?.counters ?? {};
      const dropped = counters['unlisted'] ?? 0;
      if (state.plan.mode === 'observe') {
        show(workload(), observedSight(workload(), state.reading, hear(workload())), dropped);
        return;
      }
      stopHearing();
      const unasked = unaskedLately(
        [counters['unasked'] ?? 0, asking?.unasked(workload().container) ?? 0],
        now(),
      );
      const { standing, reading } = state;
      const strangers = standing && interfaces(standing.pid, reading.devices, workload().network);
      const strayed = strangers ?? state.strayed;
      const { mainPid: pid } = workload();
      const found = ownStackOf(workload(), reading);
      if (found !== undefined) ownStack = { pid, reason: found };
      const reason = whyPartly({
        ...state,
        ownStack: ownStack?.pid === pid ? ownStack?.reason : undefined,
        unasked,
        strayed,
        lostLately: lostLately([state.lost], now()),
      });
      const limits = namedLimits(state);
      const named = limits.length > 0 ? { limits } : {};
      if (reason === undefined) show(workload(), { state: 'seeing', ...named }, dropped);
      else show(workload(), { state: 'partly', reason, ...named }, dropped);
    },
    off() {
      stopHearing();
      show(workload(), undefined, 0);
    },
  };
}

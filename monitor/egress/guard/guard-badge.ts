import type { Workload } from '../../model/workload.ts';
import { createUnaskedSight } from '../ask/unasked-sight.ts';
import type { GuardParts } from './guard-parts.ts';
import { createInterfaceSight } from './interface-sight.ts';
import { namedLimit, whyPartly, type GuardState } from './guard-sight.ts';

/** Says how far one container's egress is guarded. Reasons are sentences. */
export interface GuardBadge {
  /** Nothing is known of its egress, or done about it. */
  blind(reason: string): void;
  partly(reason: string): void;
  starting(): void;
  /** Its wall stands as it is to, apart from what the state tells. */
  stands(state: GuardState): void;
  off(): void;
}

/** `workload` is the container as it is known now. */
export function createGuardBadge(
  { logger, show, asking, now }: Pick<GuardParts, 'logger' | 'show' | 'asking' | 'now'>,
  workload: () => Workload,
): GuardBadge {
  const unaskedLately = createUnaskedSight();
  const interfaces = createInterfaceSight();
  return {
    blind(reason) {
      logger.warn(`${workload().name}: egress: ${reason}`);
      show(workload(), { state: 'blind', reason }, 0);
    },
    partly: (reason) => show(workload(), { state: 'partly', reason }, 0),
    starting: () => show(workload(), { state: 'starting' }, 0),
    stands(state) {
      const counters = state.reading.listing?.counters ?? {};
      const dropped = counters['unlisted'] ?? 0;
      const unasked = unaskedLately(
        [counters['unasked'] ?? 0, asking?.unasked(workload().container) ?? 0],
        now(),
      );
      const { standing, reading } = state;
      const strangers = standing && interfaces(standing.pid, reading.devices, workload().network);
      const strayed = strangers ?? state.strayed;
      const reason = whyPartly({ ...state, unasked, strayed });
      const limit = namedLimit(state);
      if (reason === undefined) {
        show(workload(), { state: 'seeing', ...(limit !== undefined && { limit }) }, dropped);
      } else show(workload(), { state: 'partly', reason }, dropped);
    },
    off: () => show(workload(), undefined, 0),
  };
}

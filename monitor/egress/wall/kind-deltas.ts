import { refusedKinds, type RefusedKind } from '../../model/egress.ts';
import type { Listing } from './listing.ts';

/** Turns the wall's counters of what has no destination into what was added since the reading before. */
export interface KindDeltas {
  step(listing: Pick<Listing, 'counters'>): readonly RefusedKind[];
  /** The wall was put up anew, with counters at zero. */
  restart(): void;
}

/** Before the first reading: what a wall has counted that stood before was told by an earlier run. */
export function createKindDeltas(): KindDeltas {
  let before: Listing['counters'] | undefined;

  return {
    step({ counters }) {
      const was = before;
      before = counters;
      if (was === undefined) return [];
      return refusedKinds.flatMap((kind) => {
        const [now, then] = [counters[counterOf[kind]] ?? 0, was[counterOf[kind]] ?? 0];
        const packets = now >= then ? now - then : now;
        return packets > 0 ? [{ kind, packets }] : [];
      });
    },
    restart() {
      before = {};
    },
  };
}

/** As the wall's rules call them. */
const counterOf = { 'raw-frames': 'frames', fragments: 'fragments' } as const;

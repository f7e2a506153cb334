import type { Workload } from '../../model/workload.ts';
import type { Asking } from '../ask/asking.ts';
import type { Place, Reading } from '../carrier/carrier.ts';

/** What holds the connections of one container, while its mode is ask. */
export interface GuardAsking {
  /** Holds before the wall does, so that nothing is dropped that nobody would send again. */
  prepare(where: Place, reading: Reading): Promise<void>;
  /** Why nothing can be held, as far as is known; undefined while it can. */
  cannot(): string | undefined;
  /** Decides anew about what is held, by the list as it is now. */
  review(): void;
  /** Holds nothing any more. */
  release(): void;
}

/** Holds nothing yet. `nameOf` is the name that led to an address. */
export function createGuardAsking(
  asking: Asking | undefined,
  workload: () => Workload,
  nameOf: (address: string) => string | undefined,
): GuardAsking {
  let cannot: string | undefined;
  return {
    async prepare({ pid }, { inode }) {
      const asked = await asking?.hold({ pid, inode }, { workload, nameOf });
      if (asked === undefined) cannot = 'connections cannot be held on this system';
      else cannot = asked.ok ? undefined : asked.error;
    },
    cannot: () => cannot,
    review: () => asking?.review(workload().container),
    release: () => asking?.release(workload().container),
  };
}

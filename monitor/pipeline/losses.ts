import type { Logger } from '../runtime/logger.ts';
import { recordLoss, type Loss } from '../rpc/service/service.ts';
import type { Result } from '../runtime/result.ts';

/** Counts what was lost, and says it once in a while rather than every time. */
export interface Losses {
  count(what: string, count?: number): void;
  /** Counts a failure of the record, and logs the first and every hundredth. */
  check(result: Result<unknown, { readonly message: string }>): void;
  all(): readonly Loss[];
}

/** Nothing lost. */
export function createLosses(logger: Logger): Losses {
  const counts = new Map<string, number>();

  function count(what: string, more = 1): number {
    const total = (counts.get(what) ?? 0) + more;
    counts.set(what, total);
    return total;
  }

  return {
    count: (what, more) => void count(what, more),
    check(result) {
      if (result.ok) return;
      const total = count(recordLoss);
      if (total % 100 === 1) logger.error(result.error.message);
    },
    all: () => [...counts].map(([what, total]) => ({ what, count: total })),
  };
}

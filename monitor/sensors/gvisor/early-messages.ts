import type { ContainerId } from '../../model/workload.ts';
import type { TraceMessageLine } from './receiver-line.ts';

/** Messages of containers that nobody has named yet: traced from its start, one tells before the engine does. */
export interface EarlyMessages {
  keep(line: TraceMessageLine): void;
  /** Those of the container, in their order; they are not kept any longer. */
  take(container: ContainerId): readonly TraceMessageLine[];
}

/** Containers, and messages of each, that are kept; the receiver itself passes on no more than 400. */
const mostContainers = 64;
const mostMessages = 512;

/** Keeps none. The container that began to tell first is forgotten first. */
export function createEarlyMessages(): EarlyMessages {
  const kept = new Map<ContainerId, TraceMessageLine[]>();
  return {
    keep(line) {
      const known = kept.get(line.container);
      if (known !== undefined) {
        if (known.length < mostMessages) known.push(line);
        return;
      }
      kept.set(line.container, [line]);
      for (const first of kept.keys()) {
        if (kept.size <= mostContainers) break;
        kept.delete(first);
      }
    },
    take(container) {
      const lines = kept.get(container) ?? [];
      kept.delete(container);
      return lines;
    },
  };
}

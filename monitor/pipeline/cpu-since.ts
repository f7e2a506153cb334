import type { ResourceObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';

/** Remembers for some minutes how much CPU each contained container used, to bound what it did. */
export interface CpuSince {
  add(observation: ResourceObservation): void;
  /** CPU seconds from `since` until now; undefined when nothing was read in that time. */
  used(container: ContainerId, since: Moment): number | undefined;
  forget(container: ContainerId): void;
}

/** Readings kept for each container. */
const kept = 600;

/** Nothing remembered. `isOfInterest` says of which containers readings are kept. */
export function createCpuSince(isOfInterest: (container: ContainerId) => boolean): CpuSince {
  const readings = new Map<ContainerId, { readonly at: Moment; readonly seconds: number }[]>();
  return {
    add({ container, at, cpuCores, intervalMs }) {
      if (!isOfInterest(container)) {
        readings.delete(container);
        return;
      }
      const list = readings.get(container) ?? [];
      list.push({ at, seconds: (cpuCores * intervalMs) / 1000 });
      if (list.length > kept) list.shift();
      readings.set(container, list);
    },
    used(container, since) {
      const later = readings.get(container)?.filter(({ at }) => at >= since);
      if (later === undefined || later.length === 0) return undefined;
      return later.reduce((sum, { seconds }) => sum + seconds, 0);
    },
    forget: (container) => void readings.delete(container),
  };
}

import type { ContainerId } from '../../model/workload.ts';
import type { Carrier, Place } from '../carrier/carrier.ts';
import type { Explainer, ExplainSpace } from './explainer.ts';

/** The same carrier; what its walls refuse of plain HTTP is explained as long as they stand. */
export function explainingCarrier(carrier: Carrier, explainer: Explainer): Carrier {
  /** Where the containers were found last. */
  const spaces = new Map<ContainerId, ExplainSpace>();
  /** Whose walls refuse. */
  const refusing = new Set<ContainerId>();

  function find({ container, pid }: Place, inode: number): void {
    const before = spaces.get(container);
    if (before !== undefined && before.inode !== inode) explainer.leave(before.inode);
    spaces.set(container, { container, pid, inode });
    if (refusing.has(container)) explainer.enter({ container, pid, inode });
  }

  function stop(container: ContainerId): void {
    const space = spaces.get(container);
    if (space !== undefined && refusing.delete(container)) explainer.leave(space.inode);
  }

  function lose(container: ContainerId): void {
    stop(container);
    spaces.delete(container);
  }

  return {
    ...carrier,
    async read(places) {
      const readings = await carrier.read(places);
      for (const place of places) {
        const reading = readings.get(place.container);
        if (reading?.ok === true) find(place, reading.value.inode);
      }
      return readings;
    },
    async apply(place, plan, known) {
      const applied = await carrier.apply(place, plan, known);
      if (!applied.ok) return applied;
      if (plan.mode === 'enforce') refusing.add(place.container);
      else stop(place.container);
      find(place, applied.value.inode);
      return applied;
    },
    async resolve(place, plan, onLine) {
      // Also before a wall that an earlier run left, which is not put up again.
      if (plan.mode === 'enforce') refusing.add(place.container);
      const space = spaces.get(place.container);
      if (space?.pid === place.pid && refusing.has(place.container)) explainer.enter(space);
      return carrier.resolve(place, plan, onLine);
    },
    async remove(place) {
      const removed = await carrier.remove(place);
      if (removed.ok) lose(place.container);
      return removed;
    },
    async forget(container) {
      lose(container);
      await carrier.forget(container);
    },
    async close() {
      await explainer.close();
      await carrier.close();
    },
  };
}

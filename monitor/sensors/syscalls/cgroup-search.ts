import { starting, type Sight } from '../../model/coverage.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Result } from '../../runtime/result.ts';

/**
 * Finds the kernel's id of the cgroup of a container that another kernel than this machine's runs. The
 * failure is what is to be said of its calls until it is found; undefined for nothing at all.
 */
export type FindCgroup = (workload: Workload) => Promise<Result<string, Sight | undefined>>;

/** Containers whose cgroup is being looked for. */
export interface CgroupSearch {
  /** Looks, and again every two seconds, until it is found or `end` is called. */
  begin(workload: Workload, onFound: (cgroup: string) => void): void;
  end(container: ContainerId): void;
  /** What is to be said of the calls of a container that is being looked for. */
  sight(container: ContainerId): Sight | undefined;
  stop(): void;
}

const againMs = 2000;

/** Looks for nothing yet; and never, without `find`. */
export function createCgroupSearch(
  find: FindCgroup | undefined,
  clock: Pick<Clock, 'sleep'>,
): CgroupSearch {
  const searches = new Map<ContainerId, { sight: Sight | undefined; over: AbortController }>();

  async function look(
    search: FindCgroup,
    workload: Workload,
    onFound: (cgroup: string) => void,
  ): Promise<void> {
    const mine: { sight: Sight | undefined; over: AbortController } = {
      sight: starting,
      over: new AbortController(),
    };
    searches.set(workload.container, mine);
    while (!mine.over.signal.aborted) {
      const found = await search(workload);
      if (searches.get(workload.container) !== mine) return;
      if (found.ok) {
        searches.delete(workload.container);
        onFound(found.value);
        return;
      }
      mine.sight = found.error;
      await clock.sleep(againMs, mine.over.signal).catch(() => undefined);
    }
  }

  function end(container: ContainerId): void {
    searches.get(container)?.over.abort();
    searches.delete(container);
  }

  return {
    begin(workload, onFound) {
      end(workload.container);
      if (find !== undefined) void look(find, workload, onFound);
    },
    end,
    sight: (container) => searches.get(container)?.sight,
    stop() {
      for (const container of [...searches.keys()]) end(container);
    },
  };
}

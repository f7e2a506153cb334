import { setImmediate } from 'node:timers/promises';
import type { ContainerId } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { OutsiderScan } from './outsider-scan.ts';

/** Who is just being put into a container is in its namespaces first. */
const movingInMs = 50;

/**
 * Looks at all processes for those of one container that are outside its cgroup; resolves when it was
 * looked at whole, begun after it was asked for. With tens of thousands of processes that takes tenths
 * of a second, so others have their turn meanwhile, and all who ask during one look share the next.
 */
export function createOutsiderLook(
  scan: Pick<OutsiderScan, 'lookFor' | 'lookAgain'>,
  clock: Clock,
): (container: ContainerId) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: { readonly containers: Set<ContainerId>; readonly done: Promise<void> } | undefined;

  async function look(containers: ReadonlySet<ContainerId>): Promise<void> {
    const looking = scan.lookFor(containers);
    let step = looking.next();
    while (step.done !== true) {
      await setImmediate();
      step = looking.next();
    }
    if (step.value.length === 0) return;
    await clock.sleep(movingInMs);
    scan.lookAgain(step.value);
  }

  return (container) => {
    if (next === undefined) {
      const containers = new Set<ContainerId>();
      const done = last.then(() => {
        next = undefined;
        return look(containers);
      });
      next = { containers, done };
      last = done.catch(() => undefined);
    }
    next.containers.add(container);
    return next.done;
  };
}

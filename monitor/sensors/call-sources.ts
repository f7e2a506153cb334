import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createGvisorWatch } from './gvisor/gvisor-watch.ts';
import {
  createSyscallsWatch,
  type SyscallsWatch,
  type SyscallsWatchOptions,
} from './syscalls/syscalls-watch.ts';

/**
 * Both ways to see system calls: gVisor tells of its own containers, for its sandbox's calls to the
 * kernel are not theirs; the kernel counts for all others. Nobody can tell from an observation which
 * of the two it came from.
 */
export function createCallSources(
  options: SyscallsWatchOptions & { readonly gvisorFolder?: string },
): SyscallsWatch {
  const folder = options.gvisorFolder ?? join('/run', `sentra-gvisor-${process.pid}`);
  const kernel = createSyscallsWatch(options);
  const gvisor = createGvisorWatch({ ...options, folder });
  return {
    watch(workload) {
      if (gvisor.watch(workload)) kernel.forget(workload.container);
      else kernel.watch(workload);
    },
    forget(container) {
      gvisor.forget(container);
      kernel.forget(container);
    },
    // gVisor's windows are a second long whatever happens.
    lookClosely: (container, closely) => kernel.lookClosely(container, closely),
    sight: (container, resource, now) =>
      gvisor.sight(container, now) ?? kernel.sight(container, resource, now),
    dropped: (container) => gvisor.dropped(container) + kernel.dropped(container),
    loader: () => kernel.loader(),
    async stop() {
      await Promise.all([gvisor.stop(), kernel.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

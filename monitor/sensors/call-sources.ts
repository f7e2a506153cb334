import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GvisorTracing } from './gvisor/gvisor-tracing.ts';
import { createGvisorWatch } from './gvisor/gvisor-watch.ts';
import { createNativeTracing } from './gvisor/native-tracing.ts';
import {
  createSyscallsWatch,
  type SyscallsWatch,
  type SyscallsWatchOptions,
} from './syscalls/syscalls-watch.ts';

/** All that is seen of system calls. */
export interface CallSources extends SyscallsWatch {
  /** The processes that are kept running for it, by their ids. */
  companions(): readonly number[];
}

/**
 * Both ways to see system calls: gVisor tells of its own containers, for its sandbox's calls to the
 * kernel are not theirs; the kernel counts for all others. Nobody can tell from an observation which
 * of the two it came from.
 */
export function createCallSources(
  options: SyscallsWatchOptions & {
    /** Where gVisor is traced by somebody else than this process. */
    readonly tracing?: GvisorTracing;
  },
): CallSources {
  const folder = join('/run', `sentra-gvisor-${process.pid}`);
  const { procFolder } = options;
  const kernel = createSyscallsWatch(options);
  const tracing = options.tracing ?? createNativeTracing({ procFolder, folder });
  const gvisor = createGvisorWatch({ ...options, tracing });
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
    companions: () => [kernel.loader(), gvisor.receiver()].filter((pid) => pid !== undefined),
    async stop() {
      await Promise.all([gvisor.stop(), kernel.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

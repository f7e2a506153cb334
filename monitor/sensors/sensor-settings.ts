import type { StartLineProcess } from '../runtime/line-process.ts';
import type { GvisorTracing } from './gvisor/gvisor-tracing.ts';
import type { FindCgroup } from './syscalls/cgroup-search.ts';

/** Where the machine tells about itself, and how often it is asked. */
export interface SensorSettings {
  /** Default /proc. */
  readonly procFolder?: string;
  /** Default /sys/class/power_supply. */
  readonly powerFolder?: string;
  /** Resource use through the engine's API alone, even where cgroup files can be read. */
  readonly byApi?: boolean;
  /** From sample to sample of a container, milliseconds; default 1000. */
  readonly samplePeriodMs?: number;
  /** From look to look at the machine, milliseconds; default 30000. */
  readonly hostPeriodMs?: number;
  /**
   * From list to list, milliseconds; default 5000, and 10000 while new containers are found by their
   * cgroups, ended ones by their processes, and the list is left to find only what neither shows.
   */
  readonly relistMs?: number;
  /** The kernel sensor's loader where it is no process of this one: the helper's. */
  readonly loader?: StartLineProcess;
  /** By what the kernel of an engine elsewhere knows a container. */
  readonly findCgroup?: FindCgroup;
  /** How gVisor is traced where this process does not do it: by the helper. */
  readonly tracing?: GvisorTracing;
}

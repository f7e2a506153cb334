import { failed, ok, type Result } from '../../runtime/result.ts';
import { blockBytes } from './block-bytes.ts';
import { fieldKeys, keyedValues, unsignedAt } from './byte-fields.ts';
import {
  folderOf,
  type CgroupFolder,
  type CgroupMounts,
  type Controller,
  type Membership,
} from './cgroup-paths.ts';
import { copyGauges, newSlot, type CounterSlot } from './counter-slot.ts';
import {
  heldBytes,
  holdFile,
  identityOf,
  readHeld,
  releaseFile,
  textOf,
  type HeldFile,
  type HeldIdentity,
} from './held-file.ts';

/** Reads one cgroup's figures through descriptors that stay open. */
export interface CgroupReader {
  /**
   * Fills all but `at` and `network`. `idle`: no CPU was used since the last reading, and all but
   * the CPU time was carried over from it; never with `whole`.
   */
  read(into: CounterSlot, whole: boolean): 'gone' | 'fresh' | 'idle';
  /** CPU time used so far, nanoseconds; -1 when it is gone. Nothing else is read. */
  cpuNanoseconds(): number;
  /** What `read` or `cpuNanoseconds` found last, nanoseconds; -1 before that. Nothing is read. */
  latestCpuNanoseconds(): number;
  /** Reads the limits anew; they change seldom. */
  refreshLimits(): void;
  /** Whether the paths still lead to the files that are held. */
  identity(): HeldIdentity;
  close(): void;
}

/** The files that are held. `cpuStat` is the accounting of v2, and the throttling of both. */
interface Files {
  readonly cpu: HeldFile;
  readonly cpuStat: HeldFile | undefined;
  readonly memory: HeldFile;
  readonly memoryStat: HeldFile;
  readonly pids: HeldFile;
  /** Tells how often the limit of processes refused one; the same in v1 and v2. */
  readonly pidsEvents: HeldFile | undefined;
  readonly block: HeldFile | undefined;
}

/**
 * The order is that of `values` below. In v1 the plain names tell of the cgroup alone and `total_`
 * of what lies under it too, as all of v2 does (docs.kernel.org, cgroup-v1/memory, cgroup-v2).
 */
const memoryKeys = {
  v1: fieldKeys(['total_inactive_file', 'total_rss', 'total_cache', 'total_pgfault']),
  v2: fieldKeys(['inactive_file', 'anon', 'file', 'pgfault']),
};
const pidsKeys = fieldKeys(['max']);
const cpuKeys = fieldKeys(['usage_usec', 'nr_periods', 'nr_throttled']);

/**
 * While a container's CPU time stands still nothing of it ran, so its memory, processes and block
 * devices stand still too: only every so many readings are they read all the same. Most containers
 * are idle most of the time, and these files are three quarters of a reading's cost.
 */
const readingsPerLookAtIdle = 5;

/** Above this a v1 memory limit stands for none: it is the largest page-aligned number. */
const noLimitBytes = 2 ** 60;

/** Opens the files; the failure names the controller that cannot be read. */
export function openCgroup(
  mounts: CgroupMounts,
  membership: Membership,
): Result<CgroupReader, string> {
  const open: HeldFile[] = [];
  const folder = (controller: Controller): CgroupFolder | undefined =>
    folderOf(mounts, membership, controller);
  const hold = (at: CgroupFolder | undefined, v1: string, v2: string): HeldFile | undefined => {
    if (at === undefined) return undefined;
    const file = holdFile(`${at.folder}/${at.version === 1 ? v1 : v2}`);
    if (file !== undefined) open.push(file);
    return file;
  };
  const closeAll = (): void => {
    for (const file of open.splice(0)) releaseFile(file);
  };

  const accounting = folder('cpuacct') ?? folder('cpu');
  const memoryAt = folder('memory');
  const pidsAt = folder('pids');
  const blockAt = folder('blkio');
  const cpu = hold(accounting, 'cpuacct.usage', 'cpu.stat');
  const memory = hold(memoryAt, 'memory.usage_in_bytes', 'memory.current');
  const memoryStat = hold(memoryAt, 'memory.stat', 'memory.stat');
  const pids = hold(pidsAt, 'pids.current', 'pids.current');
  if (cpu === undefined || memory === undefined || memoryStat === undefined || pids === undefined) {
    closeAll();
    const lacking = cpu === undefined ? 'CPU' : pids === undefined ? 'pids' : 'memory';
    return failed(`The ${lacking} files of its cgroup cannot be read here.`);
  }
  const block =
    hold(blockAt, 'blkio.throttle.io_service_bytes_recursive', 'io.stat') ??
    hold(blockAt, 'blkio.throttle.io_service_bytes', 'io.stat');
  const cpuStat =
    accounting?.version === 2 ? undefined : hold(folder('cpu'), 'cpu.stat', 'cpu.stat');
  const pidsEvents = hold(pidsAt, 'pids.events', 'pids.events');
  const files: Files = { cpu, cpuStat, memory, memoryStat, pids, pidsEvents, block };
  return ok(createReader(files, { accounting, memoryAt, pidsAt, blockAt, folder }, closeAll));
}

interface Places {
  readonly accounting: CgroupFolder | undefined;
  readonly memoryAt: CgroupFolder | undefined;
  readonly pidsAt: CgroupFolder | undefined;
  readonly blockAt: CgroupFolder | undefined;
  readonly folder: (controller: Controller) => CgroupFolder | undefined;
}

function createReader(files: Files, places: Places, close: () => void): CgroupReader {
  const values = new Float64Array(4);
  const cpuVersion = places.accounting?.version ?? 1;
  const memoryVersion = places.memoryAt?.version ?? 1;
  const blockVersion = places.blockAt?.version ?? 1;
  const cpuFolder = places.folder('cpu')?.folder;
  let memoryLimitBytes: number | undefined;
  let pidsLimit: number | undefined;
  let hasQuota = true;
  const kept = newSlot();
  let latestCpu = -1;
  let idleReadings = readingsPerLookAtIdle;

  function readCpu(into: CounterSlot): boolean {
    const length = readHeld(files.cpu);
    if (length < 0) return false;
    if (cpuVersion === 1) {
      into.cpuNanoseconds = unsignedAt(heldBytes, 0, length);
      into.periods = 0;
      into.throttledPeriods = 0;
      // Without a quota nothing is throttled, and the file need not be read.
      if (files.cpuStat === undefined || !hasQuota) return into.cpuNanoseconds >= 0;
      keyedValues(heldBytes, Math.max(0, readHeld(files.cpuStat)), cpuKeys, values);
    } else {
      keyedValues(heldBytes, length, cpuKeys, values);
      into.cpuNanoseconds = (values[0] ?? -1) * 1000;
    }
    into.periods = Math.max(0, values[1] ?? 0);
    into.throttledPeriods = Math.max(0, values[2] ?? 0);
    return into.cpuNanoseconds >= 0;
  }

  function readCpuAlone(): number {
    const length = readHeld(files.cpu);
    if (length < 0 || cpuVersion === 1) return unsignedAt(heldBytes, 0, Math.max(0, length));
    keyedValues(heldBytes, length, cpuKeys, values);
    const micros = values[0] ?? -1;
    return micros < 0 ? -1 : micros * 1000;
  }

  function readMemory(into: CounterSlot): boolean {
    const usage = unsignedAt(heldBytes, 0, readHeld(files.memory));
    const length = readHeld(files.memoryStat);
    if (usage < 0 || length < 0) return false;
    keyedValues(heldBytes, length, memoryVersion === 1 ? memoryKeys.v1 : memoryKeys.v2, values);
    into.memoryBytes = Math.max(0, usage - Math.max(0, values[0] ?? 0));
    into.anonymousBytes = Math.max(0, values[1] ?? 0);
    into.cacheBytes = Math.max(0, values[2] ?? 0);
    into.pageFaults = Math.max(0, values[3] ?? 0);
    return true;
  }

  /** Without a limit nothing is refused, and the file need not be read. */
  function readForksRefused(): number | undefined {
    if (files.pidsEvents === undefined || pidsLimit === undefined) return undefined;
    const length = readHeld(files.pidsEvents);
    if (length < 0) return undefined;
    keyedValues(heldBytes, length, pidsKeys, values);
    return values[0] === undefined || values[0] < 0 ? undefined : values[0];
  }

  function readGauges(into: CounterSlot): boolean {
    if (!readMemory(into)) return false;
    into.pids = unsignedAt(heldBytes, 0, readHeld(files.pids));
    if (into.pids < 0) return false;
    into.forksRefused = readForksRefused();
    const length = files.block === undefined ? -1 : readHeld(files.block);
    into.block = length < 0 ? undefined : into.ownBlock;
    if (length >= 0) blockBytes(heldBytes, length, blockVersion, into.ownBlock);
    return true;
  }

  function refreshLimits(): void {
    const memoryFile = memoryVersion === 1 ? 'memory.limit_in_bytes' : 'memory.max';
    const memoryLimit = limitIn(places.memoryAt, memoryFile);
    memoryLimitBytes =
      memoryLimit !== undefined && memoryLimit < noLimitBytes ? memoryLimit : undefined;
    pidsLimit = limitIn(places.pidsAt, 'pids.max');
    if (cpuVersion === 1 && cpuFolder !== undefined) {
      hasQuota = !(textOf(`${cpuFolder}/cpu.cfs_quota_us`) ?? '').startsWith('-');
    }
  }

  refreshLimits();
  return {
    read(into, whole) {
      if (!readCpu(into)) return 'gone';
      latestCpu = into.cpuNanoseconds;
      const still = into.cpuNanoseconds === kept.cpuNanoseconds;
      idleReadings = still ? idleReadings + 1 : 0;
      const fresh = whole || !still || idleReadings % readingsPerLookAtIdle === 0;
      if (fresh) {
        kept.cpuNanoseconds = into.cpuNanoseconds;
        if (!readGauges(kept)) return 'gone';
      }
      copyGauges(kept, into);
      into.memoryLimitBytes = memoryLimitBytes;
      into.pidsLimit = pidsLimit;
      return fresh ? 'fresh' : 'idle';
    },
    cpuNanoseconds() {
      latestCpu = readCpuAlone();
      return latestCpu;
    },
    latestCpuNanoseconds: () => latestCpu,
    refreshLimits,
    identity() {
      for (const file of [files.cpu, files.memory, files.pids]) {
        const identity = identityOf(file);
        if (identity !== 'same') return identity;
      }
      return 'same';
    },
    close,
  };
}

/** A limit file's number; undefined for `max` or an unreadable file. */
function limitIn(place: CgroupFolder | undefined, name: string): number | undefined {
  const text = place === undefined ? undefined : textOf(`${place.folder}/${name}`);
  return text !== undefined && /^\d{1,20}\s*$/.test(text) ? Number(text) : undefined;
}

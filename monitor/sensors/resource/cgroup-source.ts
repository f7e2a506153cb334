import type { Workload } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import {
  folderOf,
  parseMembership,
  parseMounts,
  type CgroupMounts,
  type Controller,
  type Membership,
} from './cgroup-paths.ts';
import { openCgroup } from './cgroup-reader.ts';
import type { CounterSlot } from './counter-slot.ts';
import {
  heldBytes,
  holdFile,
  readHeld,
  releaseFile,
  textOf,
  type HeldIdentity,
} from './held-file.ts';
import type { StillWitness } from './still-witness.ts';
import { linkOf, openNetwork, type NetworkSight } from './network-reader.ts';

/** Where the main process is, as seen from the cgroup that is read. */
export type MainProcess = 'inside' | 'elsewhere' | 'gone';

/** A container's figures from the files of this machine. */
export interface CgroupSource {
  /**
   * Fills everything but `at`. False when the cgroup is gone. With `whole` false all but the CPU time
   * may be some seconds old while that stands still.
   */
  read(into: CounterSlot, whole: boolean): boolean;
  /**
   * CPU time used so far, nanoseconds; -1 when it is gone. One file is read, or none where the
   * witness tells that it has not moved.
   */
  cpuNanoseconds(): number;
  refreshLimits(): void;
  mainProcess(): MainProcess;
  /** Whether the paths still lead to the files that are held. */
  files(): HeldIdentity;
  /**
   * Whether the traffic that is read is the container's. The kernel is asked only when the CPU time
   * that was read has moved since the last answer: a process leaves its network by a call of its
   * own, and no other can put it elsewhere.
   */
  network(): NetworkSight | 'elsewhere';
  /** The pid namespace of the main process, such as `pid:[4026532184]`; undefined where not shown. */
  readonly pidNamespace: string | undefined;
  /** The cgroup's paths by controller, for telling other processes' memberships. */
  readonly paths: ReadonlyMap<string, string>;
  /** The folder of its pids files. */
  readonly folder: string;
  close(): void;
}

/** Why the files of this machine cannot serve. */
export interface NoCgroupSource {
  /** `absent`: the process is not (or no longer) there. `foreign`: it is not this container's. */
  readonly kind: 'absent' | 'foreign' | 'unreadable';
  readonly reason: string;
}

const figures: readonly Controller[] = ['cpuacct', 'cpu', 'memory', 'pids'];

/** The hierarchies mounted here, from /proc/self/mountinfo. */
export function readMounts(procFolder: string): CgroupMounts {
  return parseMounts(textOf(`${procFolder}/self/mountinfo`) ?? '');
}

/**
 * Opens the files of the container's cgroup, found through its main process. The process must be
 * the container's: each of its cgroups' paths must hold the container's id. So the process id that
 * a remote engine, a virtual machine or a simulator tells is never taken for a process here.
 */
export function openCgroupSource(
  procFolder: string,
  mounts: CgroupMounts,
  workload: Workload,
  witness: StillWitness,
): Result<CgroupSource, NoCgroupSource> {
  const pid = workload.mainPid;
  if (pid === undefined || !Number.isSafeInteger(pid) || pid < 1) {
    return failed({ kind: 'absent', reason: 'The engine tells no main process.' });
  }
  const membershipPath = `${procFolder}/${pid}/cgroup`;
  const held = holdFile(membershipPath);
  const length = held === undefined ? -1 : readHeld(held);
  if (held === undefined || length < 0) {
    releaseFile(held);
    return failed({ kind: 'absent', reason: `Process ${pid} is not on this machine.` });
  }
  const original = Buffer.from(heldBytes.subarray(0, length));
  const membership = parseMembership(original.toString('utf8'));
  const paths = new Map<string, string>();
  for (const controller of figures) {
    const path = membership.v1.get(controller) ?? membership.v2;
    if (path !== undefined) paths.set(controller, path);
    if (path?.includes(workload.container) === true) continue;
    releaseFile(held);
    return failed({
      kind: 'foreign',
      reason: `Process ${pid} of this machine is not in a cgroup of this container.`,
    });
  }
  const cgroup = openCgroup(mounts, membership);
  if (!cgroup.ok) {
    releaseFile(held);
    return failed({ kind: 'unreadable', reason: cgroup.error });
  }
  const blockFolder = folderOf(mounts, membership, 'blkio');
  if (blockFolder !== undefined) paths.set('blkio', blockFolder.path);
  // Nothing is read of it, and who leaves it is frozen no more.
  const freezer = membership.v1.get('freezer');
  if (freezer?.includes(workload.container) === true) paths.set('freezer', freezer);
  const network = openNetwork(procFolder, pid, workload);
  const still = witness.add(
    folderOf(mounts, membership, 'cpuacct') ?? folderOf(mounts, membership, 'cpu'),
  );
  /** The CPU time at the last look at its network, nanoseconds; never any before the first. */
  let lookedAtCpu = Number.NaN;
  let networkIsCurrent = true;
  const pidNamespace = linkOf(`${procFolder}/${pid}/ns/pid`);

  function mainProcess(file: NonNullable<typeof held>): MainProcess {
    const now = readHeld(file);
    if (now < 0) return 'gone';
    const same = now === original.length && heldBytes.compare(original, 0, now, 0, now) === 0;
    if (same) return 'inside';
    const present = parseMembership(heldBytes.toString('utf8', 0, now));
    return isWithin(present, paths) ? 'inside' : 'elsewhere';
  }

  return ok({
    read(into, whole) {
      const reading = cgroup.value.read(into, whole);
      still.wasRead();
      if (reading === 'gone') return false;
      // Who used no CPU sent nothing; what came in is seen at the next full look, seconds later.
      if (reading === 'fresh') network.read(into);
      else network.repeat(into);
      return true;
    },
    cpuNanoseconds() {
      if (still.stoodStill()) return cgroup.value.latestCpuNanoseconds();
      still.wasRead();
      return cgroup.value.cpuNanoseconds();
    },
    refreshLimits: () => cgroup.value.refreshLimits(),
    mainProcess: () => mainProcess(held),
    files: () => cgroup.value.identity(),
    network() {
      const cpu = cgroup.value.latestCpuNanoseconds();
      if (cpu !== lookedAtCpu) {
        networkIsCurrent = network.isCurrent();
        lookedAtCpu = cpu;
      }
      return networkIsCurrent ? network.sight : 'elsewhere';
    },
    pidNamespace,
    paths,
    folder: folderOf(mounts, membership, 'pids')?.folder ?? '',
    close() {
      releaseFile(held);
      still.leave();
      cgroup.value.close();
      network.close();
    },
  });
}

/** In place of {@link openCgroupSource} where a person wants the engine's API alone. */
export function declineCgroups(): Result<CgroupSource, NoCgroupSource> {
  return failed({ kind: 'foreign', reason: 'The API alone was asked for.' });
}

/** Whether a membership lies in these cgroups or beneath them, for every controller. */
export function isWithin(membership: Membership, paths: ReadonlyMap<string, string>): boolean {
  for (const [controller, path] of paths) {
    const present = membership.v1.get(controller) ?? membership.v2;
    if (present === undefined) return false;
    if (present !== path && !present.startsWith(`${path}/`)) return false;
  }
  return true;
}

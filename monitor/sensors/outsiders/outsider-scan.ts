import type { ContainerId } from '../../model/workload.ts';
import { parseMembership } from '../resource/cgroup-paths.ts';
import { isWithin } from '../resource/cgroup-source.ts';
import { textOf } from '../resource/held-file.ts';
import { linkOf } from '../resource/network-reader.ts';
import { processIds } from './process-ids.ts';
import { livingPlace, mountsOf } from './process-kin.ts';

/** The processes that belong to a container: its pid namespace, and the cgroups they should be in. */
export interface ProcessGroup {
  readonly namespace: string | undefined;
  /** Left out: the sampler looks after it more often. */
  readonly mainPid: number | undefined;
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * Looks for processes that live in a container's pid namespace and outside its cgroup, so that
 * their use is not counted. A container that shares the machine's process ids is known by its mount
 * namespace instead.
 */
export interface OutsiderScan {
  add(container: ContainerId, group: ProcessGroup): void;
  remove(container: ContainerId): void;
  /** Looks at the next part of the process table; about a quarter, so call it once a second. */
  step(): void;
  /**
   * Goes over all processes for those of these containers, a part at each step, so that others have
   * their turn in between. Returns who is outside, to be looked at again: who was not seen so before
   * counts only then.
   */
  lookFor(containers: ReadonlySet<ContainerId>): Generator<undefined, readonly string[]>;
  lookAgain(processes: readonly string[]): void;
  /** The other containers that live in its pid namespace; none in the machine's own. */
  sharers(container: ContainerId): readonly ContainerId[];
  /** How many were found, each seen outside twice. */
  outside(container: ContainerId): number;
}

/** Parts of a round over the process table. */
const stepsPerRound = 4;
/** Processes looked at in one step, at most; a machine with more takes longer for a round. */
const mostPerStep = 256;
/** Rounds after which processes of no container are looked at again, since ids are reused. */
const roundsSettled = 8;

interface Member {
  readonly container: ContainerId;
  readonly mounts: string | undefined;
  readonly paths: ReadonlyMap<string, string>;
}

/** A scan of the process table under `procFolder`, usually /proc. */
export function createOutsiderScan(procFolder: string): OutsiderScan {
  const own = linkOf(`${procFolder}/self/ns/pid`);
  const ownMounts = linkOf(`${procFolder}/self/ns/mnt`);
  const namespaces = new Map<string, Member[]>();
  const namespaceOf = new Map<ContainerId, string>();
  /** Processes in no watched namespace. A process never changes the pid namespace that it is in. */
  const settled = new Set<string>();
  const mainPids = new Map<ContainerId, string>();
  /** Seen outside once; looked at again in the next step, since a new process may just be moving in. */
  const suspects = new Set<string>();
  const found = new Map<string, ContainerId>();
  let counts = new Map<ContainerId, number>();
  let pids: readonly string[] = [];
  let listedUpTo: string | undefined;
  let cursor = 0;
  let rounds = 0;

  /**
   * Lists the processes anew where one was begun since the last list. Ended ones stay in it until
   * then: what is read of them is nothing.
   */
  function beginRound(): void {
    cursor = 0;
    rounds += 1;
    const anew = rounds % roundsSettled === 0;
    if (anew) settled.clear();
    const latest = latestProcess();
    if (!anew && latest !== undefined && latest === listedUpTo) return;
    listedUpTo = latest;
    const skipped = new Set(mainPids.values());
    pids = processIds(procFolder).filter((pid) => !skipped.has(pid));
    if (settled.size === 0 && found.size === 0) return;
    const present = new Set(pids);
    for (const pid of settled) if (!present.has(pid)) settled.delete(pid);
    for (const pid of found.keys()) if (!present.has(pid)) found.delete(pid);
  }

  /** The id that was given out last, as the kernel tells it; undefined where it does not. */
  function latestProcess(): string | undefined {
    const text = textOf(`${procFolder}/loadavg`);
    return text === undefined ? undefined : /\d+$/.exec(text.trimEnd())?.[0];
  }

  /** For a process among the machine's own; nothing is read while no container shares these. */
  function membersByMounts(pid: string, namespace: string): readonly Member[] | undefined {
    const isAmongOurs = namespace === own && [...namespaces.keys()].some(isOfMounts);
    const mounts = isAmongOurs ? mountsOf(procFolder, pid) : undefined;
    return mounts === undefined ? undefined : namespaces.get(mounts);
  }

  /** Whether it lives in one of these namespaces. Nothing else is read of whoever does not. */
  function livesIn(pid: string, asked: ReadonlySet<string>): boolean {
    const namespace = linkOf(`${procFolder}/${pid}/ns/pid`);
    if (namespace === undefined) return false;
    if (namespace !== own || ![...asked].some(isOfMounts)) return asked.has(namespace);
    return asked.has(mountsOf(procFolder, pid) ?? '');
  }

  /** Whose it is where containers share a pid namespace: each has its own view of files. */
  function ownerAmong(members: readonly Member[], pid: string): Member | undefined {
    const mounts = mountsOf(procFolder, pid);
    return members.find((member) => member.mounts !== undefined && member.mounts === mounts);
  }

  /** The container that the process belongs to and is outside of; undefined when all is well. */
  function outsideOf(pid: string): ContainerId | undefined {
    const namespace = linkOf(`${procFolder}/${pid}/ns/pid`);
    if (namespace === undefined) return undefined;
    const members = namespaces.get(namespace) ?? membersByMounts(pid, namespace);
    if (members === undefined) {
      settled.add(pid);
      return undefined;
    }
    const owner = members.length === 1 ? members[0] : ownerAmong(members, pid);
    // Where it is not known whose it is, being in the cgroup of any of them is right.
    const rightly = owner === undefined ? members : [owner];
    const isOutside = (place: string): boolean => {
      const text = textOf(`${place}/cgroup`);
      const membership = text === undefined ? undefined : parseMembership(text);
      return membership !== undefined && !rightly.some(({ paths }) => isWithin(membership, paths));
    };
    if (!isOutside(`${procFolder}/${pid}`)) return undefined;
    const place = livingPlace(procFolder, pid);
    return place !== undefined && isOutside(place) ? rightly[0]?.container : undefined;
  }

  function count(): void {
    counts = new Map();
    for (const container of found.values()) {
      counts.set(container, (counts.get(container) ?? 0) + 1);
    }
  }

  function look(pid: string): void {
    const container = outsideOf(pid);
    if (container === undefined) {
      suspects.delete(pid);
      found.delete(pid);
    } else if (suspects.delete(pid) || found.has(pid)) {
      found.set(pid, container);
    } else {
      suspects.add(pid);
    }
  }

  return {
    add(container, { namespace, mainPid, paths }) {
      this.remove(container);
      mainPids.set(container, String(mainPid));
      if (namespace === undefined) return;
      const mounts = linkOf(`${procFolder}/${mainPid}/ns/mnt`);
      const mark = namespace === own ? mounts : namespace;
      if (mark === undefined || mark === ownMounts) return;
      const members = namespaces.get(mark) ?? [];
      members.push({ container, mounts, paths });
      namespaces.set(mark, members);
      namespaceOf.set(container, mark);
      settled.clear();
    },
    remove(container) {
      mainPids.delete(container);
      listedUpTo = undefined;
      const namespace = namespaceOf.get(container);
      if (namespace === undefined) return;
      namespaceOf.delete(container);
      const rest = (namespaces.get(namespace) ?? []).filter(
        (member) => member.container !== container,
      );
      if (rest.length === 0) namespaces.delete(namespace);
      else namespaces.set(namespace, rest);
      for (const [pid, owner] of found) if (owner === container) found.delete(pid);
      counts.delete(container);
    },
    step() {
      if (namespaces.size === 0) return;
      for (const pid of [...suspects]) look(pid);
      if (cursor >= pids.length) beginRound();
      const share = Math.min(mostPerStep, Math.ceil(pids.length / stepsPerRound));
      const end = Math.min(pids.length, cursor + share);
      for (; cursor < end; cursor += 1) {
        const pid = pids[cursor];
        if (pid !== undefined && !settled.has(pid) && !suspects.has(pid)) look(pid);
      }
      count();
    },
    *lookFor(containers) {
      const asked = new Set([...containers].flatMap((each) => namespaceOf.get(each) ?? []));
      if (asked.size === 0) return [];
      const skipped = new Set(mainPids.values());
      const seen: string[] = [];
      for (const [index, pid] of processIds(procFolder).entries()) {
        if ((index + 1) % mostPerStep === 0) yield;
        if (skipped.has(pid) || !livesIn(pid, asked)) continue;
        look(pid);
        if (suspects.has(pid)) seen.push(pid);
      }
      count();
      return seen;
    },
    lookAgain(processes) {
      for (const pid of processes) look(pid);
      count();
    },
    sharers(container) {
      const members = namespaces.get(namespaceOf.get(container) ?? '') ?? [];
      return members.map((member) => member.container).filter((each) => each !== container);
    },
    outside: (container) => counts.get(container) ?? 0,
  };
}

function isOfMounts(namespace: string): boolean {
  return namespace.startsWith('mnt:');
}

/** Which standard files of a process are connections of the network, by their other ends. */
export interface Wires {
  readonly input: string | undefined;
  readonly output: string | undefined;
}

/** What is known of the processes of one sandbox, by the ids that it gives them. */
export interface SandboxProcesses {
  /** A process that was seen to be made, by one of the user `uid`. */
  born(parent: number, child: number, uid?: number): void;
  /** A process that runs a program from now on. */
  runs(pid: number, program: string, isNew?: boolean): void;
  /** A socket was connected to `peer`; where it is a standard file itself, that is one from now on. */
  connected(pid: number, descriptor: number, socket: string, peer: string): void;
  /** A standard file of the process became what is called `file`. */
  copied(pid: number, descriptor: number, file: string): void;
  /** 0 where it is not known. */
  parentOf(pid: number): number;
  /** The user of the process that made this one; root where it is not known. */
  parentUidOf(pid: number): number;
  /** What it was seen to start; undefined for what ran before anybody looked. */
  programOf(pid: number): string | undefined;
  /** Whether the file of what it runs was written since the container is watched. */
  isNewOf(pid: number): boolean;
  wiresOf(pid: number): Wires;
  /** Whether `pid` comes from `ancestor`, as far as is known. */
  descends(pid: number, ancestor: number): boolean;
}

interface Known {
  readonly parent: number;
  readonly parentUid: number;
  readonly program: string | undefined;
  readonly isNew: boolean;
  readonly wires: Wires;
}

/** Processes kept; the longest known are forgotten first. */
const mostProcesses = 4096;
/** How far up a line is followed. */
const mostAncestors = 32;
/** Connected sockets kept. */
const mostSockets = 256;

const unwired: Wires = { input: undefined, output: undefined };
const unknown: Known = {
  parent: 0,
  parentUid: 0,
  program: undefined,
  isNew: false,
  wires: unwired,
};

/** Puts an entry last, and forgets the first where there are more than `most`. */
function keepIn<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/** Knows of no process. */
export function createSandboxProcesses(): SandboxProcesses {
  const known = new Map<number, Known>();
  const peers = new Map<string, string>();

  const of = (pid: number): Known => known.get(pid) ?? unknown;
  const change = (pid: number, to: Partial<Known>): void =>
    keepIn(known, pid, { ...of(pid), ...to }, mostProcesses);

  function wire(pid: number, descriptor: number, peer: string | undefined): void {
    const { wires } = of(pid);
    if (descriptor === 0) change(pid, { wires: { ...wires, input: peer } });
    if (descriptor === 1) change(pid, { wires: { ...wires, output: peer } });
  }

  return {
    born(parent, child, uid = 0) {
      // A thread is no process of its own.
      if (child === parent) return;
      keepIn(known, child, { ...of(parent), parent, parentUid: uid }, mostProcesses);
    },
    runs: (pid, program, isNew = false) => change(pid, { program, isNew }),
    connected(pid, descriptor, socket, peer) {
      keepIn(peers, socket, peer, mostSockets);
      wire(pid, descriptor, peer);
    },
    copied: (pid, descriptor, file) => wire(pid, descriptor, peers.get(file)),
    parentOf: (pid) => of(pid).parent,
    parentUidOf: (pid) => of(pid).parentUid,
    programOf: (pid) => of(pid).program,
    isNewOf: (pid) => of(pid).isNew,
    wiresOf: (pid) => of(pid).wires,
    descends(pid, ancestor) {
      let at = pid;
      for (let i = 0; i < mostAncestors && at !== 0; i++) {
        at = of(at).parent;
        if (at === ancestor) return true;
      }
      return false;
    },
  };
}

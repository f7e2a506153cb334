/** What is known of the processes of one sandbox, by the ids that it gives them. */
export interface SandboxProcesses {
  /** A process that was seen to be made. */
  born(parent: number, child: number): void;
  /** A process that runs a program from now on. */
  runs(pid: number, program: string): void;
  /** 0 where it is not known. */
  parentOf(pid: number): number;
  /** What it was seen to start; undefined for what ran before anybody looked. */
  programOf(pid: number): string | undefined;
  /** Whether `pid` comes from `ancestor`, as far as is known. */
  descends(pid: number, ancestor: number): boolean;
}

/** Processes kept; the longest known are forgotten first. */
const mostProcesses = 4096;
/** How far up a line is followed. */
const mostAncestors = 32;

/** Knows of no process. */
export function createSandboxProcesses(): SandboxProcesses {
  const known = new Map<
    number,
    { readonly parent: number; readonly program: string | undefined }
  >();

  function keep(pid: number, parent: number, program: string | undefined): void {
    known.delete(pid);
    known.set(pid, { parent, program });
    if (known.size <= mostProcesses) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  }

  const parentOf = (pid: number): number => known.get(pid)?.parent ?? 0;

  return {
    born(parent, child) {
      // A thread is no process of its own.
      if (child !== parent) keep(child, parent, known.get(parent)?.program);
    },
    runs: (pid, program) => keep(pid, parentOf(pid), program),
    parentOf,
    programOf: (pid) => known.get(pid)?.program,
    descends(pid, ancestor) {
      let at = pid;
      for (let i = 0; i < mostAncestors && at !== 0; i++) {
        at = parentOf(at);
        if (at === ancestor) return true;
      }
      return false;
    },
  };
}

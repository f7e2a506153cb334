import { fieldKeys, keyedValues, unsignedAt } from './byte-fields.ts';
import type { CgroupFolder } from './cgroup-paths.ts';
import { heldBytes, holdFile, readHeld, releaseFile, type HeldFile } from './held-file.ts';

/**
 * Tells of many containers by one reading that they stand still. The kernel charges CPU time to a
 * cgroup and to all those around it: while that of the folder in which the engine makes its
 * containers' cgroups has not moved, none of them has used any. One of them at work, and they are
 * read one by one as ever.
 */
export interface StillWitness {
  /** Reads what lies around the containers. Called once a sweep, before they are read. */
  look(): void;
  /** Takes in a container by the folder of its CPU accounting. */
  add(accounting: CgroupFolder | undefined): StillMember;
}

/** One container of the witness. */
export interface StillMember {
  /** Whether it used no CPU from its latest reading to the latest look. False where nobody can tell. */
  stoodStill(): boolean;
  /** Its CPU time was read. */
  wasRead(): void;
  leave(): void;
}

interface Around {
  readonly file: HeldFile | undefined;
  readonly version: 1 | 2;
  members: number;
  /** CPU time by the latest look, in the unit of its file; undefined where it could not be read. */
  used: number | undefined;
}

const usageKey = fieldKeys(['usage_usec']);
const usage = new Float64Array(1);

/** A witness that knows no container. */
export function createStillWitness(): StillWitness {
  const folders = new Map<string, Around>();

  function enter(folder: string, version: 1 | 2): Around {
    const known = folders.get(folder);
    const around = known ?? {
      file: holdFile(`${folder}/${version === 1 ? 'cpuacct.usage' : 'cpu.stat'}`),
      version,
      members: 0,
      used: undefined,
    };
    around.members += 1;
    folders.set(folder, around);
    return around;
  }

  function leave(folder: string, around: Around): void {
    around.members -= 1;
    if (around.members > 0) return;
    releaseFile(around.file);
    folders.delete(folder);
  }

  return {
    look() {
      for (const around of folders.values()) around.used = usedWithin(around);
    },
    add(accounting) {
      if (accounting === undefined) return unwitnessed;
      const folder = accounting.folder.slice(0, accounting.folder.lastIndexOf('/'));
      const around = enter(folder, accounting.version);
      /** What lay around it had used so much at the look before its latest reading. */
      let usedBefore: number | undefined;
      let left = false;
      return {
        stoodStill: () => usedBefore !== undefined && usedBefore === around.used,
        wasRead() {
          usedBefore = around.used;
        },
        leave() {
          if (!left) leave(folder, around);
          left = true;
        },
      };
    },
  };
}

const unwitnessed: StillMember = {
  stoodStill: () => false,
  wasRead: () => undefined,
  leave: () => undefined,
};

function usedWithin({ file, version }: Around): number | undefined {
  const length = file === undefined ? -1 : readHeld(file);
  if (length <= 0) return undefined;
  if (version === 2) keyedValues(heldBytes, length, usageKey, usage);
  else usage[0] = unsignedAt(heldBytes, 0, length);
  const used = usage[0] ?? -1;
  return used < 0 ? undefined : used;
}

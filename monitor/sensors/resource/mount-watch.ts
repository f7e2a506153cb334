import { heldBytes, holdFile, readHeld, releaseFile } from './held-file.ts';

/**
 * Tells when something was mounted or unmounted on this machine. Only a mount can put something
 * else where a living cgroup's files are, so their paths need no look while this says no.
 */
export interface MountWatch {
  /** Whether the table of mounts differs from what it was at the last call; true the first time. */
  changed(): boolean;
  close(): void;
}

/** Watches /proc/self/mountinfo. Where it cannot be read whole, it says that something changed. */
export function createMountWatch(procFolder: string): MountWatch {
  const file = holdFile(`${procFolder}/self/mountinfo`);
  let known = Buffer.alloc(0);

  /** The kernel hands such files out a few kilobytes at a time. */
  function readAll(): number {
    let length = 0;
    while (file !== undefined && length < heldBytes.length) {
      const more = readHeld(file, length);
      if (more < 0) return -1;
      if (more === 0) return length;
      length += more;
    }
    return -1;
  }

  return {
    changed() {
      const length = readAll();
      if (length < 0) return true;
      const same = length === known.length && heldBytes.compare(known, 0, length, 0, length) === 0;
      if (!same) known = Buffer.from(heldBytes.subarray(0, length));
      return !same;
    },
    close: () => releaseFile(file),
  };
}

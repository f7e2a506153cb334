import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A process of another person's that holds the lock of a monitor. */
export interface ForeignMonitor {
  readonly pid: number;
  readonly uid: number;
}

/** As `lockFile` names it, in whatever folder that person keeps Sentra's state. */
const lockPath = /\/control\/[0-9a-f]{16}\.lock$/;

/**
 * Monitors of other people on this machine, for root, who alone may look: whoever has the file of a lock
 * open. Those in a container, with other mounts, are no monitors of this machine. Empty where there is no
 * /proc.
 */
export function monitorsOfOthers(ownUid: number, processes = '/proc'): readonly ForeignMonitor[] {
  const mounts = linkOf(join(processes, 'self', 'ns', 'mnt'));
  if (mounts === undefined) return [];
  return namesIn(processes)
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      const folder = join(processes, name);
      const uid = statSync(folder, { throwIfNoEntry: false })?.uid;
      if (uid === undefined || uid === ownUid) return [];
      if (linkOf(join(folder, 'ns', 'mnt')) !== mounts) return [];
      const files = join(folder, 'fd');
      const holds = namesIn(files).some((file) => lockPath.test(linkOf(join(files, file)) ?? ''));
      return holds ? [{ pid: Number(name), uid }] : [];
    });
}

/** A process may end while it is looked at. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

import { existsSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from './process-table.ts';

/** The mount points of all control group hierarchies, v1 and v2. Format: proc(5), `mountinfo`. */
export function cgroupMounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4])
    .filter((path) => path !== undefined);
}

/** The folders of that name at the top of each hierarchy, as far as they exist. */
export function cgroupFolders(name: string): string[] {
  return cgroupMounts()
    .map((mount) => join(mount, name))
    .filter((folder) => existsSync(folder));
}

/** A folder and all folders below it, the deepest first. */
function deepestFirst(folder: string): string[] {
  let names: string[] = [];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return [...names.flatMap((name) => deepestFirst(join(folder, name))), folder];
}

/** The processes in those folders and below. */
export function processesIn(folders: readonly string[]): Set<number> {
  const pids = new Set<number>();
  for (const folder of folders.flatMap(deepestFirst)) {
    let text = '';
    try {
      text = readFileSync(join(folder, 'cgroup.procs'), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A folder may go while it is read; a threaded one of v2 lists nothing.
      if (code !== 'ENOENT' && code !== 'ENODEV' && code !== 'EOPNOTSUPP') throw error;
    }
    for (const line of text.split('\n')) if (line !== '') pids.add(Number(line));
  }
  return pids;
}

/** Thaws what is frozen: under v1 a frozen process does not even die of SIGKILL. */
export function thaw(folders: readonly string[]): void {
  for (const folder of folders.flatMap(deepestFirst)) {
    for (const [file, word] of [
      ['freezer.state', 'THAWED'],
      ['cgroup.freeze', '0'],
    ] as const) {
      const path = join(folder, file);
      if (!existsSync(path)) continue;
      try {
        writeFileSync(path, word);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }
}

/**
 * Removes the folders of that name from every hierarchy. Gives what could not be removed within
 * five seconds: the kernel keeps a folder busy for a moment after its last process.
 */
export async function removeCgroups(name: string): Promise<string[]> {
  await waitUntil(() => {
    for (const folder of cgroupFolders(name).flatMap(deepestFirst)) {
      try {
        rmdirSync(folder);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EBUSY' && code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error;
      }
    }
    return cgroupFolders(name).length === 0;
  }, 5000);
  return cgroupFolders(name);
}

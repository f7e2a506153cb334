import { closeSync, constants, existsSync, openSync, readdirSync, writeSync } from 'node:fs';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { expectSystemError, textOf } from '../resource/held-file.ts';
import type { FreezerPlace } from './freezer-place.ts';

/** What a freezer says: `freezing` is on the way, or held up by a process that cannot freeze. */
export type FreezerState = 'frozen' | 'freezing' | 'thawed';

/** Folders of one container that are looked into for processes, at most. */
const mostFolders = 1_000;

/**
 * The freezer's state: freezer.state in v1, `frozen` of cgroup.events in v2 (docs.kernel.org,
 * cgroup-v1/freezer-subsystem and cgroup-v2). Undefined where it cannot be read.
 */
export function freezerState({ version, folder }: FreezerPlace): FreezerState | undefined {
  if (version === 2) {
    const events = textOf(`${folder}/cgroup.events`);
    if (events === undefined) return undefined;
    if (/^frozen 1$/m.test(events)) return 'frozen';
    return textOf(`${folder}/cgroup.freeze`)?.startsWith('1') === true ? 'freezing' : 'thawed';
  }
  switch (textOf(`${folder}/freezer.state`)?.trim()) {
    case 'FROZEN':
      return 'frozen';
    case 'FREEZING':
      return 'freezing';
    case 'THAWED':
      return 'thawed';
    default:
      return undefined;
  }
}

/** CPU time of all processes so far, nanoseconds; undefined where it cannot be read. */
export function cpuNanosecondsOf({ cpu }: FreezerPlace): number | undefined {
  if (cpu === undefined) return undefined;
  if (cpu.version === 1) {
    const text = textOf(`${cpu.folder}/cpuacct.usage`);
    return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
  }
  const micros = /^usage_usec (\d+)$/m.exec(textOf(`${cpu.folder}/cpu.stat`) ?? '')?.[1];
  return micros === undefined ? undefined : Number(micros) * 1000;
}

/** Asks the kernel to freeze or to thaw. Fails in words, without permission for example. */
export function setFreezer(
  { version, folder }: FreezerPlace,
  to: 'frozen' | 'thawed',
): Result<void, string> {
  return version === 1
    ? writeExisting(`${folder}/freezer.state`, to === 'frozen' ? 'FROZEN' : 'THAWED')
    : writeExisting(`${folder}/cgroup.freeze`, to === 'frozen' ? '1' : '0');
}

/** Has the kernel send SIGKILL to all of the cgroup: cgroup.kill of v2, since Linux 5.14. */
export function killByCgroup({ version, folder }: FreezerPlace): boolean {
  return version === 2 && writeExisting(`${folder}/cgroup.kill`, '1').ok;
}

/** The processes in the container's folder and in those beneath it; empty when it is gone. */
export function processesIn({ folder }: FreezerPlace): readonly number[] {
  const pids: number[] = [];
  const folders = [folder];
  for (const each of folders) {
    for (const line of (textOf(`${each}/cgroup.procs`) ?? '').split('\n')) {
      // 0 stands for a process that this pid namespace does not show.
      if (/^[1-9]\d*$/.test(line)) pids.push(Number(line));
    }
    if (folders.length < mostFolders) folders.push(...foldersIn(each));
  }
  return pids;
}

/** Whether the container's folder is still there. */
export function isThere({ folder }: FreezerPlace): boolean {
  return existsSync(folder);
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${folder}/${name}`);
  } catch (error) {
    expectSystemError(error);
    return [];
  }
}

/** Never makes a file: where the kernel has none, there is nothing to write to. */
function writeExisting(path: string, text: string): Result<void, string> {
  try {
    const descriptor = openSync(path, constants.O_WRONLY);
    try {
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    return ok(undefined);
  } catch (error) {
    expectSystemError(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return failed(`The kernel's freezer file could not be written (${code}).`);
  }
}

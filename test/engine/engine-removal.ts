import { existsSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { cgroupFolders, processesIn, removeCgroups, thaw } from './cgroup-folders.ts';
import { cgroupName } from './engine-daemon.ts';
import { ENGINE_MARK } from './engine-namespace.ts';
import { disconnectNetwork } from './engine-network.ts';
import {
  currentBootId,
  type EngineRecord,
  engineDirectory,
  isSupervised,
  readRecords,
  removeUnclaimed,
  withEngineLock,
} from './engine-record.ts';
import { removeDeadImageWork } from './image-work.ts';
import {
  hasEnvironment,
  listProcesses,
  signalProcess,
  waitUntil,
  withDescendants,
} from './process-table.ts';

/** The processes of an engine: its own, their descendants, and all in its control groups. */
function processesOf(id: string): Set<number> {
  const folders = cgroupFolders(cgroupName(id));
  const marked = listProcesses().filter(({ pid }) => hasEnvironment(pid, ENGINE_MARK, id));
  const found = withDescendants(new Set(marked.map(({ pid }) => pid)));
  for (const pid of processesIn(folders)) found.add(pid);
  found.delete(process.pid);
  return found;
}

async function killProcesses(id: string): Promise<void> {
  const folders = cgroupFolders(cgroupName(id));
  const gone = await waitUntil(
    () => {
      const pids = processesOf(id);
      for (const pid of pids) signalProcess(pid, 'SIGKILL');
      // After the signal: what is thawed first would run on for a moment.
      thaw(folders);
      return pids.size === 0;
    },
    20_000,
    10,
  );
  if (!gone) {
    const left = [...processesOf(id)].join(', ');
    throw new Error(`Processes of the test engine ${id} outlived SIGKILL for 20 s: ${left}.`);
  }
}

/** Puts back what engines share, unless another one that is alive still needs it. */
function undoShared(record: EngineRecord, others: readonly EngineRecord[]): void {
  for (const [file, before] of Object.entries(record.shared.sysctls)) {
    if (others.some(({ shared }) => file in shared.sysctls) || !existsSync(file)) continue;
    writeFileSync(file, before);
  }
  for (const directory of record.shared.directories) {
    if (others.some(({ shared }) => shared.directories.includes(directory))) continue;
    try {
      rmdirSync(directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody else uses it meanwhile, or has removed it.
      if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'EBUSY') throw error;
    }
  }
}

/**
 * Removes everything an engine made: processes, containers, mounts (they go with the last process
 * of its namespace), links, rules, control groups, files. The record goes last, so that a removal
 * that is cut short is taken up by the next run. Works on a live engine as on a dead one.
 */
export async function removeEngine(record: EngineRecord): Promise<void> {
  const { id } = record;
  if (record.bootId === currentBootId()) {
    await killProcesses(id);
    await disconnectNetwork(id);
    const busy = await removeCgroups(cgroupName(id));
    if (busy.length > 0) throw new Error(`Control groups stayed busy: ${busy.join(', ')}.`);
    await withEngineLock(() => {
      const others = readRecords().filter((other) => other.id !== id);
      undoShared(record, others);
      rmSync(engineDirectory(id), { recursive: true, force: true, maxRetries: 5 });
    });
    return;
  }
  rmSync(engineDirectory(id), { recursive: true, force: true, maxRetries: 5 });
}

/** Removes what killed runs left on this machine. Gives the ids of the engines removed. */
export async function removeLeftovers(): Promise<string[]> {
  const dead = readRecords().filter((record) => !isSupervised(record));
  for (const record of dead) await removeEngine(record);
  await withEngineLock(removeUnclaimed);
  removeDeadImageWork();
  return dead.map(({ id }) => id);
}

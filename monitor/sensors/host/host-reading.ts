import { readFile, readdir } from 'node:fs/promises';
import { cpus, loadavg, platform } from 'node:os';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** Load and memory of the machine that the monitor runs on. */
export interface HostReading {
  readonly loadPerCore: number;
  readonly memoryAvailableShare: number;
}

/**
 * Reads load and memory: from /proc where there is one, which costs microseconds, and through
 * systeminformation elsewhere. The failure says what could not be read.
 */
export async function readHost(procFolder: string): Promise<Result<HostReading, string>> {
  try {
    if (platform() === 'linux') return await readLinux(procFolder);
    const { mem, currentLoad } = await import('systeminformation');
    const memory = await mem();
    // Windows has no load average; the share of busy cores is the nearest thing.
    const loadPerCore =
      platform() === 'win32'
        ? (await currentLoad()).currentLoad / 100
        : (loadavg()[0] ?? 0) / cores();
    return ok({ loadPerCore, memoryAvailableShare: share(memory.available, memory.total) });
  } catch (error) {
    return failed(`Load and memory of this machine cannot be read: ${messageOf(error)}`);
  }
}

async function readLinux(procFolder: string): Promise<Result<HostReading, string>> {
  const load = parseLoad(await readFile(`${procFolder}/loadavg`, 'utf8'));
  const memory = parseMemory(await readFile(`${procFolder}/meminfo`, 'utf8'));
  if (load === undefined || memory === undefined) {
    return failed('Load and memory of this machine cannot be read: /proc has another form.');
  }
  return ok({ loadPerCore: load / cores(), memoryAvailableShare: memory });
}

/** The one-minute load average of /proc/loadavg, in processes; undefined where the text has none. */
export function parseLoad(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?) /.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** MemAvailable as a share of MemTotal, of /proc/meminfo. */
export function parseMemory(text: string): number | undefined {
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  if (total === undefined || available === undefined) return undefined;
  return share(Number(available), Number(total));
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

function cores(): number {
  return Math.max(1, cpus().length);
}

/**
 * Whether the machine runs on its battery; false where it has none, undefined where it cannot be
 * told. On Linux systeminformation is loaded only when there is a battery to ask about.
 */
export async function readBattery(powerFolder: string): Promise<boolean | undefined> {
  try {
    if (platform() === 'linux' && !(await hasBattery(powerFolder))) return false;
    const { battery } = await import('systeminformation');
    const found = await battery();
    return found.hasBattery && !found.acConnected;
  } catch {
    // Not knowing is an answer of its own here.
    return undefined;
  }
}

async function hasBattery(powerFolder: string): Promise<boolean> {
  const supplies = await readdir(powerFolder).catch(() => []);
  return supplies.some((name) => name.toUpperCase().includes('BAT'));
}

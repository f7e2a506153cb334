import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start, as /proc/PID/stat tells it. */
  readonly startTicks: number;
}

/** One line of the process table. */
interface ProcessLine extends ProcessIdentity {
  readonly parent: number;
  /** One letter, for example `Z` for a zombie. */
  readonly state: string;
}

/** The process's line, or `undefined` when there is no such process. Format: proc(5), `stat`. */
export function readProcess(pid: number): ProcessLine | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name stands in brackets and may itself contain blanks and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    startTicks: Number(fields[19]),
  };
}

/** Whether the very same process still runs. A zombie no longer runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = readProcess(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.state !== 'Z';
}

/** The identity of a running process. */
export function identify(pid: number): ProcessIdentity | undefined {
  const line = readProcess(pid);
  return line && { pid, startTicks: line.startTicks };
}

/** All processes of the machine that are not zombies. */
export function listProcesses(): ProcessLine[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((line) => line !== undefined)
    .filter((line) => line.state !== 'Z');
}

/** Whether `name=value` stands in the environment the process was started with. */
export function hasEnvironment(pid: number, name: string, value: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${name}=${value}`);
  } catch {
    // It has ended, or it is a thread of the kernel: either way it is not one of ours.
    return false;
  }
}

/** Those processes and everything that descends from them. */
export function withDescendants(roots: ReadonlySet<number>): Set<number> {
  const lines = listProcesses();
  const found = new Set(roots);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const line of lines) if (found.has(line.parent)) found.add(line.pid);
  }
  return found;
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks every few milliseconds until the condition holds; `false` when time ran out. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 20,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) return false;
    await sleep(everyMs);
  }
  return true;
}

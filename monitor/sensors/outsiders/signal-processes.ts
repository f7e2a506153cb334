import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessMark } from './process-kin.ts';

/** Processes signalled by one call, at most: arguments and open files have their bounds. */
const mostAtOnce = 200;
const patienceMs = 5_000;

/** What is done to a process by a signal that it cannot catch. */
export type Signal = 'kill' | 'stop' | 'continue';

/**
 * Has the program `signal-process.c` signal those of them that are still the same and have the mount
 * namespace that was seen. Gives those that were signalled, for a kill those that were seen to end; none
 * where the program is not built.
 */
export async function signalProcesses<Marked extends ProcessMark & { readonly mounts: string }>(
  signal: Signal,
  processes: readonly Marked[],
): Promise<readonly Marked[]> {
  const program = findProgram();
  if (program === undefined) return [];
  const reached: Marked[] = [];
  for (let at = 0; at < processes.length; at += mostAtOnce) {
    const some = processes.slice(at, at + mostAtOnce);
    const args = [signal, ...some.flatMap(({ pid, began, mounts }) => [pid, began, mounts])];
    const said = await new Promise<string>((resolve) => {
      // What it said counts, however it ended.
      execFile(program, args, { timeout: patienceMs }, (_, stdout) => resolve(stdout));
    });
    const lines = said.split('\n');
    reached.push(...some.filter((_, index) => lines[index] === 'done'));
  }
  return reached;
}

/** What `scripts/wall-reader.mjs` built, above the running code. */
function findProgram(from: string = import.meta.dirname): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'dist', 'sensor', 'sentra-signals');
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return undefined;
  }
}

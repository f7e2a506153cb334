import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** How `sentra watch` ended where it was to keep its state. */
export interface Ended {
  /** Undefined when it had to be ended: it had not given up by itself. */
  readonly code: number | undefined;
  readonly said: string;
}

const cli = join(import.meta.dirname, '../../monitor/cli.ts');

/** A start takes one second of these; a loop takes all of them. */
const patienceMs = 30_000;

/**
 * Runs `sentra watch` with its record below `record`, and what else it keeps below `own`. `prefix`
 * is put before the command line.
 */
export function watchWithStateAt(
  places: { readonly engine: string; readonly own: string; readonly record?: string },
  prefix: readonly string[] = [],
): Promise<Ended> {
  const { engine, own, record } = places;
  const state = record === undefined ? [] : ['--state', record];
  const [program = process.execPath, ...args] = [
    ...prefix,
    ...['env', `SENTRA_STATE=${own}`, 'XDG_RUNTIME_DIR=', process.execPath],
    ...[cli, 'watch', '--json', '--engine', `unix://${engine}`, ...state],
  ];
  return new Promise((resolve) => {
    const options = { timeout: patienceMs, killSignal: 'SIGKILL' } as const;
    execFile(program, args, options, (error, _, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ code, said: stderr });
    });
  });
}

import type { ProcessTable } from '../../engine/port.ts';
import type { ProcessEntry } from '../../model/observation.ts';

/** Processes that are kept of one table, at most. */
export const mostProcesses = 500;
/** Characters that are kept of a user's name and of a command, at most. */
const longestUser = 64;
const longestCommand = 1000;

/**
 * The processes of a table as `ps` printed it, found by the columns' titles since engines differ in
 * what they ask of `ps`. Rows without a process id are left out and counted with those beyond the
 * bound. All text is untrusted.
 */
export function processEntries(table: ProcessTable): {
  readonly processes: readonly ProcessEntry[];
  readonly omitted: number;
} {
  const column = (...names: readonly string[]): number =>
    table.titles.findIndex((title) => names.includes(title.trim().toUpperCase()));
  const pidAt = column('PID');
  const parentAt = column('PPID');
  const userAt = column('USER', 'UID', 'EUSER', 'RUSER');
  const commandAt = column('COMMAND', 'CMD', 'ARGS');
  const processes: ProcessEntry[] = [];
  let omitted = 0;
  for (const row of table.rows) {
    const pid = wholeNumber(row[pidAt]);
    if (pid === undefined || processes.length >= mostProcesses) {
      omitted += 1;
      continue;
    }
    processes.push({
      pid,
      parentPid: wholeNumber(row[parentAt]),
      user: (row[userAt] ?? '').slice(0, longestUser),
      command: (row[commandAt] ?? '').slice(0, longestCommand),
    });
  }
  return { processes, omitted };
}

function wholeNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d{1,10}$/.test(trimmed) ? Number(trimmed) : undefined;
}

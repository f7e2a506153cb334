import { z } from 'zod';
import type { CallCounts } from '../../../monitor/detect/syscalls/call-window.ts';
import { DataSetError } from './data-set-error.ts';
import { parsedFile } from './json-file.ts';
import { linesOf, numberIn } from './number-table.ts';

const row = z.number().int().nonnegative();
const labels = z.record(
  z.string(),
  z.object({
    application: z.string(),
    containers: z.record(
      z.string(),
      // An attack that never succeeds may have a negative row.
      z.object({ attack_start: row, attack_success: z.number().int(), test_rows: row }),
    ),
  }),
);

/** Where the attack on one container lies, in rows of its test file. */
export interface TraceLabel {
  readonly cve: string;
  readonly application: string;
  readonly container: string;
  readonly attackStart: number;
  readonly attackSuccess: number;
  readonly testRows: number;
}

/** The traces of a half; an error that names the file where there is none. */
export function readTraceLabels(path: string): readonly TraceLabel[] {
  const known = parsedFile(labels, path);
  const traces = Object.entries(known).flatMap(([cve, { application, containers }]) =>
    Object.entries(containers).map(([container, of]) => ({
      cve,
      application,
      container,
      attackStart: of.attack_start,
      attackSuccess: of.attack_success,
      testRows: of.test_rows,
    })),
  );
  if (traces.length === 0) throw new DataSetError(`${path} names no traces.`);
  return traces;
}

/**
 * The rows of a trace, one per 100 ms, in order; `names` are the calls by number. An error that names
 * file and line where one is not a number and counts of calls.
 */
export function readTrace(path: string, names: readonly string[]): readonly CallCounts[] {
  const rows = linesOf(path).map((line, index) => {
    const counts: Record<string, number> = {};
    const [number, cells = ''] = line.split('\t');
    numberIn(path, index + 1, number);
    for (const cell of cells.split(' ')) {
      if (cell === '') continue;
      const colon = cell.indexOf(':');
      const name = names[Number(cell.slice(0, colon))];
      if (colon <= 0 || name === undefined) {
        throw new DataSetError(`${path}, line ${index + 1}: "${cell}" is no count of a call.`);
      }
      counts[name] = numberIn(path, index + 1, cell.slice(colon + 1));
    }
    return { at: (index + 1) * 100, intervalMs: 100, counts };
  });
  if (rows.length === 0) throw new DataSetError(`${path} has no rows.`);
  return rows;
}

/** The names of calls by number. */
export function readCallNames(path: string): readonly string[] {
  return parsedFile(z.array(z.string()), path);
}

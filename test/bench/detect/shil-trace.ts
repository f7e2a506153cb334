import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { CallCounts } from '../../../monitor/detect/syscalls/call-window.ts';

const labels = z.record(
  z.string(),
  z.object({
    application: z.string(),
    containers: z.record(
      z.string(),
      z.object({
        attack_start: z.number(),
        attack_success: z.number(),
        test_rows: z.number(),
      }),
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

/** The traces of a half. */
export function readTraceLabels(file: string): readonly TraceLabel[] {
  const known = labels.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(known).flatMap(([cve, { application, containers }]) =>
    Object.entries(containers).map(([container, of]) => ({
      cve,
      application,
      container,
      attackStart: of.attack_start,
      attackSuccess: of.attack_success,
      testRows: of.test_rows,
    })),
  );
}

/** The rows of a trace, one per 100 ms, in order; `names` are the calls by number. */
export function* readTrace(file: string, names: readonly string[]): Generator<CallCounts> {
  let row = 0;
  for (const line of gunzipSync(readFileSync(file)).toString().split('\n')) {
    if (line === '') continue;
    row += 1;
    const counts: Record<string, number> = {};
    const cells = line.slice(line.indexOf('\t') + 1);
    if (cells !== '') {
      for (const cell of cells.split(' ')) {
        const colon = cell.indexOf(':');
        const name = names[Number(cell.slice(0, colon))];
        if (name !== undefined) counts[name] = Number(cell.slice(colon + 1));
      }
    }
    yield { at: row * 100, intervalMs: 100, counts };
  }
}

/** The names of calls by number. */
export function readCallNames(file: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
}

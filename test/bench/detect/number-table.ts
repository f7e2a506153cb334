import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DataSetError } from './data-set-error.ts';

/** The text of a file, unpacked where its name ends in .gz; an error that names it where that fails. */
export function textOf(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataSetError(`${path} cannot be read: ${reason}.`, { cause: error });
  }
}

/** The lines of a file that are not empty. */
export function linesOf(path: string): readonly string[] {
  return textOf(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}

/** The lines of a table without its heading, each cut at `separator`; an error where it has none. */
export function rowsOf(path: string, separator: ',' | '\t'): readonly (readonly string[])[] {
  const rows = linesOf(path).slice(1);
  if (rows.length === 0) throw new DataSetError(`${path} has no rows.`);
  return rows.map((line) => line.split(separator));
}

/** A cell as a number; an error that names file and line where it is none. */
export function numberIn(path: string, line: number, cell: string | undefined): number {
  const value = cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell);
  if (!Number.isFinite(value)) {
    throw new DataSetError(`${path}, line ${line}: "${cell ?? ''}" is no number.`);
  }
  return value;
}

/** A table of numbers, with or without a heading; every row as long as the first. */
export function numbersIn(path: string): readonly (readonly number[])[] {
  const lines = linesOf(path);
  const first = lines[0]?.split(',') ?? [];
  const heading = first.every((cell) => !Number.isFinite(Number(cell))) ? 1 : 0;
  const rows = lines
    .slice(heading)
    .map((line, at) => line.split(',').map((cell) => numberIn(path, at + heading + 1, cell)));
  const width = rows[0]?.length;
  if (width === undefined) throw new DataSetError(`${path} has no rows.`);
  rows.forEach((row, at) => {
    if (row.length === width) return;
    throw new DataSetError(
      `${path}, line ${at + heading + 1}: ${row.length} numbers in place of ${width}.`,
    );
  });
  return rows;
}

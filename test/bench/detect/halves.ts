import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DataSetError } from './data-set-error.ts';

/** One half of a data set: the development half, another one, or the whole of a set without halves. */
export interface Half {
  readonly name: string;
  readonly folder: string;
}

/** The folders that hold the file `marker`, `data` itself or directly below it, by name; may be none. */
export function halvesWith(marker: string, data: string): readonly Half[] {
  if (existsSync(join(data, marker))) return [{ name: basename(data), folder: data }];
  return readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(data, entry.name, marker)))
    .map((entry) => ({ name: entry.name, folder: join(data, entry.name) }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** The same, where none is an error that says what was looked for. */
export function halvesOrError(marker: string, data: string): readonly Half[] {
  const halves = halvesWith(marker, data);
  if (halves.length === 0) {
    throw new DataSetError(
      `${data} holds no "${marker}", neither itself nor in a folder directly below.`,
    );
  }
  return halves;
}

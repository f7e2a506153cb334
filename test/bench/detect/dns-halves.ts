import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One half of a data set: the development half, another one, or a set that has no halves. */
export interface Half {
  readonly name: string;
  readonly folder: string;
}

/** The folders in or below `data` that hold `marker`, by name; throws when there are none. */
export function halvesOf(data: string, marker: string): readonly Half[] {
  if (existsSync(join(data, marker))) return [{ name: basename(data), folder: data }];
  const halves = readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(data, entry.name, marker)))
    .map((entry) => ({ name: entry.name, folder: join(data, entry.name) }))
    .sort((one, other) => one.name.localeCompare(other.name));
  if (halves.length === 0) throw new Error(`No ${marker} in ${data}, nor in a folder of it.`);
  return halves;
}

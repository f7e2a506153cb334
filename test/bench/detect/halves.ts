import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** One half of a data set: the development half, another one, or the whole of a set without halves. */
export interface Half {
  readonly name: string;
  readonly folder: string;
}

/** What lies in a folder, by name; nothing where it is none, or cannot be read. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/**
 * Where each of the sets `names` lies: every folder of its name at most two levels below `data`, and one
 * only once, whatever links lead to it. Where none is there, `data` itself may be a set, or a half in one.
 */
export function placesOf(
  names: readonly string[],
  data: string,
): ReadonlyMap<string, readonly string[]> {
  const parents = [data, ...namesIn(data).map((name) => join(data, name))];
  const places = new Map<string, readonly string[]>();
  for (const name of names) {
    const folders = parents.map((parent) => join(parent, name)).filter((path) => existsSync(path));
    const real = folders.map((path) => realpathSync(path));
    const distinct = folders.filter((_, at) => real.indexOf(real[at] ?? '') === at);
    if (distinct.length > 0) places.set(name, distinct);
  }
  if (places.size > 0) return places;
  const path = resolve(data);
  const itself = [basename(path), basename(dirname(path))];
  return new Map(names.filter((name) => itself.includes(name)).map((name) => [name, [path]]));
}

/** The folders that hold the file `marker`, `folder` itself or directly below it, by name; may be none. */
function halvesIn(marker: string, folder: string): readonly Half[] {
  if (existsSync(join(folder, marker))) return [{ name: basename(folder), folder }];
  // A half may be a link to a folder.
  return namesIn(folder)
    .filter((name) => existsSync(join(folder, name, marker)))
    .map((name) => ({ name, folder: join(folder, name) }));
}

/** The halves in all of a set's folders; those of equal names are called by their paths below `data`. */
export function halvesOf(
  marker: string,
  folders: readonly string[],
  data: string,
): readonly Half[] {
  const halves = folders.flatMap((folder) => halvesIn(marker, folder));
  const isOnly = ({ name }: Half): boolean =>
    halves.filter((other) => other.name === name).length === 1;
  return halves.map((half) =>
    isOnly(half) ? half : { ...half, name: relative(data, half.folder).split(sep).join('-') },
  );
}

import { copyFileSync, readFileSync, statSync, type Stats } from 'node:fs';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** Copies beyond so many take the place of the oldest. */
const mostKept = 9;

/**
 * Keeps what stands in the file at `path` beside it: as `.not-read`, or `.not-read.2` and so on where
 * earlier copies are. What is kept already is not kept twice. The value is where the copy is, the error
 * a sentence.
 */
export function setAside(path: string): Result<string, string> {
  try {
    const places = Array.from({ length: mostKept }, (_, index) => placeOf(path, index + 1));
    const same = places.find(({ place, status }) => status?.isFile() && isSame(path, place));
    if (same !== undefined) return ok(same.place);
    const { place } = places.find(({ status }) => status?.isFile() !== true) ?? oldestOf(places);
    copyFileSync(path, place);
    return ok(place);
  } catch (error) {
    return failed(
      `The egress lists: what stands in ${path} is not understood, and could not be set aside: ${messageOf(error)}`,
    );
  }
}

interface Place {
  readonly place: string;
  /** Undefined where nothing is there. */
  readonly status: Stats | undefined;
}

function placeOf(path: string, number: number): Place {
  const place = `${path}.not-read${number === 1 ? '' : `.${number}`}`;
  return { place, status: statSync(place, { throwIfNoEntry: false }) };
}

function oldestOf(places: readonly Place[]): Place {
  return places.reduce((oldest, each) =>
    (each.status?.mtimeMs ?? 0) < (oldest.status?.mtimeMs ?? 0) ? each : oldest,
  );
}

function isSame(one: string, other: string): boolean {
  return (
    statSync(one).size === statSync(other).size && readFileSync(one).equals(readFileSync(other))
  );
}

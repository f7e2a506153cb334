import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failed, ok, type Result } from '../../runtime/result.ts';

/**
 * Programs of Sentra's own: they read walls, try them, hear names behind addresses, hold, explain, and
 * keep a resolver from waiting for whoever reads its log.
 */
export type WallProgram =
  | 'sentra-walls'
  | 'sentra-wall-probe'
  | 'sentra-names'
  | 'sentra-holds'
  | 'sentra-explains'
  | 'sentra-loose-log';

/** Finds what `scripts/wall-reader.mjs` built, above the running code; else says what to do. */
export function findWallProgram(
  name: WallProgram,
  from: string = import.meta.dirname,
): Result<string, string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'dist', 'sensor', name);
    if (existsSync(path)) return ok(path);
    if (folder === dirname(folder)) break;
  }
  return failed(`The program ${name} is not built: install clang, and start Sentra again.`);
}

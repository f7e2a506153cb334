import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The drill's own program, compiled into a folder of its own. */
export interface DrillProgram {
  readonly path: string;
  /** Removes it. */
  remove(): void;
}

/** Compiles drill.c, static, so that it runs in any container. Throws with what the compiler says. */
export function buildDrill(): DrillProgram {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-drill-'));
  const path = join(folder, 'drill');
  const source = join(import.meta.dirname, 'drill.c');
  const built = spawnSync('clang', ['-O1', '-Wall', '-static', '-o', path, source], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`The drill was not built: ${built.stderr}`);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

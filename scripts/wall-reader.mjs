import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, runScript } from './project.mjs';
import { findProgram } from './system-packages.mjs';

const SOURCES = join(root, 'monitor', 'egress', 'kernel');
const FOLDER = join(root, 'dist', 'sensor');

function sourcesStamp() {
  const hash = createHash('sha256').update(process.arch);
  for (const name of readdirSync(SOURCES).sort()) {
    hash.update(name).update(readFileSync(join(SOURCES, name)));
  }
  return hash.digest('hex');
}

/**
 * Builds the program that reads walls into dist/sensor, when one of its sources has changed. It needs
 * no library where it runs. Gives the reason when that is not possible, else undefined.
 */
export function ensureWallReader(say = (text) => process.stderr.write(`${text}\n`)) {
  if (process.platform !== 'linux') return `it needs Linux, not ${process.platform}`;
  const program = join(FOLDER, 'sentra-walls');
  const stampFile = join(FOLDER, '.walls-built-from');
  const stamp = sourcesStamp();
  const isBuilt = existsSync(stampFile) && existsSync(program);
  if (isBuilt && readFileSync(stampFile, 'utf8') === stamp) return undefined;
  if (findProgram('clang') === undefined || !existsSync('/usr/include/stdio.h')) {
    return 'clang is needed to build it (Debian: clang libc6-dev)';
  }
  mkdirSync(FOLDER, { recursive: true });
  const aside = `${program}-${process.pid}`;
  try {
    const { status, stderr, error } = spawnSync(
      'clang',
      ['-O2', '-static', '-Wall', '-Wextra', '-Werror', 'wall-reader.c', '-o', aside],
      { cwd: SOURCES, encoding: 'utf8' },
    );
    if (status !== 0) {
      const said = (stderr ?? error?.message ?? '').trim().split('\n').slice(0, 3).join(' ');
      return `clang failed: ${said}`;
    }
    renameSync(aside, program);
    writeFileSync(stampFile, stamp);
  } finally {
    rmSync(aside, { force: true });
  }
  say('The program that reads walls is built.');
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    const reason = ensureWallReader();
    if (reason !== undefined) process.stderr.write(`${reason}\n`);
    return reason === undefined ? 0 : 1;
  });
}

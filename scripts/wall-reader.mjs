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

const WALLS = join(root, 'monitor', 'egress', 'kernel');
const OUTSIDERS = join(root, 'monitor', 'sensors', 'outsiders', 'kernel');
const FOLDER = join(root, 'dist', 'sensor');

function sourcesStamp() {
  const hash = createHash('sha256').update(process.arch);
  for (const folder of [WALLS, OUTSIDERS]) {
    for (const name of readdirSync(folder).sort()) {
      hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex');
}

const PROGRAMS = {
  'sentra-walls': join(WALLS, 'wall-reader.c'),
  'sentra-wall-probe': join(WALLS, 'wall-probe.c'),
  'sentra-names': join(WALLS, 'name-listener.c'),
  'sentra-holds': join(WALLS, 'hold.c'),
  'sentra-explains': join(WALLS, 'explain.c'),
  'sentra-loose-log': join(WALLS, 'loose-log.c'),
  'sentra-signals': join(OUTSIDERS, 'signal-process.c'),
};

function compile(source, program) {
  const { status, stderr, error } = spawnSync(
    'clang',
    ['-O2', '-static', '-Wall', '-Wextra', '-Werror', source, '-o', program],
    { encoding: 'utf8' },
  );
  if (status === 0) return undefined;
  return `clang failed: ${(stderr ?? error?.message ?? '').trim().split('\n').slice(0, 3).join(' ')}`;
}

/**
 * Builds the programs that read walls, try them and signal processes into dist/sensor, when one of their sources has
 * changed. They need no library where they run. Gives the reason when that is not possible, else
 * undefined.
 */
export function ensureWallReader(say = (text) => process.stderr.write(`${text}\n`)) {
  if (process.platform !== 'linux') return `it needs Linux, not ${process.platform}`;
  const stampFile = join(FOLDER, '.walls-built-from');
  const stamp = sourcesStamp();
  const names = Object.keys(PROGRAMS);
  const isBuilt = [stampFile, ...names.map((name) => join(FOLDER, name))].every((file) =>
    existsSync(file),
  );
  if (isBuilt && readFileSync(stampFile, 'utf8') === stamp) return undefined;
  if (findProgram('clang') === undefined || !existsSync('/usr/include/stdio.h')) {
    return 'clang is needed to build it (Debian: clang libc6-dev)';
  }
  const aside = join(FOLDER, `.walls-${process.pid}`);
  mkdirSync(aside, { recursive: true });
  try {
    for (const [name, source] of Object.entries(PROGRAMS)) {
      const failure = compile(source, join(aside, name));
      if (failure !== undefined) return failure;
    }
    for (const name of names) renameSync(join(aside, name), join(FOLDER, name));
    writeFileSync(stampFile, stamp);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  say('The programs that read and try walls, and signal processes, are built.');
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    const reason = ensureWallReader();
    if (reason !== undefined) process.stderr.write(`${reason}\n`);
    return reason === undefined ? 0 : 1;
  });
}

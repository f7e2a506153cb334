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

const SOURCES = join(root, 'monitor', 'sensors', 'syscalls', 'kernel');
const RECEIVER = join(root, 'monitor', 'sensors', 'gvisor', 'receiver');
const FOLDER = join(root, 'dist', 'sensor');
const TARGETS = { x64: ['x86', 'x86_64-linux-gnu'], arm64: ['arm64', 'aarch64-linux-gnu'] };

function sourcesStamp() {
  const hash = createHash('sha256').update(process.arch);
  for (const folder of [SOURCES, RECEIVER]) {
    for (const name of readdirSync(folder).sort()) {
      hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex');
}

function compile(args) {
  const { status, stderr, error } = spawnSync('clang', args, { cwd: SOURCES, encoding: 'utf8' });
  if (status === 0) return undefined;
  return `clang failed: ${(stderr ?? error?.message ?? '').trim().split('\n').slice(0, 3).join(' ')}`;
}

/**
 * Builds the sensor that counts system calls in the kernel, with its loader, and the receiver of what
 * gVisor tells, into dist/sensor, when
 * one of its sources has changed. Gives the reason when that is not possible, else undefined.
 */
export function ensureKernelSensor(say = (text) => process.stderr.write(`${text}\n`)) {
  const target = TARGETS[process.arch];
  if (process.platform !== 'linux' || target === undefined) {
    return `it needs Linux on x86-64 or arm64, not ${process.platform} on ${process.arch}`;
  }
  const stampFile = join(FOLDER, '.built-from');
  const stamp = sourcesStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return undefined;
  if (findProgram('clang') === undefined || !existsSync('/usr/include/bpf/libbpf.h')) {
    return 'clang and libbpf are needed to build it (Debian: clang libbpf-dev libelf-dev zlib1g-dev)';
  }
  const begin = Date.now();
  const aside = `${FOLDER}-${process.pid}`;
  mkdirSync(aside, { recursive: true });
  const [name, triple] = target;
  const object = join(aside, 'syscalls.bpf.o');
  const loader = join(aside, 'sentra-syscalls');
  try {
    const failure =
      compile([
        ...['-O2', '-g', '-Wall', '-Werror', '-target', 'bpf', '-mcpu=v3'],
        ...[`-D__TARGET_ARCH_${name}`, `-I/usr/include/${triple}`],
        ...['-c', 'syscalls.bpf.c', '-o', object],
      ]) ??
      compile([
        ...['-O2', '-Wall', '-Wextra', '-Werror', 'loader.c', '-o', loader],
        ...['-lbpf', '-lelf', '-lz'],
      ]) ??
      compile([
        ...['-O2', '-Wall', '-Wextra', '-Werror', join(RECEIVER, 'receiver.c')],
        ...['-o', join(aside, 'sentra-gvisor'), '-lpthread'],
      ]);
    if (failure !== undefined) return failure;
    mkdirSync(FOLDER, { recursive: true });
    for (const file of ['syscalls.bpf.o', 'sentra-syscalls', 'sentra-gvisor']) {
      renameSync(join(aside, file), join(FOLDER, file));
    }
    writeFileSync(stampFile, stamp);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  say(`The kernel sensor is built (${Date.now() - begin} ms).`);
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    const reason = ensureKernelSensor();
    if (reason === undefined) return 0;
    process.stderr.write(`The kernel sensor could not be built: ${reason}.\n`);
    return 1;
  });
}

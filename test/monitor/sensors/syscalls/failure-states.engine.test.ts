import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { startLineProcess } from '../../../../monitor/runtime/line-process.ts';
import { ok } from '../../../../monitor/runtime/result.ts';
import type { KernelLine } from '../../../../monitor/sensors/syscalls/kernel-line.ts';
import { findKernelProgram } from '../../../../monitor/sensors/syscalls/kernel-program.ts';
import {
  createKernelSensor,
  type KernelSensor,
  type KernelState,
} from '../../../../monitor/sensors/syscalls/kernel-sensor.ts';
import { syscallsSight } from '../../../../monitor/sensors/syscalls/syscalls-sight.ts';
import { until } from '../fake-engine.ts';
import { describeAsRoot } from '../real-cgroup.ts';

const sources = join(import.meta.dirname, '../../../../monitor/sensors/syscalls/kernel');

/** The folder of its target's headers, and its name to libbpf. */
const target =
  process.arch === 'arm64'
    ? { headers: 'aarch64-linux-gnu', name: 'arm64' }
    : { headers: 'x86_64-linux-gnu', name: 'x86' };

describeAsRoot(['engine', 'kernel-sensor'], 'The kernel sensor as it is built', () => {
  let folder: string;
  let sensor: KernelSensor | undefined;
  let states: KernelState[];
  let lines: KernelLine[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-failures-'));
    states = [];
    lines = [];
  });

  afterEach(async () => {
    await sensor?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The kernel's program with `change` made to one of its files. */
  function programWith(file: string, change: (text: string) => string): string {
    const copy = join(folder, 'kernel');
    cpSync(sources, copy, { recursive: true });
    const text = readFileSync(join(copy, file), 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(join(copy, file), change(text));
    const object = join(folder, 'changed.bpf.o');
    execFileSync(
      'clang',
      [
        ...['-O2', '-g', '-target', 'bpf', '-mcpu=v3', `-D__TARGET_ARCH_${target.name}`],
        ...[`-I/usr/include/${target.headers}`, '-c', 'syscalls.bpf.c', '-o', object],
      ],
      { cwd: copy },
    );
    return object;
  }

  /** Starts the real loader where `surroundings` has been run first, with its own program or another. */
  function startWhere(surroundings: string, by = '', object?: string): void {
    const built = findKernelProgram();
    if (!built.ok) throw new Error(built.error);
    const loader = join(folder, 'loader');
    const inside = `${surroundings}; exec ${by} "$0" "$1"`;
    writeFileSync(
      loader,
      `#!/bin/sh\nexec unshare -m sh -c '${inside}' ${built.value.loader} ${object ?? built.value.object}\n`,
    );
    chmodSync(loader, 0o755);
    sensor = createKernelSensor({
      start: () => ok(startLineProcess(loader)),
      clock: systemClock,
      logger: silentLogger,
      onLine: (line) => lines.push(line),
      onState: (state) => states.push(state),
    });
    // Of no cgroup: nothing is to be counted but the loader's own calls, by which it proves itself.
    sensor.add('999999999999');
  }

  async function failure(): Promise<string> {
    await until('the failure', () => states.some(({ name }) => name === 'failed'), 60_000);
    const state = states.find((each) => each.name === 'failed');
    // What the container's badge says is this and nothing else.
    const evidence = {
      taken: 'asked',
      askedAt: 0,
      windowAt: undefined,
      lostAt: undefined,
    } as const;
    expect(syscallsSight(sensor!.state(), undefined, evidence, undefined, 0)).toEqual({
      state: 'blind',
      reason: state?.reason,
    });
    return state?.reason ?? '';
  }

  async function running(): Promise<void> {
    const beats = (): boolean => lines.some((line) => line.kind === 'window' && line.beats > 0);
    await until('a window with a proof that it runs', beats, 60_000);
    expect(states).toEqual([{ name: 'running' }]);
  }

  test('needs no tracing file system', async () => {
    startWhere('umount -l /sys/kernel/tracing /sys/kernel/debug 2>/dev/null; true');
    await running();
  });

  test('runs also where its program has constants and variables of its own', async () => {
    const own = (text: string): string =>
      text.replace('struct control control', 'const volatile __u32 more = 1;\n__u64 own;\n$&');
    startWhere('true', '', programWith('syscalls.bpf.c', own));
    await running();
  });

  test.each([
    ['its settings', '#define NUMBERS 512', '#define NUMBERS 1024'],
    ['what they share', '#define CONTAINERS 512', '#define CONTAINERS 256'],
    ['what it hands over', '#define NAMES 10', '#define NAMES 9'],
  ])('beside a program that has another form of %s says so', async (_, usual, other) => {
    const object = programWith('shared.h', (text) => text.replace(usual, other));
    startWhere('true', '', object);
    expect(await failure()).toContain('do not fit');
  });

  test('on a kernel without descriptions of its types says so', async () => {
    startWhere('mount -t tmpfs none /sys/kernel/btf');
    expect(await failure()).toContain('This kernel does not describe its types');
  });

  test('without the capabilities says which it needs', async () => {
    startWhere('true', 'setpriv --bounding-set -all --inh-caps -all --');
    expect(await failure()).toContain('BPF and PERFMON, or SYS_ADMIN');
  });

  test('that was never built says what to install', () => {
    const elsewhere = join(folder, 'monitor');
    mkdirSync(elsewhere);
    const found = findKernelProgram(elsewhere);
    expect(found).toMatchObject({ ok: false, error: expect.stringContaining('clang') as string });
  });
});

import { mkdirSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

  /** Starts the real loader where `surroundings` has been run first. */
  function startWhere(surroundings: string, by = ''): void {
    const built = findKernelProgram();
    if (!built.ok) throw new Error(built.error);
    const loader = join(folder, 'loader');
    const inside = `${surroundings}; exec ${by} "$0" "$1"`;
    writeFileSync(
      loader,
      `#!/bin/sh\nexec unshare -m sh -c '${inside}' ${built.value.loader} ${built.value.object}\n`,
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

  test('needs no tracing file system', async () => {
    startWhere('umount -l /sys/kernel/tracing /sys/kernel/debug 2>/dev/null; true');
    const beats = (): boolean => lines.some((line) => line.kind === 'window' && line.beats > 0);
    await until('a window with a proof that it runs', beats, 60_000);
    expect(states).toEqual([{ name: 'running' }]);
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

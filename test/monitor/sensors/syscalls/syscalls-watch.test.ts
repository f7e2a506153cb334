import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { failed, ok } from '../../../../monitor/runtime/result.ts';
import { startLineProcess } from '../../../../monitor/runtime/line-process.ts';
import type { KernelLine } from '../../../../monitor/sensors/syscalls/kernel-line.ts';
import {
  createKernelSensor,
  type KernelSensor,
  type KernelState,
} from '../../../../monitor/sensors/syscalls/kernel-sensor.ts';
import {
  syscallsSight,
  type SyscallsEvidence,
} from '../../../../monitor/sensors/syscalls/syscalls-sight.ts';
import { until } from '../fake-engine.ts';

const evidence: SyscallsEvidence = {
  taken: 'yes',
  askedAt: 0,
  windowAt: 99_000,
  lostAt: undefined,
};
const inside = { mainProcess: 'inside', outside: 0 } as const;

describe('The badge of system calls', () => {
  const sight = (
    change: Partial<SyscallsEvidence>,
    kernel: KernelState = { name: 'running' },
    beatAt: number | undefined = 99_000,
    resource: Parameters<typeof syscallsSight>[3] = inside,
  ) => syscallsSight(kernel, beatAt, { ...evidence, ...change }, resource, 100_000);

  test('sees while windows come and the program proves that it runs', () => {
    expect(sight({})).toEqual({ state: 'seeing' });
    expect(sight({ windowAt: undefined, askedAt: 99_500 })).toEqual({ state: 'starting' });
  });

  test.each([
    ['nothing comes any more', sight({ windowAt: 94_000 }), 'blind', 'told nothing'],
    ['nothing ever came', sight({ windowAt: undefined }), 'blind', 'told nothing'],
    [
      'the program is gone from the kernel',
      sight({}, undefined, 90_000),
      'blind',
      'no longer runs',
    ],
    ['the sensor failed', sight({}, { name: 'failed', reason: 'Not root.' }), 'blind', 'Not root.'],
    ['there is no room', sight({ taken: 'no-room' }), 'blind', 'no room'],
    ['events were lost', sight({ lostAt: 80_000 }), 'partly', 'not all told'],
    [
      'processes left the cgroup',
      sight({}, undefined, undefined, { mainProcess: 'inside', outside: 2 }),
      'partly',
      'outside its cgroup',
    ],
  ])('says so when %s', (_, seen, state, reason) => {
    expect(seen).toEqual({ state, reason: expect.stringContaining(reason) as string });
  });
});

describe('The loader', () => {
  let folder: string;
  let sensor: KernelSensor;
  let states: KernelState[];
  let lines: KernelLine[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-loader-'));
    states = [];
    lines = [];
  });

  afterEach(async () => {
    await sensor.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A sensor whose loader is a shell script. */
  function withLoader(script: string, silentMs?: number): void {
    const loader = join(folder, 'loader');
    writeFileSync(loader, `#!/bin/sh\n${script}\n`);
    chmodSync(loader, 0o755);
    start(() => ok(startLineProcess(loader, ['program'])), silentMs);
  }

  function start(
    begin: Parameters<typeof createKernelSensor>[0]['start'],
    silentMs = 60_000,
  ): void {
    sensor = createKernelSensor({
      start: begin,
      silentMs,
      clock: systemClock,
      logger: silentLogger,
      onLine: (line) => lines.push(line),
      onState: (state) => states.push(state),
    });
  }

  test('that is not there leaves the sensor blind, with what to do', async () => {
    start(() => failed('Install clang.'));
    sensor.add('1');
    await until('the failure', () => states.length > 0, 60_000);
    expect(states).toEqual([{ name: 'failed', reason: 'Install clang.' }]);
  });

  test('whose program the kernel refuses tells why', async () => {
    withLoader(`echo '{"kind":"failed","reason":"The kernel refuses it."}'; exit 1`);
    sensor.add('1');
    await until('the failure', () => states.length > 0, 60_000);
    expect(states[0]).toEqual({ name: 'failed', reason: 'The kernel refuses it.' });
  });

  test('that dies is started again, and told again what to watch', async () => {
    withLoader(
      `echo '{"kind":"ready"}'; read -r _ id; echo "{\\"kind\\":\\"added\\",\\"cgroup\\":\\"$id\\"}"`,
    );
    sensor.add('4711');
    const added = () => lines.filter((line) => line.kind === 'added');
    await until('a second life', () => added().length >= 2, 60_000);
    expect(added()[1]).toEqual({ kind: 'added', cgroup: '4711' });
    expect(states.map(({ name }) => name)).toContain('failed');
  });

  test('that lives and says nothing more is ended, told of as blind, and started again', async () => {
    withLoader(`echo '{"kind":"ready"}'; exec sleep 1000`, 1_000);
    sensor.add('1');
    await until('ready', () => states.some(({ name }) => name === 'running'), 60_000);
    const first = sensor.pid();
    await until('the end of the first', () => states.some(({ name }) => name === 'failed'), 60_000);
    expect(states.at(1)).toEqual({
      name: 'failed',
      reason: 'Its loader told nothing for 1 s, and was ended.',
    });
    await until('a second', () => states.at(-1)?.name === 'running', 60_000);
    expect(sensor.pid()).not.toBe(first);
    expect(() => process.kill(first ?? 0, 0)).toThrow();
  });

  test('that goes on speaking is left alone', async () => {
    withLoader(`while sleep 0.2; do echo '{"kind":"ready"}'; done`, 1_000);
    sensor.add('1');
    await until('ready', () => states.some(({ name }) => name === 'running'), 60_000);
    const first = sensor.pid();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(sensor.pid()).toBe(first);
    expect(states.map(({ name }) => name)).toEqual(['running']);
  });

  test('that writes what is not understood is listened to on the next line', async () => {
    withLoader(`printf '\\377\\n{"kind":"gift"}\\n'; echo '{"kind":"ready"}'; cat >/dev/null`);
    sensor.add('1');
    await until('ready', () => states.some(({ name }) => name === 'running'), 60_000);
  });
});

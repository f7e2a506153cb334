import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findSandbox, maySandbox } from '../../../../monitor/sensors/gvisor/gvisor-sandbox.ts';

describe('A main process that runs the machine’s own runsc', () => {
  let folder: string;
  let runsc: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-sandbox-'));
    runsc = join(folder, 'runsc');
    writeFileSync(runsc, '');
    mkdirSync(join(folder, '42'));
    symlinkSync(runsc, join(folder, '42', 'exe'));
    writeFileSync(join(folder, '42', 'cmdline'), 'runsc-sandbox\0--root=/run/moby\0boot\0');
    writeFileSync(join(folder, '42', 'status'), 'Name:\texe\nPPid:\t41\n');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const find = (runtime: string) => findSandbox(folder, { mainPid: 42, runtime });

  test.each(['runsc', 'gvisor', 'io.containerd.runsc.v1'])(
    'is a sandbox where the engine runs it by %s',
    (runtime) => {
      expect(find(runtime)).toEqual({ pid: 42, parentPid: 41, runsc, stateRoot: '/run/moby' });
    },
  );

  test('is one to ask the helper about, by its name and its runtime alone', () => {
    const may = (runtime: string): boolean => maySandbox(folder, { mainPid: 42, runtime });
    expect(may('runsc')).toBe(true);
    expect(may('runc')).toBe(false);
    writeFileSync(join(folder, '42', 'cmdline'), 'sleep\0runsc-sandbox\0');
    expect(may('runsc')).toBe(false);
    expect(maySandbox(folder, { mainPid: 43, runtime: 'runsc' })).toBe(false);
  });

  test.each(['runc', 'crun', 'nvidia', 'io.containerd.runc.v2'])(
    'was brought along by the container where the engine runs it by %s, and is counted in the kernel',
    (runtime) => {
      expect(find(runtime)).toBeUndefined();
    },
  );
});

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStillWitness } from '../../../../monitor/sensors/resource/still-witness.ts';
import { until } from '../fake-engine.ts';
import { describeAsRoot, makeCgroup } from '../real-cgroup.ts';

let around: string;

const used = (text: string, file = 'cpuacct.usage'): void => {
  writeFileSync(join(around, file), text);
};
const accounting = (name: string, version: 1 | 2 = 1) => ({
  version,
  folder: join(around, name),
  path: `/docker/${name}`,
});
const openFiles = (): number => readdirSync('/proc/self/fd').length;

beforeEach(() => {
  around = mkdtempSync(join(tmpdir(), 'sentra-still-'));
});
afterEach(() => {
  rmSync(around, { recursive: true, force: true });
});

describe('one reading tells of many containers that they stand still', () => {
  test('a container stood still when nothing around it was used since it was read', () => {
    used('1000\n');
    const witness = createStillWitness();
    const one = witness.add(accounting('one'));
    const other = witness.add(accounting('other'));
    witness.look();
    expect(one.stoodStill(), 'never read').toBe(false);
    one.wasRead();
    witness.look();
    expect(one.stoodStill()).toBe(true);
    expect(other.stoodStill(), 'never read').toBe(false);
  });

  test('who is read more seldom than its neighbours misses nothing that happened between', () => {
    used('1000\n');
    const witness = createStillWitness();
    const often = witness.add(accounting('often'));
    const seldom = witness.add(accounting('seldom'));
    witness.look();
    often.wasRead();
    seldom.wasRead();
    used('1001\n');
    witness.look();
    expect(often.stoodStill()).toBe(false);
    often.wasRead();
    witness.look();
    expect(often.stoodStill()).toBe(true);
    expect(seldom.stoodStill(), 'what was used may have been its own').toBe(false);
  });

  test('version 2 tells microseconds among other figures', () => {
    used('usage_usec 70\nuser_usec 60\nsystem_usec 10\n', 'cpu.stat');
    const witness = createStillWitness();
    const one = witness.add(accounting('one', 2));
    witness.look();
    one.wasRead();
    witness.look();
    expect(one.stoodStill()).toBe(true);
    used('usage_usec 71\nuser_usec 60\nsystem_usec 11\n', 'cpu.stat');
    witness.look();
    expect(one.stoodStill()).toBe(false);
  });

  test('what cannot be read bears no witness', () => {
    const witness = createStillWitness();
    const nothing = witness.add(accounting('one'));
    const nowhere = witness.add(undefined);
    used('no number\n', 'cpu.stat');
    const garbage = witness.add({ ...accounting('two', 2), folder: join(around, 'deeper', 'two') });
    for (const each of [nothing, nowhere, garbage]) {
      witness.look();
      each.wasRead();
      witness.look();
      expect(each.stoodStill()).toBe(false);
    }
  });

  test('the file is closed with the last container, also when one leaves twice', () => {
    used('1000\n');
    const before = openFiles();
    const witness = createStillWitness();
    const one = witness.add(accounting('one'));
    const other = witness.add(accounting('other'));
    expect(openFiles()).toBe(before + 1);
    one.leave();
    one.leave();
    expect(openFiles()).toBe(before + 1);
    other.leave();
    expect(openFiles()).toBe(before);
  });
});

describeAsRoot([], 'the kernel bears witness', () => {
  test('a busy neighbour moves what lies around both; nothing moves once it is gone', async () => {
    const quiet = makeCgroup('quiet');
    const busy = makeCgroup('busy');
    const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    const witness = createStillWitness();
    try {
      const folder = quiet.folders[0] ?? '';
      const version = folder.includes('cpu') ? 1 : 2;
      const one = witness.add({ version, folder, path: quiet.path });
      busy.take(child.pid ?? 0);
      witness.look();
      one.wasRead();
      await until('it was seen to move', () => {
        witness.look();
        return !one.stoodStill();
      });
      child.kill('SIGKILL');
      await until('all stands still', () => {
        one.wasRead();
        witness.look();
        return one.stoodStill();
      });
      one.leave();
    } finally {
      child.kill('SIGKILL');
      await busy.remove();
      await quiet.remove();
    }
  });
});

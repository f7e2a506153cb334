import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isLocked, takeLock } from '../../../monitor/runtime/lock.ts';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-lock-'));
});

afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  rmSync(folder, { recursive: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function startHolder(
  path: string,
  startAt: number,
): { child: ChildProcess; said: Promise<string> } {
  const program = join(import.meta.dirname, 'lock-holder.ts');
  const child = spawn(process.execPath, [program, path, String(startAt)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said = once(child.stdout, 'data').then(([chunk]) => String(chunk).trim());
  return { child, said };
}

test('The second to ask is told that the lock is taken, until the first gives it back.', () => {
  const path = join(folder, 'a.lock');
  const first = takeLock(path);
  expect(first.ok).toBe(true);
  expect(takeLock(path)).toEqual({ ok: false, error: { kind: 'taken' } });
  // Asking in vain must not have weakened the lock.
  expect(takeLock(path)).toEqual({ ok: false, error: { kind: 'taken' } });
  if (first.ok) first.value.release();
  const second = takeLock(path);
  expect(second.ok).toBe(true);
  if (second.ok) second.value.release();
});

test('Asking whether a lock is held neither takes it nor makes a file.', () => {
  const path = join(folder, 'a.lock');
  expect(isLocked(path)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
  const lock = takeLock(path);
  expect(isLocked(path)).toBe(true);
  expect(isLocked(path)).toBe(true);
  if (lock.ok) lock.value.release();
  expect(isLocked(path)).toBe(false);
  expect(takeLock(path).ok).toBe(true);
  expect(isLocked(folder)).toBeUndefined();
});

test('The lock file is for its owner alone, and nothing else is left in the folder.', () => {
  const path = join(folder, 'a.lock');
  const lock = takeLock(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['a.lock']);
  if (lock.ok) lock.value.release();
});

test('A link, or a file that is no lock, is not taken for one.', () => {
  writeFileSync(join(folder, 'elsewhere'), '');
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'link.lock'));
  writeFileSync(join(folder, 'text.lock'), 'This is not a database. '.repeat(100));
  for (const name of ['link.lock', 'text.lock', join('missing', 'a.lock')]) {
    const lock = takeLock(join(folder, name));
    expect(lock.ok ? 'held' : lock.error.kind).toBe('unusable');
  }
});

test('The lock of a process that was killed with SIGKILL is free at once.', async () => {
  const path = join(folder, 'a.lock');
  const holder = startHolder(path, 0);
  expect(await holder.said).toBe('held');
  expect(takeLock(path)).toEqual({ ok: false, error: { kind: 'taken' } });
  await kill(holder.child);
  const lock = takeLock(path);
  expect(lock.ok).toBe(true);
  if (lock.ok) lock.value.release();
});

test(
  'Of two who start in the same instant exactly one wins, 20 times.',
  { timeout: 120_000 },
  async () => {
    for (let round = 0; round < 20; round += 1) {
      const path = join(folder, `${round}.lock`);
      const startAt = Date.now() + 250;
      const racers = [startHolder(path, startAt), startHolder(path, startAt)];
      const outcomes = await Promise.all(racers.map((racer) => racer.said));
      expect(outcomes.toSorted()).toEqual(['held', 'taken']);
      await Promise.all(racers.map((racer) => kill(racer.child)));
    }
  },
);

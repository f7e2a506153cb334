import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** How often each call is made by a script, and all it starts, in the root file system given. */
export function countedByStrace(
  log: string,
  root: string,
  script: string,
): ReadonlyMap<string, number> {
  const traced = spawnSync('strace', ['-f', '-c', '-o', log, 'chroot', root, 'sh', '-c', script], {
    encoding: 'utf8',
    // As in the container: a language named here would have files of its own read.
    env: { PATH: process.env['PATH'] },
  });
  expect([traced.status, traced.stderr]).toEqual([0, '']);
  const counted = new Map<string, number>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const words = line.trim().split(/\s+/);
    const [calls, name] = [Number(words[3]), words.at(-1) ?? ''];
    if (words.length >= 5 && Number.isInteger(calls)) counted.set(name, calls);
  }
  return counted;
}

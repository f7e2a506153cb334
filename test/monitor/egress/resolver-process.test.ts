import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startResolver } from '../../../monitor/egress/resolver/resolver-process.ts';

let folder: string;
let descriptor: number;
let happened: string[];
let ended: Promise<unknown>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-resolver-'));
  descriptor = openSync('/dev/null', 'r');
  happened = [];
});

afterEach(async () => {
  await ended;
  closeSync(descriptor);
  rmSync(folder, { recursive: true, force: true });
});

/** Starts that script in place of dnsmasq; the cgroup takes a process that is there, as the kernel's does. */
function start(script: string, name = 'dnsmasq') {
  const program = join(folder, name);
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  let resolver: number | undefined;
  const cgroup = {
    path: 'sentra-egress/x',
    level: 2,
    take(pid: number) {
      process.kill(pid, 0);
      resolver = pid;
      happened.push('taken in');
    },
    pids: () => [],
    clear(spared?: number) {
      happened.push(spared === resolver ? 'all others ended' : 'all ended');
      return Promise.resolve();
    },
    remove: () => Promise.resolve(),
  };
  const started = startResolver({
    descriptor,
    cgroup,
    configuration: 'port=53\n',
    // The first of them becomes the next, as the real ones do.
    tools: { looseLog: program, nsenter: '-', dnsmasq: '-' },
    onLine: () => undefined,
    endOlder() {
      happened.push('older one ended');
      return Promise.resolve();
    },
    onStart: () => void happened.push('runs'),
  });
  ended = started;
  return started;
}

test('A new resolver is in its cgroup before the older one ends, and outlives what was in it.', async () => {
  const started = await start('cat >/dev/null; echo "dnsmasq[1]: started, version 2" >&2');
  expect(started).toEqual({ ok: true, value: undefined });
  expect(happened).toEqual(['taken in', 'older one ended', 'all others ended', 'runs']);
});

test('A resolver that ends before it is there is told with what it said.', async () => {
  const started = await start('echo "no such program" >&2; exit 3', 'nsenter');
  expect(started).toEqual({
    ok: false,
    error: 'The resolver ended at once: no such program',
  });
  expect(happened).not.toContain('runs');
});

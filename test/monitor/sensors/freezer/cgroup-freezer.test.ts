import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import { createCgroupFreezer } from '../../../../monitor/sensors/freezer/cgroup-freezer.ts';
import { describeAsRoot } from '../real-cgroup.ts';

const id = 'f0'.repeat(32);
const other = 'e1'.repeat(32);
const pid = 4_000_000;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-freezer-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A machine made of files: a freezer hierarchy of v1, and one process in the cgroup of that path. */
function machine(path: string): void {
  const process = join(folder, 'proc', String(pid));
  mkdirSync(join(folder, 'proc/self'), { recursive: true });
  mkdirSync(process);
  writeFileSync(
    join(folder, 'proc/self/mountinfo'),
    `30 25 0:27 / ${folder}/freezer rw - cgroup cgroup rw,freezer\n`,
  );
  writeFileSync(join(process, 'cgroup'), `5:freezer:${path}\n0::/\n`);
  for (const each of ['', '/docker', `/docker/${id}`, `/docker/${other}`]) {
    mkdirSync(join(folder, 'freezer', each), { recursive: true });
    writeFileSync(join(folder, 'freezer', each, 'freezer.state'), 'untouched');
    writeFileSync(join(folder, 'freezer', each, 'cgroup.procs'), `${pid}\n`);
  }
}

const stateOf = (path: string): string =>
  readFileSync(join(folder, 'freezer', path, 'freezer.state'), 'utf8');

function freezerOf(runtime = 'runc') {
  return createCgroupFreezer({
    procFolder: join(folder, 'proc'),
    clock: systemClock,
    known: () => ({ mainPid: pid, runtime }),
  });
}

describe("the kernel's freezer", () => {
  test.each([
    ['an empty id', '', `/docker/${id}`],
    ['an empty id at the root', '', '/'],
    ['half an id', id.slice(0, 32), `/docker/${id}`],
    ['the folder of all', 'docker', `/docker/${id}`],
    ['the id of another', id, `/docker/${other}`],
    ['a process at the root', id, '/'],
    ['a process above it', id, '/docker'],
  ])('writes nothing and signals nobody for %s', async (_, container, path) => {
    machine(path);
    const freezer = freezerOf();
    expect(await freezer.look(container)).toEqual({ state: 'unreadable' });
    for (const change of ['freeze', 'thaw', 'killAll'] as const) {
      expect(await freezer[change](container)).toMatchObject({ ok: false });
    }
    const states = ['', 'docker', `docker/${id}`, `docker/${other}`].map(stateOf);
    expect(new Set(states)).toEqual(new Set(['untouched']));
  });

  test('writes to the container named and to nobody else', async () => {
    machine(`/docker/${id}/below`);
    await freezerOf().freeze(id);
    expect(stateOf(`docker/${id}`)).toMatch(/^FROZEN/);
    expect(['', 'docker', `docker/${other}`].map(stateOf)).toEqual(
      Array.from({ length: 3 }, () => 'untouched'),
    );
  });

  test('is left alone where the engine pauses in another way', async () => {
    machine(`/docker/${id}`);
    const freezer = freezerOf('runsc');
    expect(await freezer.look(id)).toEqual({ state: 'unreadable' });
    expect(await freezer.freeze(id)).toMatchObject({ ok: false });
    expect(stateOf(`docker/${id}`)).toBe('untouched');
  });

  test('is not asked where the engine froze a cgroup beneath', async () => {
    machine(`/docker/${id}/below`);
    mkdirSync(join(folder, `freezer/docker/${id}/below`));
    writeFileSync(join(folder, `freezer/docker/${id}/below/freezer.state`), 'THAWED\n');
    writeFileSync(join(folder, `freezer/docker/${id}/freezer.state`), 'THAWED\n');
    expect(await freezerOf().look(id)).toMatchObject({ state: 'running' });
    writeFileSync(join(folder, `freezer/docker/${id}/below/freezer.state`), 'FROZEN\n');
    expect(await freezerOf().look(id)).toEqual({ state: 'unreadable' });
  });

  test('makes no file where the kernel has none', async () => {
    machine(`/docker/${id}`);
    rmSync(join(folder, `freezer/docker/${id}/freezer.state`));
    expect(await freezerOf().freeze(id)).toMatchObject({ ok: false });
    expect(existsSync(join(folder, `freezer/docker/${id}/freezer.state`))).toBe(false);
  });
});

/** The mount point of cgroup v2 if its freezer is there, beside v1 too. */
function unifiedMount(): string | undefined {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((each) => each.includes(' - cgroup2 '));
  return line?.split(' ')[4];
}

describeAsRoot([], 'the freezer of cgroup v2, of this kernel', () => {
  const mount = unifiedMount();
  let child: ChildProcess;
  let cgroup: string;

  beforeEach((context) => {
    if (mount === undefined) {
      context.skip('No cgroup v2 is mounted here.');
      return;
    }
    // A folder of this test's own, with a made-up full id.
    cgroup = `${mount}/sentra-freezer-${process.pid}/${id}`;
    mkdirSync(cgroup, { recursive: true });
    child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    writeFileSync(`${cgroup}/cgroup.procs`, String(child.pid));
    // As on a machine with v2 alone.
    mkdirSync(join(folder, 'proc/self'), { recursive: true });
    mkdirSync(join(folder, `proc/${child.pid}`));
    writeFileSync(
      join(folder, 'proc/self/mountinfo'),
      `32 25 0:29 / ${mount} rw - cgroup2 cgroup2 rw\n`,
    );
    writeFileSync(
      join(folder, `proc/${child.pid}/cgroup`),
      `0::/sentra-freezer-${process.pid}/${id}\n`,
    );
  });

  afterEach(async () => {
    if (mount === undefined) return;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      writeFileSync(`${cgroup}/cgroup.freeze`, '0');
      await once(child, 'exit');
    }
    await delay(20);
    rmdirSync(cgroup);
    rmdirSync(cgroup.slice(0, cgroup.lastIndexOf('/')));
  });

  test('is read, frozen, thawed, and its processes are ended while frozen', async () => {
    const freezer = createCgroupFreezer({
      procFolder: join(folder, 'proc'),
      clock: systemClock,
      known: () => ({ mainPid: child.pid, runtime: 'runc' }),
    });
    expect(await freezer.look(id)).toMatchObject({ state: 'running' });
    expect(await freezer.freeze(id)).toMatchObject({ ok: true });
    const frozen = await freezer.look(id);
    expect(frozen.state).toBe('frozen');
    await delay(100);
    expect(await freezer.look(id)).toEqual(frozen);
    expect(await freezer.thaw(id)).toMatchObject({ ok: true });
    await delay(100);
    expect(await freezer.look(id)).toMatchObject({ state: 'running' });
    const ended = once(child, 'exit');
    expect(await freezer.killAll(id)).toMatchObject({ ok: true });
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});

import { execFileSync } from 'node:child_process';
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
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import {
  beginHunt,
  type OutsiderHunt,
} from '../../../../monitor/sensors/outsiders/outsider-hunt.ts';
import { folderOf, parseMembership } from '../../../../monitor/sensors/resource/cgroup-paths.ts';
import { readMounts } from '../../../../monitor/sensors/resource/cgroup-source.ts';
import { eventually } from '../../../scenarios/watch.ts';
import { describeAsRoot, makeCgroup } from '../real-cgroup.ts';

const container = 'abcdef0123456789'.repeat(4);

// It needs no engine, but the programs that are built with it.
describeAsRoot(['engine'], 'The hunt for processes outside their cgroup', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-hunt-'));
    const source = join(import.meta.dirname, 'first-thread-ends.c');
    execFileSync('clang', ['-O1', '-static', '-o', join(folder, 'first-thread-ends'), source]);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A main process in a cgroup and a mount namespace of its own, whose children are in no cgroup. */
  async function begin(
    script: string,
    sleeping = 1,
  ): Promise<{ hunt: OutsiderHunt; main: number }> {
    const cgroup = makeCgroup(container);
    // Whoever started it is gone, so it hangs on the first process of the machine.
    const main = startedAndLeft(`unshare -m sh -c '${script}; sleep 3000 & wait'`);
    onTestFinished(async () => {
      end(main);
      await cgroup.remove();
    });
    const begun = (): boolean => childrenOf(main).filter(isSleeping).length >= sleeping;
    await eventually('it has begun', begun, 20_000);
    cgroup.take(main);
    const hunt = beginHunt('/proc', systemClock, { container, mainPid: main });
    if (hunt === undefined) throw new Error('There is nothing to hunt.');
    onTestFinished(() => hunt.close());
    return { hunt, main };
  }

  test('leaves who looks in, where whoever started the container is gone.', async () => {
    const { hunt, main } = await begin('true');
    const visitor = startedAndLeft(`nsenter -t ${main} -m sleep 3000`);
    onTestFinished(() => end(visitor));
    await eventually('it is in', () => isSleeping(visitor), 10_000);
    const [child] = childrenOf(main);
    await hunt.stop();
    await eventually('its child is stopped', () => stateOf(child) === 'T', 10_000);
    expect(stateOf(visitor)).toBe('S');
    end(main);
    expect(await hunt.end()).toEqual({ ended: 1, left: [String(visitor)] });
    expect(stateOf(visitor)).toBe('S');
  });

  test('finds one that took another mount namespace as well.', async () => {
    const { hunt, main } = await begin('unshare -m sleep 3000 & true', 2);
    const children = childrenOf(main);
    onTestFinished(() => children.forEach(end));
    await hunt.stop();
    end(main);
    expect(await hunt.end()).toEqual({ ended: 2, left: [] });
    expect(children.map(isOver)).toEqual([true, true]);
  });

  test('finds one whose first thread has ended while another goes on.', async () => {
    const { hunt, main } = await begin(`${folder}/first-thread-ends & true`);
    const threads = childrenOf(main).find((pid) => !isSleeping(pid)) ?? 0;
    await eventually('its first thread has ended', () => stateOf(threads) === 'Z', 10_000);
    await hunt.stop();
    end(main);
    expect(await hunt.end()).toEqual({ ended: 2, left: [] });
    expect(isOver(threads)).toBe(true);
  });

  test('lets all go on that it has stopped, also hundreds.', { timeout: 60_000 }, async () => {
    const { hunt, main } = await begin(
      'i=0; while [ $i -lt 250 ]; do sleep 3000 & i=$((i+1)); done',
      251,
    );
    const children = childrenOf(main);
    onTestFinished(() => children.forEach(end));
    const all = (state: string): boolean => children.every((pid) => stateOf(pid) === state);
    await hunt.stop();
    await eventually('all are stopped', () => all('T'), 10_000);
    await hunt.letGo();
    await eventually('all go on', () => all('S'), 10_000);
  });

  test('ends the others soon where the kernel lets some not end, and tells of these.', async () => {
    const { hunt, main } = await begin(
      'i=0; while [ $i -lt 14 ]; do sleep 3000 & i=$((i+1)); done',
      15,
    );
    const children = childrenOf(main);
    const [last = 0, ...others] = children.toReversed();
    const freezer = makeFreezer();
    onTestFinished(async () => {
      freezer.freeze(false);
      children.forEach(end);
      await eventually('they have ended', () => others.every(isOver), 10_000);
      rmdirSync(freezer.folder);
    });
    for (const pid of others) writeFileSync(`${freezer.folder}/cgroup.procs`, String(pid));
    freezer.freeze(true);
    await hunt.stop();
    end(main);
    const began = performance.now();
    const { ended, left } = await hunt.end();
    expect(performance.now() - began).toBeLessThan(4_000);
    // The kernel's second version ends what is frozen.
    const held = freezer.version === 1 ? others.length : 0;
    expect([ended, left.length]).toEqual([children.length - held, held]);
    expect(isOver(last)).toBe(true);
  });
});

/** A cgroup to freeze processes in, apart from those of the container. */
function makeFreezer(): {
  readonly folder: string;
  readonly version: 1 | 2;
  readonly freeze: (is: boolean) => void;
} {
  const mounts = readMounts('/proc');
  const path = `/sentra-hunt-${process.pid}`;
  const name = mounts.v1.has('freezer') ? `1:freezer:${path}` : `0::${path}`;
  const place = folderOf(mounts, parseMembership(name), 'freezer');
  if (place === undefined) throw new Error('There is no freezer.');
  const { folder, version } = place;
  mkdirSync(folder);
  const freeze = (is: boolean): void =>
    version === 1
      ? writeFileSync(`${folder}/freezer.state`, is ? 'FROZEN' : 'THAWED')
      : writeFileSync(`${folder}/cgroup.freeze`, is ? '1' : '0');
  return { folder, version, freeze };
}

/** Starts it by a shell that ends, so that it hangs on whoever takes orphans in. */
function startedAndLeft(command: string): number {
  return Number(
    execFileSync('sh', ['-c', `${command} >/dev/null 2>&1 & echo $!`], { encoding: 'utf8' }),
  );
}

function end(pid: number | undefined): void {
  try {
    if (pid !== undefined && pid > 1) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isSleeping(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n';
}

/** Gone, or waiting to be buried with the last of its threads. */
function isOver(pid: number): boolean {
  return !existsSync(`/proc/${pid}/stat`) || (stateOf(pid) === 'Z' && threadsOf(pid) <= 1);
}

function threadsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[17]);
}

/** As proc(5) tells it: T is stopped, S sleeps, Z has ended. */
function stateOf(pid: number | undefined): string | undefined {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2)[0];
}

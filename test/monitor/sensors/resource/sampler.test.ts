import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ResourceObservation } from '../../../../monitor/model/observation.ts';
import type { Workload } from '../../../../monitor/model/workload.ts';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { resourceSight } from '../../../../monitor/sensors/coverage/resource-evidence.ts';
import { startSampler, type Sampler } from '../../../../monitor/sensors/resource/sampler.ts';
import { createOutsiderScan } from '../../../../monitor/sensors/outsiders/outsider-scan.ts';
import { createFakeEngine, until } from '../fake-engine.ts';
import { describeAsRoot, makeCgroup, type RealCgroup } from '../real-cgroup.ts';

const container = 'c0ffee'.padEnd(64, '1');

let cgroup: RealCgroup;
let others: RealCgroup[];
let children: ChildProcess[];
let mounted: string[];
let sampler: Sampler | undefined;
let observations: ResourceObservation[];
let doubts: number;
/** How far the sampler's clock is ahead of the true one. */
let aheadMs = 0;
let found: string[];
let engine: ReturnType<typeof createFakeEngine>;

/** Runs a shell command in a pid namespace of its own, in the cgroup, as a container does. */
async function run(command: string): Promise<number> {
  const wait = `read go; exec sh -c ${JSON.stringify(command)}`;
  const args = ['--pid', '--fork', '--kill-child', 'sh', '-c', wait];
  const child = spawn('unshare', args, { stdio: ['pipe', 'ignore', 'ignore'] });
  children.push(child);
  const parent = child.pid ?? 0;
  let inner = 0;
  await until('the inner process', () => {
    const list = execFileSync('sh', ['-c', `cat /proc/${parent}/task/${parent}/children`]);
    inner = Number(list.toString().trim().split(' ')[0]);
    return inner > 0;
  });
  cgroup.take(inner);
  child.stdin.write('go\n');
  return inner;
}

/** A process that uses a core; gives its id. */
function spawnBusy(): number {
  const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
  children.push(child);
  return child.pid ?? 0;
}

function workload(mainPid: number, change: Partial<Workload> = {}): Workload {
  return {
    key: 'agent#agent',
    container,
    name: 'agent',
    image: 'agent:1',
    labels: {},
    composeProject: undefined,
    composeService: undefined,
    state: 'running',
    mainPid,
    startedAt: 1,
    restartCount: 0,
    // Its network is this test's own here, which the sensor finds out by itself.
    network: { kind: 'own', networks: ['bridge'] },
    limits: { memoryBytes: undefined, cpus: undefined, pids: undefined },
    runtime: 'runc',
    restartPolicy: 'no',
    ...change,
  };
}

function start(periodMs = 200): Sampler {
  sampler = startSampler({
    outsiders: createOutsiderScan('/proc'),
    reader: engine.reader,
    clock: { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs },
    logger: silentLogger,
    procFolder: '/proc',
    periodMs,
    onObservation: (observation) => observations.push(observation),
    onDoubt: () => {
      doubts += 1;
    },
    onFound: (container) => found.push(container),
    onSwept: () => undefined,
  });
  return sampler;
}

const evidence = () => sampler?.evidence(container);
const reason = (): string => {
  const present = evidence();
  const sight = present === undefined ? undefined : resourceSight(present, systemClock.monotonic());
  return sight?.state === 'partly' || sight?.state === 'blind' ? sight.reason : '';
};
const openFiles = (): number => readdirSync('/proc/self/fd').length;

describeAsRoot([], 'figures from real cgroups', () => {
  beforeEach(() => {
    engine = createFakeEngine(() => Date.now());
    observations = [];
    doubts = 0;
    aheadMs = 0;
    found = [];
    children = [];
    mounted = [];
    others = [];
    cgroup = makeCgroup(container);
  });

  afterEach(async () => {
    await sampler?.stop();
    sampler = undefined;
    for (const folder of mounted) execFileSync('umount', [folder]);
    for (const child of children) child.kill('SIGKILL');
    await cgroup.remove();
    for (const other of others) await other.remove();
  });

  test('tell what a busy process uses', async () => {
    const pid = await run('while :; do :; done');
    start().watch(workload(pid));
    await until('six readings', () => observations.length >= 6, 60_000);
    const last = observations.at(-1);
    expect(last?.carrier).toBe('cgroup');
    expect(last?.pids).toBe(1);
    expect(last?.memoryBytes).toBeGreaterThan(10_000);
    const mean =
      observations.reduce((sum, { cpuCores }) => sum + cpuCores, 0) / observations.length;
    expect(mean).toBeGreaterThan(0.05);
    expect(mean).toBeLessThan(1.1);
    expect(last?.network).toBeUndefined();
    expect(reason()).toContain('traffic cannot be told apart');
  });

  test('come faster where they are asked for, and only there', async () => {
    const pid = await run('exec sleep 60');
    start(1000).watch(workload(pid));
    expect(sampler?.setRate(container, 10)).toBe(10);
    await until('ten readings', () => observations.length >= 10, 60_000);
    expect(sampler?.setRate(container, 1)).toBe(1);
  });

  test('stand still only when the container has used no CPU for a minute', async () => {
    const pid = await run('sleep 100');
    const watching = start();
    watching.watch(workload(pid));
    await until('readings', () => observations.length > 1);
    expect(watching.standsStill()).toBe(false);
    aheadMs = 61_000;
    await until('a minute has passed', () => watching.standsStill());
    // It wakes up.
    cgroup.take(spawnBusy());
    await until('it moves', () => !watching.standsStill());
  });

  test('a process id of another machine is never taken for one of this', async () => {
    const before = openFiles();
    start().watch(workload(process.pid));
    expect(evidence()?.carrier).toBe('stats');
    expect(engine.fake.statsStreams.get(container)?.size).toBe(1);
    sampler?.forget(container);
    expect(engine.fake.statsStreams.get(container)?.size).toBe(0);
    await sampler?.stop();
    expect(openFiles()).toBeLessThanOrEqual(before + 1);
  });

  test('files are closed when the container ends', async () => {
    const pid = await run('exec sleep 60');
    start();
    const before = openFiles();
    sampler?.watch(workload(pid));
    expect(openFiles()).toBeGreaterThan(before);
    sampler?.watch(workload(pid, { state: 'exited', mainPid: undefined }));
    expect(openFiles()).toBe(before);
  });

  test('a paused container gives no zeros, and standing still is not blindness', async () => {
    const pid = await run('while :; do :; done');
    start().watch(workload(pid));
    await until('readings', () => observations.length >= 2);
    sampler?.watch(workload(pid, { state: 'paused' }));
    const { length } = observations;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(observations).toHaveLength(length);
    const resumed = performance.now();
    sampler?.watch(workload(pid));
    await until('readings again', () => observations.length > length);
    // The first interval after the pause of 700 ms does not reach back into it.
    expect(observations[length]?.intervalMs).toBeLessThan(performance.now() - resumed + 600);
  });

  test('a main process that is moved away is told', async () => {
    const pid = await run('exec sleep 60');
    start().watch(workload(pid));
    const other = makeCgroup();
    others.push(other);
    await until('a reading', () => observations.length > 0);
    other.take(pid);
    await until('told', () => reason().includes('moved to another cgroup'), 60_000);
    await until('its cgroup found empty', () => evidence()?.emptySince !== undefined, 60_000);
    cgroup.take(pid);
    await until('well again', () => evidence()?.mainProcess === 'inside', 60_000);
  });

  test('a child that leaves the cgroup of one controller alone is counted', async () => {
    const pid = await run('sleep 61 & sleep 62 & wait');
    start().watch(workload(pid));
    const other = makeCgroup();
    others.push(other);
    await until('three processes', () => observations.at(-1)?.pids === 3, 60_000);
    const child = execFileSync('sh', ['-c', `cat /proc/${pid}/task/${pid}/children`]).toString();
    other.take(Number(child.trim().split(' ')[0]), other.folders[0]);
    await until('told', () => reason().startsWith('1 process of the container'), 60_000);
  });

  test('a mount over the cgroup folder is told, and the held files go on telling', async () => {
    const pid = await run('while :; do :; done');
    start().watch(workload(pid));
    await until('a reading', () => observations.length > 0);
    const [folder] = cgroup.folders;
    if (folder === undefined) throw new Error('No cgroup folder.');
    execFileSync('mount', ['-t', 'tmpfs', 'none', folder]);
    mounted.push(folder);
    await until('told', () => reason().includes('Something else lies where'), 60_000);
    const { length } = observations;
    await until('more readings', () => observations.length > length + 2);
    expect(observations.at(-1)?.cpuCores).toBeGreaterThan(0);
    execFileSync('umount', [folder]);
    mounted.pop();
    await until('well again', () => evidence()?.files === 'same', 60_000);
  });

  test('a cgroup of a container that nobody told of is found, once', async () => {
    const pid = await run('exec sleep 60');
    start().watch(workload(pid));
    await until('a reading', () => observations.length > 0);
    const stranger = 'badcafe'.padEnd(64, '2');
    others.push(makeCgroup(stranger));
    await until('found', () => found.length > 0, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(found).toEqual([stranger]);
  });

  test('a container that died unsaid is doubted at once, and not shown as idle', async () => {
    const pid = await run('exec sleep 60');
    start().watch(workload(pid));
    await until('readings', () => observations.length > 1);
    for (const child of children) child.kill('SIGKILL');
    await until('doubted', () => doubts > 0, 60_000);
    const { length } = observations;
    await cgroup.remove();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(observations.length).toBeLessThanOrEqual(length + 1);
    cgroup = makeCgroup(container);
  });
});

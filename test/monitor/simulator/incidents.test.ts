import { expect, test } from 'vitest';
import * as z from 'zod';
import type { IncidentKind, Strength } from '../../../monitor/simulator/incident.ts';
import { actionsOf, agent, look, openStage } from './stage.ts';
import type { Stage, Stats } from './stage.ts';

const megabyte = 1024 * 1024;

/** An idle container ten seconds before, and so many seconds into an incident. */
async function unfold(
  stage: Stage,
  kind: IncidentKind,
  strength: Strength,
  seconds: number,
): Promise<readonly [Stats, Stats]> {
  await stage.simulator.advance(10_000);
  const before = await look(stage, 'victim');
  expect(stage.simulator.begin('victim', { kind, strength })).toBe(true);
  await stage.simulator.advance(seconds * 1_000);
  return [before, await look(stage, 'victim')];
}

/** The rows of its process table. */
async function processesOf(stage: Stage): Promise<string[][]> {
  const table: unknown = await stage.docker.getContainer('victim').top();
  return z.object({ Processes: z.array(z.array(z.string())) }).parse(table).Processes;
}

const victim = agent('victim', { agent: 'idle' });

for (const [strength, processes] of [
  ['weak', 5],
  ['medium', 60],
] as const) {
  test(`a ${strength} fork bomb leaves ${processes} more processes each second`, async () => {
    await using stage = await openStage([victim]);
    const [before, after] = await unfold(stage, 'fork-bomb', strength, 20);
    const grown = (after.pids_stats.current ?? 0) - (before.pids_stats.current ?? 0);
    expect(grown).toBeGreaterThanOrEqual(processes * 20);
    expect(grown).toBeLessThanOrEqual(processes * 21);
  });
}

test('a strong fork bomb doubles until the limit of processes holds it', async () => {
  await using stage = await openStage([{ ...victim, pidsLimit: 1_000 }]);
  const [, after] = await unfold(stage, 'fork-bomb', 'strong', 15);
  expect(after.pids_stats).toEqual({ current: 1_000, limit: 1_000 });
  expect(await processesOf(stage)).toHaveLength(1_000);
});

for (const [strength, rate] of [
  ['weak', megabyte],
  ['strong', 64 * megabyte],
] as const) {
  test(`a ${strength} leak takes ${rate / megabyte} MB a second and gives none back`, async () => {
    await using stage = await openStage([victim]);
    const [before, after] = await unfold(stage, 'memory-leak', strength, 30);
    const grown = (after.memory_stats.usage ?? 0) - (before.memory_stats.usage ?? 0);
    expect(grown / rate).toBeGreaterThan(29);
    expect(grown / rate).toBeLessThan(32);
  });
}

test('a leak stands still in a paused container', async () => {
  await using stage = await openStage([victim]);
  await unfold(stage, 'memory-leak', 'medium', 10);
  await stage.docker.getContainer('victim').pause();
  const paused = await look(stage, 'victim');
  await stage.simulator.advance(60_000);
  expect((await look(stage, 'victim')).memory_stats).toEqual(paused.memory_stats);
});

test('a leak that meets its limit is killed by the kernel, and leaks again when restarted', async () => {
  const restartPolicy = { name: 'on-failure', maximumRetryCount: 0 } as const;
  await using stage = await openStage([
    { ...victim, memoryLimitBytes: 256 * megabyte, restartPolicy },
  ]);
  await unfold(stage, 'memory-leak', 'strong', 6);
  const { State, RestartCount } = await stage.docker.getContainer('victim').inspect();
  expect(RestartCount).toBe(1);
  expect(State.Running).toBe(true);
  const actions = await actionsOf(stage, 'victim');
  expect(actions.slice(-5)).toEqual([
    'oom',
    'die',
    'network disconnect',
    'network connect',
    'start',
  ]);
});

test('an out-of-memory kill shows in the state', async () => {
  await using stage = await openStage([victim]);
  await unfold(stage, 'out-of-memory', 'medium', 2);
  const { State } = await stage.docker.getContainer('victim').inspect();
  expect(State).toMatchObject({ Status: 'exited', OOMKilled: true, ExitCode: 137 });
});

test('a weak miner takes 60 % of a core, a strong one the machine', async () => {
  for (const [strength, cores] of [
    ['weak', 0.6],
    ['medium', 1],
    ['strong', 4],
  ] as const) {
    await using stage = await openStage([victim]);
    const [before, after] = await unfold(stage, 'miner', strength, 30);
    const used = after.cpu_stats.cpu_usage.total_usage - before.cpu_stats.cpu_usage.total_usage;
    expect(used / 30e9).toBeGreaterThan(cores * 0.99);
    expect(used / 30e9).toBeLessThan(cores + 0.02);
  }
});

test('exfiltration sends at its rate, and stops at once without a network', async () => {
  await using stage = await openStage([{ ...victim, networks: ['dealt'] }], {
    networks: [{ name: 'dealt' }],
  });
  const sent = (stats: Stats): number => stats.networks?.['eth0']?.tx_bytes ?? 0;
  const [before, after] = await unfold(stage, 'exfiltration', 'weak', 30);
  expect((sent(after) - sent(before)) / 30 / 1024).toBeGreaterThan(50);
  expect((sent(after) - sent(before)) / 30 / 1024).toBeLessThan(51);
  await stage.docker.getNetwork('dealt').disconnect({ Container: 'victim' });
  expect((await look(stage, 'victim')).networks).toBeUndefined();
});

test('a restart loop goes on by itself until somebody kills the container', async () => {
  const restartPolicy = { name: 'always', maximumRetryCount: 0 } as const;
  await using stage = await openStage([{ ...victim, restartPolicy }]);
  await unfold(stage, 'restart-loop', 'medium', 40);
  const container = stage.docker.getContainer('victim');
  const { RestartCount } = await container.inspect();
  expect(RestartCount).toBeGreaterThanOrEqual(6);
  await container.kill();
  await stage.simulator.advance(120_000);
  expect((await container.inspect()).State.Status).toBe('exited');
});

test('a paused container does not go on with its restart loop', async () => {
  const restartPolicy = { name: 'always', maximumRetryCount: 0 } as const;
  await using stage = await openStage([{ ...victim, restartPolicy }]);
  await unfold(stage, 'restart-loop', 'weak', 5);
  const container = stage.docker.getContainer('victim');
  await container.pause();
  await stage.simulator.advance(60_000);
  expect((await container.inspect()).State.Status).toBe('paused');
  await container.unpause();
  await stage.simulator.advance(6_000);
  expect((await container.inspect()).State.Status).toBe('restarting');
});

test('an unexpected exec is told, and seen among the processes while it runs', async () => {
  await using stage = await openStage([victim]);
  await stage.simulator.advance(1_000);
  stage.simulator.begin('victim', { kind: 'unexpected-exec', command: 'sh -c id' });
  expect((await processesOf(stage)).flat()).toContain('sh -c id');
  await stage.simulator.advance(10_000);
  const actions = await actionsOf(stage, 'victim');
  expect(actions.slice(-4)).toEqual([
    'exec_create: sh -c id',
    'exec_start: sh -c id',
    'top',
    'exec_die',
  ]);
});

test('an incident ends after its time, or when told to, and cannot begin in what does not run', async () => {
  await using stage = await openStage([victim, agent('spare', { created: true })]);
  stage.simulator.begin('victim', { kind: 'miner', strength: 'strong', forSeconds: 5 });
  await stage.simulator.advance(10_000);
  const used = (await look(stage, 'victim')).cpu_stats.cpu_usage.total_usage;
  expect(used).toBeGreaterThan(19.9e9);
  expect(used).toBeLessThan(20.2e9);
  stage.simulator.begin('victim', { kind: 'fork-bomb', strength: 'weak' });
  await stage.simulator.advance(10_000);
  stage.simulator.end('victim', 'fork-bomb');
  expect((await look(stage, 'victim')).pids_stats.current).toBeLessThan(10);
  expect(stage.simulator.begin('spare', { kind: 'miner' })).toBe(false);
});

test('a planned incident begins by itself', async () => {
  const incidents = [{ kind: 'miner', strength: 'strong', afterSeconds: 20 }] as const;
  await using stage = await openStage([{ ...victim, incidents }]);
  await stage.simulator.advance(20_000);
  expect((await look(stage, 'victim')).cpu_stats.cpu_usage.total_usage).toBeLessThan(1e9);
  await stage.simulator.advance(1_000);
  expect((await look(stage, 'victim')).cpu_stats.cpu_usage.total_usage).toBeGreaterThan(4e9);
});

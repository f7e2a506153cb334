import { expect, test } from 'vitest';
import { agent, bytesMoved, Lines, look, openStage, statsShape } from './stage.ts';
import type { Stage, Stats } from './stage.ts';

/** The next `count` samples of a stream, one virtual second apart. */
async function samples(stage: Stage, lines: Lines, count: number): Promise<Stats[]> {
  const seen: Stats[] = [];
  for (let number = 0; number < count; number += 1) {
    await stage.simulator.advance(1_000);
    seen.push(statsShape.parse(JSON.parse((await lines.next()) ?? '')));
  }
  return seen;
}

for (const cgroupVersion of [1, 2] as const) {
  test(`a stream has one sample a second, in the shape of cgroup v${cgroupVersion}`, async () => {
    await using stage = await openStage([agent('builder', { agent: 'building' })], {
      cgroupVersion,
    });
    const stream = await stage.docker.getContainer('builder').stats({ stream: true });
    const lines = new Lines(stream);
    const seen = await samples(stage, lines, 200);
    lines.close();
    expect(seen[0]).toMatchObject({
      read: '2026-01-01T00:00:01Z',
      preread: '0001-01-01T00:00:00Z',
    });
    expect(seen[0]?.precpu_stats.cpu_usage.total_usage).toBe(0);
    expect(seen[0]?.precpu_stats.system_cpu_usage).toBeUndefined();
    expect(seen[9]?.preread).toBe('2026-01-01T00:00:09Z');
    for (const [index, sample] of seen.entries()) {
      const before = seen[index - 1];
      if (before === undefined) continue;
      expect(sample.precpu_stats).toEqual(before.cpu_stats);
      const system = sample.cpu_stats.system_cpu_usage ?? 0;
      expect(system - (before.cpu_stats.system_cpu_usage ?? 0)).toBe(4e9);
      expectNoStepBack(before, sample);
    }
    const last = seen.at(-1);
    const names = Object.keys(last?.memory_stats.stats ?? {});
    const ops = (last?.blkio_stats.io_service_bytes_recursive ?? []).map(({ op }) => op);
    if (cgroupVersion === 1) {
      const wanted = [
        'rss',
        'cache',
        'pgfault',
        'total_inactive_file',
        'hierarchical_memory_limit',
      ];
      expect(names).toEqual(expect.arrayContaining(wanted));
      expect(ops).toEqual(['Read', 'Write', 'Sync', 'Async', 'Discard', 'Total']);
      expect(last?.cpu_stats.cpu_usage.percpu_usage).toHaveLength(4);
      expect(last?.pids_stats.limit).toBeUndefined();
    } else {
      expect(names).toEqual(expect.arrayContaining(['anon', 'file', 'pgfault', 'inactive_file']));
      expect(ops).toEqual(['read', 'write']);
      expect(last?.cpu_stats.cpu_usage.percpu_usage).toBeUndefined();
      expect(last?.pids_stats.limit).toBe(2 ** 64);
    }
  });
}

/** Counters never fall. */
function expectNoStepBack(before: Stats, after: Stats): void {
  const counters = (stats: Stats): number[] => [
    stats.cpu_stats.cpu_usage.total_usage,
    stats.cpu_stats.cpu_usage.usage_in_kernelmode,
    stats.cpu_stats.cpu_usage.usage_in_usermode,
    stats.memory_stats.stats?.['pgfault'] ?? 0,
    ...Object.values(stats.networks ?? {}).flatMap((traffic) => Object.values(traffic)),
    ...(stats.blkio_stats.io_service_bytes_recursive ?? []).map(({ value }) => value),
  ];
  const later = counters(after);
  for (const [index, value] of counters(before).entries()) {
    expect(later[index]).toBeGreaterThanOrEqual(value);
  }
}

test('one-shot answers at once with nothing to compare to', async () => {
  await using stage = await openStage([agent('coder')]);
  await stage.simulator.advance(2_500);
  const stats = await look(stage, 'coder');
  expect(stats).toMatchObject({ read: '2026-01-01T00:00:02.5Z', preread: '0001-01-01T00:00:00Z' });
  expect(stats.precpu_stats.cpu_usage.total_usage).toBe(0);
});

test('without one-shot the answer waits for two looks', async () => {
  await using stage = await openStage([agent('coder')]);
  const asked = stage.docker.getContainer('coder').stats({ stream: false });
  let answered = false;
  void asked.then(() => (answered = true));
  await stage.docker.ping();
  await stage.simulator.advance(1_999);
  await stage.docker.ping();
  expect(answered).toBe(false);
  await stage.simulator.advance(1);
  const stats = statsShape.parse(await asked);
  expect(stats.precpu_stats.system_cpu_usage).toBeDefined();
  expect(stats.preread).toBe('2026-01-01T00:00:01Z');
});

test('a container that ends shows zeros and the year 1 until it is removed, which ends the stream', async () => {
  await using stage = await openStage([agent('coder')]);
  const container = stage.docker.getContainer('coder');
  const lines = new Lines(await container.stats({ stream: true }));
  const [alive] = await samples(stage, lines, 1);
  stage.simulator.exit('coder', 0);
  const [first, second] = await samples(stage, lines, 2);
  expect(first).toMatchObject({ read: '0001-01-01T00:00:00Z', preread: alive?.read });
  expect(first?.precpu_stats).toEqual(alive?.cpu_stats);
  expect(second).toMatchObject({
    read: '0001-01-01T00:00:00Z',
    preread: '0001-01-01T00:00:00Z',
    pids_stats: {},
    memory_stats: {},
  });
  expect(second?.networks).toBeUndefined();
  stage.simulator.remove('coder');
  await stage.simulator.advance(1_000);
  expect(await lines.next()).toBeUndefined();
});

test('the figures do not depend on who looked when', async () => {
  const plan = [agent('coder'), agent('builder', { agent: 'building' })];
  await using watched = await openStage(plan);
  await using alone = await openStage(plan);
  for (let step = 0; step < 40; step += 1) {
    await watched.simulator.advance(137);
    await look(watched, 'coder');
  }
  await alone.simulator.advance(40 * 137);
  expect(await look(watched, 'coder')).toEqual(await look(alone, 'coder'));
  expect(await look(watched, 'builder')).toEqual(await look(alone, 'builder'));
});

test('a container on the host network, or on none, shows no interfaces', async () => {
  await using stage = await openStage([
    agent('hosted', { networkMode: 'host' }),
    agent('alone', { networkMode: 'none' }),
    agent('bridged'),
  ]);
  await stage.simulator.advance(60_000);
  expect((await look(stage, 'hosted')).networks).toBeUndefined();
  expect((await look(stage, 'alone')).networks).toBeUndefined();
  expect(bytesMoved(await look(stage, 'bridged'))).toBeGreaterThan(0);
});

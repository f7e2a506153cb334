import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { expect, test } from 'vitest';
import { demoPlan } from '../../../monitor/simulator/demo-plan.ts';
import { scalePlan } from '../../../monitor/simulator/scale-plan.ts';
import { Lines, look, openStage } from './stage.ts';

test('a thousand containers start quickly, and each has its stream', async () => {
  const { containers, networks } = scalePlan(1_000, 3);
  const begun = performance.now();
  await using stage = await openStage(containers, { networks });
  const list = await stage.docker.listContainers();
  expect(performance.now() - begun).toBeLessThan(30_000);
  expect(list).toHaveLength(1_000);
  expect(new Set(list.map(({ Id }) => Id)).size).toBe(1_000);
  const streams = await Promise.all(
    list.map(async ({ Id }) => {
      const container = stage.docker.getContainer(Id);
      return new Lines(await container.stats({ stream: true }));
    }),
  );
  await stage.simulator.advance(2_000);
  for (const lines of streams) {
    expect(await lines.next()).toContain('"read":"2026-01-01T00:00:01Z"');
    expect(await lines.next()).toContain('"read":"2026-01-01T00:00:02Z"');
    lines.close();
  }
});

test('the demonstration has eight agents, two of which go wrong after their time, and no other', async () => {
  const { containers, networks } = demoPlan(1, { firstIncidentAfterSeconds: 100 });
  expect(containers).toHaveLength(8);
  const wrong = containers.filter(({ incidents }) => (incidents?.length ?? 0) > 0);
  expect(wrong.map(({ name }) => name)).toEqual(['webshop-coder-1', 'research-agent-1']);
  await using stage = await openStage(containers, { networks });
  await stage.simulator.advance(400_000);
  const sent = (await look(stage, 'webshop-coder-1')).networks?.['eth0']?.tx_bytes ?? 0;
  expect(sent).toBeGreaterThan(200 * 1024 * 1024);
  expect((await stage.docker.listContainers()).every(({ State }) => State === 'running')).toBe(
    true,
  );
});

test('runs in a process of its own, says when it is ready, and leaves nothing behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sentra-simulator-'));
  const socketPath = join(directory, 'engine.sock');
  const entry = join(import.meta.dirname, '../../../monitor/simulator/process.ts');
  const options = ['--socket', socketPath, '--containers', '25', '--speed', '20', '--cgroup', '1'];
  const child = spawn(process.execPath, [entry, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = new Lines(child.stdout);
  expect(JSON.parse((await lines.next()) ?? '')).toEqual({
    ready: true,
    socket: socketPath,
    containers: 25,
  });
  const docker = new Docker({ socketPath, host: undefined, port: undefined, protocol: 'http' });
  const [first, ...others] = await docker.listContainers();
  expect(others).toHaveLength(24);
  const stream = await docker.getContainer(first?.Id ?? '').stats({ stream: true });
  const samples = new Lines(stream);
  for (let count = 0; count < 5; count += 1) expect(await samples.next()).toContain('"preread"');
  samples.close();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(socketPath)).toBe(false);
  await rm(directory, { recursive: true });
});

test('the process says how it wants to be called', async () => {
  const entry = join(import.meta.dirname, '../../../monitor/simulator/process.ts');
  const child = spawn(process.execPath, [entry, '--seed', 'x'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines = new Lines(child.stderr);
  expect(await lines.next()).toMatch(/^Usage: /);
  expect(await once(child, 'exit')).toEqual([2, null]);
});

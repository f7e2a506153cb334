import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startMonitor } from '../../monitor/monitor.ts';
import type { Decision } from '../../monitor/model/decision.ts';
import type { MonitorService, RunningMonitor } from '../../monitor/rpc/service/service.ts';
import { silentLogger } from '../../monitor/runtime/logger.ts';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { expectOk, finding, openForTest } from './record/examples.ts';

const patience = { timeout: 30_000, interval: 50 };

let folder: string;
let simulator: Simulator;
const running: RunningMonitor[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-window-'));
  const plan = demoPlan(3, { firstIncidentAfterSeconds: 100_000 });
  simulator = await startSimulator({ socketPath: join(folder, 'engine.sock'), plan, seed: 3 });
});

afterEach(async () => {
  await stopAll();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function stopAll(): Promise<void> {
  for (const monitor of running.splice(0)) await monitor.stop();
}

async function start(): Promise<MonitorService> {
  const started = await startMonitor(
    {
      engine: `unix://${simulator.socketPath}`,
      policyFile: undefined,
      learnMs: 3_000,
      intervalMs: undefined,
      stateFolder: folder,
      controlFolder: folder,
      simulate: false,
      byApi: false,
    },
    { logger: silentLogger },
  );
  const monitor = expectOk(started);
  running.push(monitor);
  return monitor.service;
}

const queueOf = (service: MonitorService) =>
  service.snapshot().workloads.find(({ workload }) => workload.name === 'queue');

async function learned(service: MonitorService) {
  await vi.waitFor(() => expect(queueOf(service)?.learning.state).toBe('learned'), patience);
  const queue = queueOf(service);
  if (queue === undefined) throw new Error('The queue is gone.');
  return queue.workload;
}

describe('what the window asks of a running monitor', () => {
  it('is answered from what was seen, learned and recorded, and by the engine', async () => {
    const service = await start();
    const { key, container } = await learned(service);
    const now = Date.now();
    const past = service.history({
      workload: key,
      from: now - 60_000,
      to: now + 60_000,
      resolution: 'second',
      series: ['cpuCores', 'memoryBytes'],
    });
    const history = expectOk(past);
    expect(history.at.length).toBeGreaterThan(1);
    const [cpu, memory] = history.series;
    expect(cpu?.mean).toHaveLength(history.at.length);
    expect(cpu?.learned?.high).toBeGreaterThan(0);
    expect(memory?.max.every((value) => value !== null && value > 0)).toBe(true);
    expect(memory?.learned).toBeUndefined();

    expect(expectOk(await service.processes({ container })).processes).not.toEqual([]);
    expect(await service.processes({ container: 'f'.repeat(64) })).toMatchObject({
      ok: false,
      error: { kind: 'not-watched' },
    });
    expectOk(await service.act({ name: 'pause', target: 'queue' }));
    const timeline = expectOk(service.timeline({ workload: key, limit: 100 }));
    expect(timeline.map(({ kind }) => kind)).toContain('coverage');
    const done = timeline.flatMap((entry) => (entry.kind === 'action' ? entry.action.name : []));
    expect(done).toEqual(['pause']);
    const { record } = service.settings();
    expect(record.path.startsWith(folder)).toBe(true);
    expect(record.megabytes).toBeGreaterThan(0);
  }, 120_000);

  it('changes the policy before it answers, and everybody is told', async () => {
    const service = await start();
    const policies: string[] = [];
    service.subscribe((event) => {
      if (event.kind === 'policy') policies.push(event.policy.mode);
    });
    const switched = expectOk(service.setRuleMode({ mode: 'enforce' }));
    expect(switched.policy).toMatchObject({
      mode: 'enforce',
      source: join(folder, 'policy.yaml'),
    });
    expect(service.snapshot().policy.mode).toBe('enforce');
    expect(readFileSync(join(folder, 'policy.yaml'), 'utf8')).toBe(switched.text);
    expect(policies).toEqual(['enforce']);
    expect(switched.versions).toHaveLength(2);
  }, 120_000);

  it('mutes a kind of finding: it is found and judged, and nobody is told', async () => {
    const service = await start();
    const { key } = await learned(service);
    for (const kind of ['fork-bomb', 'pids-runaway', 'level-shift', 'sustained-cpu'] as const) {
      expectOk(service.mute({ workload: key, kind, forMs: 600_000 }));
    }
    const decisions: Decision[] = [];
    service.subscribe((event) => {
      if (event.kind === 'decision') decisions.push(event.decision);
    });
    simulator.begin('queue', { kind: 'fork-bomb', strength: 'strong' });
    await vi.waitFor(() => {
      const kinds = decisions
        .filter(({ workload }) => workload === key)
        .flatMap(({ actions }) => actions);
      expect(kinds.map(({ kind }) => kind)).toContain('pause');
    }, patience);
    expect(decisions.every(({ muted }) => muted === true)).toBe(true);
    const done = expectOk(service.actions({ limit: 100 }));
    expect(done.map(({ name, outcome }) => [name, outcome.state])).toContainEqual([
      'pause',
      'would-have',
    ]);
    expect(done.map(({ name }) => name)).not.toContain('notify');
    expect(expectOk(service.actions({ workload: key, limit: 100 }))).toEqual(
      done.filter(({ workload }) => workload === key),
    );
    const later = { since: Date.now() + 60_000, limit: 100 };
    expect(expectOk(service.actions(later))).toEqual([]);
    const recorded = expectOk(service.decisions({ workload: key, limit: 10 }));
    expect(recorded.map(({ id }) => id).sort()).toEqual(decisions.map(({ id }) => id).sort());
    expect(recorded.every(({ muted }) => muted === true)).toBe(true);
    const preview = await service.previewPolicy({
      text: service.policyText().text,
      from: Date.now() - 600_000,
      to: Date.now() + 60_000,
    });
    expect(expectOk(preview).rules[0]).toMatchObject({
      rule: 'contain runaways and escapes',
      decisions: 1,
    });
  }, 120_000);

  it('drops what is older than the retention as soon as that is set, and not before', async () => {
    const first = await start();
    const { path } = first.settings().record;
    await stopAll();
    const store = openForTest(path, { now: () => Date.now() });
    const day = 24 * 3_600_000;
    for (const age of [40, 20]) {
      const at = Date.now() - age * day;
      expectOk(store.findings.put(finding({ id: `${age} days`, status: 'closed', at })));
    }
    expectOk(store.close());
    const second = await start();
    const ids = () =>
      second.findings({ status: 'closed', workload: 'builder', limit: 10 }).map(({ id }) => id);
    expect(ids()).toEqual(['20 days', '40 days']);
    expectOk(second.setRetention({ days: 30, megabytes: 256 }));
    await vi.waitFor(() => expect(ids()).toEqual(['20 days']), patience);
  }, 120_000);

  it('keeps what was said of findings, and the retention, over a restart', async () => {
    const first = await start();
    const { key } = await learned(first);
    simulator.begin('queue', { kind: 'fork-bomb', strength: 'strong' });
    const open = () => first.findings({ status: 'open', workload: key, limit: 10 });
    await vi.waitFor(() => expect(open()).not.toEqual([]), patience);
    const id = open()[0]?.id ?? '';
    const told: number[] = [];
    first.subscribe((event) => {
      if (event.kind === 'triage') told.push(event.triage.words.length);
    });
    expectOk(first.acknowledge({ finding: id }));
    expectOk(first.mute({ workload: key, kind: 'drift', forMs: 600_000 }));
    expectOk(first.setRetention({ days: 30, megabytes: 100 }));
    expect(told).toEqual([1, 1]);
    await stopAll();
    const second = await start();
    expect(second.settings().retention).toEqual({ days: 30, megabytes: 100 });
    const { triage } = second.snapshot();
    expect(triage.words).toMatchObject([{ says: 'normal', finding: id }]);
    expect(triage.mutes).toMatchObject([{ workload: key, kind: 'drift' }]);
  }, 120_000);
});

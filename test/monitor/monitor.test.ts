import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMonitor } from '../../monitor/monitor.ts';
import type { MonitorOptions, RunningMonitor } from '../../monitor/rpc/service/service.ts';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { createLogger } from '../../monitor/runtime/logger.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { ok } from '../../monitor/runtime/result.ts';
import { expectOk } from './record/examples.ts';

let folder: string;
let simulator: Simulator;
const running: RunningMonitor[] = [];
let log: string[];

beforeEach(async () => {
  log = [];
  folder = mkdtempSync(join(tmpdir(), 'sentra-monitor-'));
  const plan = demoPlan(3, { firstIncidentAfterSeconds: 100_000 });
  simulator = await startSimulator({ socketPath: join(folder, 'engine.sock'), plan, seed: 3 });
});

afterEach(async () => {
  for (const monitor of running.splice(0)) await monitor.stop();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

function options(change: Partial<MonitorOptions> = {}): MonitorOptions {
  return {
    engine: `unix://${simulator.socketPath}`,
    policyFile: undefined,
    learnMs: 3_000,
    intervalMs: undefined,
    stateFolder: folder,
    controlFolder: folder,
    simulate: false,
    byApi: false,
    ...change,
  };
}

async function start(change: Partial<MonitorOptions> = {}): Promise<RunningMonitor> {
  const started = await startMonitor(options(change), {
    logger: createLogger((line) => log.push(line)),
  });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  running.push(started.value);
  return started.value;
}

async function eventually(check: () => boolean, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!check()) {
    if (Date.now() > end) throw new Error('It did not come about in time.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const namesOf = (monitor: RunningMonitor): readonly string[] =>
  monitor.service
    .snapshot()
    .workloads.map(({ workload }) => workload.name)
    .sort();

describe('the monitor', () => {
  it('that has no place for its record does not watch, and says why and what to do', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const logger = createLogger((line) => log.push(line));
    const started = await startMonitor(options({ stateFolder: file }), { logger });
    const failure = started.ok ? undefined : started.error;
    expect(failure).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining(`${file} is not a folder`) as unknown,
      advice: expect.stringMatching(/^Check that the folder exists/) as unknown,
    });
    // The lock was given back.
    await start();
  });

  it('watches every container, and others when the policy file says so', async () => {
    const monitor = await start();
    await eventually(() => namesOf(monitor).length === 8);
    const file = join(folder, 'policy.yaml');
    writeFileSync(file, 'version: 1\nwatch: {names: [queue]}\nrules: []\n');
    await eventually(() => namesOf(monitor).join() === 'queue');
    await eventually(() => monitor.service.snapshot().leftOut === 7);
    const refused = await monitor.service.act({ name: 'pause', target: 'research-agent-1' });
    expect(refused).toMatchObject({ ok: false, error: { kind: 'not-possible' } });
    expect(refused.ok ? '' : refused.error.message).toContain('not watched: `watch` in the policy');
    writeFileSync(file, 'version: 1\nwatch: {names: [queue]\nrules: []\n');
    const error = () =>
      monitor.service.snapshot().policy.problems.find(({ severity }) => severity === 'error');
    await eventually(() => error() !== undefined);
    expect(error()?.line).toBeGreaterThan(0);
    expect(namesOf(monitor)).toEqual(['queue']);
    writeFileSync(file, 'version: 1\nwatch: {names: ["research-*"]}\nrules: []\n');
    await eventually(() => namesOf(monitor).length === 3);
    expect(error()).toBeUndefined();
  }, 120_000);

  it('is one for each engine and user', async () => {
    await start();
    const second = await startMonitor(options());
    expect(second).toMatchObject({ ok: false, error: { kind: 'already-running' } });
  });

  it('says where it looked when the engine that was named does not answer', async () => {
    const started = await startMonitor(options({ engine: `unix://${folder}/nobody.sock` }));
    expect(started).toMatchObject({ ok: false, error: { kind: 'failed' } });
    if (started.ok || started.error.kind === 'already-running') throw new Error('It started.');
    expect(started.error.message).toContain('nobody.sock');
    expect(started.error.advice).not.toBe('');
  });

  it('goes on with what it learned after it was stopped and started', async () => {
    const first = await start();
    const learnedBy = (monitor: RunningMonitor) =>
      monitor.service.snapshot().workloads.filter(({ learning }) => learning.state === 'learned');
    await eventually(() => learnedBy(first).length === 8);
    await first.stop();
    running.length = 0;
    const second = await start();
    await eventually(
      () =>
        namesOf(second).length === 8 &&
        second.service.snapshot().workloads.every(({ resource }) => resource !== undefined),
    );
    expect(learnedBy(second)).toHaveLength(8);
  }, 120_000);

  it('forgets a simulation when it is over, and keeps one apart from what is kept', async () => {
    const simulated = { engine: undefined, simulate: true };
    const first = await start(simulated);
    expect(await startMonitor(options(simulated))).toMatchObject({
      error: { kind: 'already-running' },
    });
    await eventually(() => namesOf(first).includes('queue'));
    const frozen = await first.service.act({ name: 'pause', target: 'queue' });
    expect(frozen).toMatchObject({ ok: true, value: { outcome: { state: 'proved' } } });
    expect(existsSync(join(folder, 'engines'))).toBe(false);
    await first.stop();
    running.length = 0;
    const second = await start(simulated);
    expect(second.service.actions({ limit: 10 })).toEqual(ok([]));
    await eventually(() => namesOf(second).includes('queue'));
    const queue = second.service
      .snapshot()
      .workloads.find(({ workload }) => workload.name === 'queue');
    expect(queue).toMatchObject({ containment: undefined, workload: { state: 'running' } });
  }, 120_000);

  it('looks at the processes of a container about which something grave was found', async () => {
    const monitor = await start();
    const queue = () =>
      monitor.service.snapshot().workloads.find(({ workload }) => workload.name === 'queue');
    const processSight = () =>
      queue()?.coverage.find(({ sensor }) => sensor === 'process')?.sight.state;
    let listed = 0;
    monitor.service.subscribe((event) => {
      if (event.kind !== 'observations') return;
      listed += event.observations.filter(({ kind }) => kind === 'process').length;
    });
    await eventually(() => queue()?.learning.state === 'learned');
    expect(processSight()).toBe('starting');
    simulator.begin('queue', { kind: 'fork-bomb', strength: 'strong' });
    await eventually(() => processSight() === 'on-demand' && listed > 0);
  }, 120_000);

  it('freezes for a person, keeps it frozen over a restart of its own, and puts it back', async () => {
    const first = await start();
    await eventually(() => namesOf(first).length === 8);
    const frozen = await first.service.act({ name: 'pause', target: 'queue' });
    expect(frozen).toMatchObject({ ok: true, value: { outcome: { state: 'proved' } } });
    await first.stop();
    running.length = 0;
    const second = await start();
    const queue = () =>
      second.service.snapshot().workloads.find(({ workload }) => workload.name === 'queue');
    await eventually(() => queue()?.containment?.depth === 'frozen');
    const released = await second.service.act({ name: 'release', target: 'queue' });
    expect(released).toMatchObject({ ok: true, value: { outcome: { state: 'proved' } } });
    await eventually(
      () => queue()?.containment === undefined && queue()?.workload.state === 'running',
    );
    const recorded = expectOk(second.service.actions({ limit: 10 })).map(({ name }) => name);
    expect(recorded).toEqual(expect.arrayContaining(['pause', 'release']));
    // Subscribers are told of them; a log that says so too would have a person read it twice.
    expect(log.filter((line) => /pause|release/.test(line))).toEqual([]);
  }, 120_000);
});

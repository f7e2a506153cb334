import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectEngine } from '../../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../../monitor/engine/environment.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { defaultGuardRails } from '../../../monitor/respond/guard-rails.ts';
import type { Responder } from '../../../monitor/respond/responder.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import type { ContainerPlan, Plan } from '../../../monitor/simulator/plan.ts';
import { startSimulator } from '../../../monitor/simulator/simulator.ts';
import type { Simulator } from '../../../monitor/simulator/simulator.ts';
import {
  createHandClock,
  createMemoryRecord,
  decide,
  respondWith,
  told,
} from './responder-stand.ts';
import type { HandClock, MemoryRecord } from './responder-stand.ts';

let directory: string;
let simulator: Simulator;
let engine: Engine;
let clock: HandClock;
let record: MemoryRecord;
let responder: Responder;

const fleet: readonly ContainerPlan[] = Array.from({ length: 40 }, (_, index) => ({
  name: `agent-${index}`,
  agent: 'idle',
  image: 'agent:1',
  networks: index % 2 === 0 ? ['team'] : ['team', 'bridge'],
  aliases: [`alias-${index}`],
  restartPolicy: { name: 'always', maximumRetryCount: 0 },
  onTerminate: 'ignores',
}));

const plan: Plan = { containers: fleet, networks: [{ name: 'team', subnet: '10.77.0.0/16' }] };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sentra-respond-'));
  simulator = await startSimulator({
    socketPath: join(directory, 'engine.sock'),
    plan,
    speed: 'stepped',
  });
  const connected = await connectEngine({
    endpoint: `unix://${simulator.socketPath}`,
    environment: systemEnvironment(),
    logger: silentLogger,
    signal: AbortSignal.timeout(5_000),
  });
  if (!connected.ok) throw new Error(JSON.stringify(connected.error));
  engine = connected.value;
  clock = createHandClock();
  record = createMemoryRecord();
  const guardRails = { ...defaultGuardRails, cap: { actions: 1_000, windowMs: 60_000 } };
  responder = respondWith({ engine, clock, record, guardRails });
});

afterEach(async () => {
  engine.close();
  await simulator.close();
  await rm(directory, { recursive: true, force: true });
});

async function workloadOf(name: string): Promise<Workload> {
  const detail = await engine.inspect(simulator.idOf(name));
  if (!detail.ok) throw new Error(detail.error.message);
  return detail.value.workload;
}

async function pause(name: string): Promise<string> {
  const workload = await workloadOf(name);
  const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
  return told(action);
}

describe('against an engine over a socket', () => {
  test('forty containers are frozen at once, and released as they were', async () => {
    const before = await Promise.all(fleet.map(({ name }) => engine.inspect(simulator.idOf(name))));
    const frozen = await Promise.all(fleet.map(({ name }) => pause(name)));
    expect(new Set(frozen)).toEqual(
      new Set(['proved: Read back: paused, no network, restart policy no.']),
    );
    const released = await Promise.all(
      responder.containments().map((held) => responder.byPerson({ kind: 'release' }, held)),
    );
    const states = new Set(released.map(({ outcome }) => outcome.state));
    expect([...states].every((state) => state === 'proved' || state === 'partly')).toBe(true);
    const after = await Promise.all(fleet.map(({ name }) => engine.inspect(simulator.idOf(name))));
    const team = (answers: typeof after) =>
      answers.map((answer) =>
        answer.ok
          ? answer.value.endpoints
              .filter(({ networkName }) => networkName === 'team')
              // Which a release says of the address that it asked for, in place of the engine.
              .map((each) => ({ ...each, isAddressGiven: undefined }))
          : answer.error,
      );
    expect(team(after)).toEqual(team(before));
    expect(responder.containments()).toEqual([]);
  });

  test('an engine that says it paused and did not is not believed', async () => {
    simulator.faults.inject({ kind: 'pretend', operations: ['pause'], container: 'agent-0' });
    expect(await pause('agent-0')).toMatch(/^partly: .*\[It still runs\.\]/);
    simulator.faults.clear();
    clock.move(10_000);
    expect((await responder.reconcile('all')).open).toEqual([]);
    expect((await workloadOf('agent-0')).state).toBe('paused');
  });

  test('garbage in place of the first look does not keep it from freezing', async () => {
    const workload = await workloadOf('agent-1');
    simulator.faults.inject({
      kind: 'garbage',
      form: 'wrong-types',
      operations: ['inspect'],
      times: 1,
    });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toMatch(/^proved/);
  });

  test('what an engine restart thawed or ended is held again, known and bounded', async () => {
    expect(await pause('agent-0')).toMatch(/^proved/);
    expect(await pause('agent-1')).toMatch(/^proved/);
    await simulator.faults.stopEngine({ containers: 'stop' });
    expect((await responder.reconcile('all')).unknown).toHaveLength(2);
    // The engine is back within the stop time-out: thawed, and ignoring SIGTERM.
    await simulator.faults.startEngine();
    clock.move(3_000);
    const found = await responder.reconcile('all', () => 1.5);
    expect(found.actions.map(told)).toEqual([
      expect.stringMatching(
        /^proved: In between it ran for at most 3\.0 s and used at least 1\.50 s of CPU\..*paused/,
      ),
      expect.stringMatching(/^proved: In between it ran for at most 3\.0 s/),
    ]);
    // The engine's kill comes all the same; then it stays down, and known.
    await simulator.advance(15_000);
    await responder.reconcile('all');
    expect((await workloadOf('agent-0')).state).toBe('exited');
    expect(responder.containments()).toHaveLength(2);
  });

  test('one created again under the same name is another container: the old one is gone', async () => {
    const workload = await workloadOf('agent-3');
    simulator.recreate('agent-3');
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'kill' }]), workload);
    expect(told(action)).toBe('failed: Gone: the container is no longer there.');
    expect((await workloadOf('agent-3')).state).toBe('running');
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Workload } from '../../../../monitor/model/workload.ts';
import { systemClock } from '../../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import {
  watchWorkloads,
  type ConnectionState,
  type EventSight,
  type WorkloadWatcher,
} from '../../../../monitor/sensors/lifecycle/workload-watcher.ts';
import { createFakeEngine, until } from '../fake-engine.ts';

const idOf = (number: number): string => number.toString(16).padStart(64, '0');
const one = idOf(1);

interface Told {
  readonly facts: string[];
  readonly at: number[];
  readonly changes: string[];
  readonly sights: EventSight[];
  readonly connections: ConnectionState[];
  lost: number;
}

let engine: ReturnType<typeof createFakeEngine>;
let watcher: WorkloadWatcher | undefined;
let told: Told;

function watch(relistMs = 150): WorkloadWatcher {
  const name = (workload: Workload): string => workload.name;
  watcher = watchWorkloads({
    reader: engine.reader,
    selects: (summary) => !summary.name.startsWith('other'),
    clock: systemClock,
    logger: silentLogger,
    relistMs: () => relistMs,
    patienceMs: 200,
    renewMs: 50,
    onAdded: (workload) => told.changes.push(`added ${name(workload)}`),
    onChanged: (workload) => told.changes.push(`${name(workload)} ${workload.state}`),
    onPassedOver: () => undefined,
    onGone: (workload) => told.changes.push(`gone ${name(workload)}`),
    onFact: (workload, fact, at) => {
      told.facts.push(`${name(workload)} ${fact.name}`);
      told.at.push(at);
    },
    onConnection: (connection) => told.connections.push(connection),
    onSight: (sight) => told.sights.push(sight),
    onLost: (_, count) => {
      told.lost += count;
    },
  });
  return watcher;
}

const connected = (): Promise<void> =>
  until('connected', () => told.connections.at(-1)?.state === 'connected');

beforeEach(() => {
  engine = createFakeEngine(() => Date.now());
  told = { facts: [], at: [], changes: [], sights: [], connections: [], lost: 0 };
});

afterEach(async () => {
  await watcher?.stop();
  watcher = undefined;
  expect(engine.fake.streams.size).toBe(0);
});

describe('watching containers', () => {
  test('what is left out is counted by its name, with the reason', async () => {
    engine.fake.create(one, 'agent');
    engine.fake.create(idOf(2), 'other');
    const watching = watch();
    await connected();
    engine.fake.create(idOf(3), 'other-later');
    await until('both are left out', () => watching.ignored().length === 2);
    expect(watching.ignored().map(({ name, reason }) => [name, reason])).toEqual([
      ['other', 'not-selected'],
      ['other-later', 'not-selected'],
    ]);
  });

  test('what runs already is found, and nothing is said to have happened', async () => {
    engine.fake.create(one, 'agent');
    engine.fake.start(one);
    engine.fake.create(idOf(2), 'other');
    watch();
    await until('the workload', () => told.changes.length > 0);
    expect(told.changes).toEqual(['added agent']);
    expect(told.facts).toEqual([]);
  });

  test('a life is told in order, with the container’s health checks left out', async () => {
    engine.fake.healthCommand = '/bin/sh -c true';
    watch();
    await connected();
    const { fake } = engine;
    fake.create(one, 'agent');
    fake.emit('network', 'connect', 'n1', { attributes: { container: one, name: 'bridge' } });
    fake.start(one);
    await until('started', () => told.facts.includes('agent start'));
    fake.emit('container', 'exec_start', one, { detail: '/bin/sh -c true' });
    fake.emit('container', 'exec_start', one, { detail: 'curl http://example' });
    fake.emit('container', 'health_status', one, { detail: 'unhealthy' });
    fake.emit('container', 'oom', one);
    fake.pause(one);
    fake.die(one, 137);
    fake.destroy(one);
    await until('gone', () => told.changes.includes('gone agent'));
    const names = told.facts.map((fact) => fact.replace('agent ', ''));
    const middle = ['exec', 'health', 'out-of-memory', 'pause', 'die', 'destroy'];
    expect(names).toEqual(['network-attach', 'start', ...middle]);
    expect(told.changes).toContain('agent paused');
    expect(told.changes).toContain('agent exited');
  });

  test('a container made again under its name is another one with the same key', async () => {
    const keys: string[] = [];
    watch();
    await connected();
    engine.fake.create(one, 'agent');
    await until('the first', () => told.changes.length === 1);
    keys.push(watcher?.workloads()[0]?.key ?? '');
    engine.fake.destroy(one);
    engine.fake.create(idOf(2), 'agent');
    await until('the second', () => told.changes.length === 3);
    keys.push(watcher?.workloads()[0]?.key ?? '');
    expect(told.changes).toEqual(['added agent', 'gone agent', 'added agent']);
    expect(watcher?.workloads()[0]?.container).toBe(idOf(2));
    expect(keys).toEqual(['agent#agent', 'agent#agent']);
  });

  test('a burst of 10,000 events loses no state and inspects little', async () => {
    watch();
    await connected();
    const count = 100;
    for (let number = 1; number <= count; number += 1)
      engine.fake.create(idOf(number), `a${number}`);
    await until('all', () => watcher?.workloads().length === count);
    engine.fake.inspections = 0;
    for (let round = 0; round < 50; round += 1) {
      for (let number = 1; number <= count; number += 1) {
        engine.fake.start(idOf(number));
        if (round < 49 || number % 2 === 0) engine.fake.die(idOf(number), 1);
      }
    }
    const running = (): number =>
      watcher?.workloads().filter((workload) => workload.state === 'running').length ?? 0;
    await until('half of them running', () => running() === count / 2);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(running()).toBe(count / 2);
    expect(told.facts.filter((fact) => fact.endsWith('start'))).toHaveLength(5000);
    expect(told.facts.filter((fact) => fact.endsWith('die'))).toHaveLength(4950);
    expect(told.lost).toBe(0);
    expect(engine.fake.inspections).toBeLessThan(count * 5);
    expect(engine.fake.mostInspectionsAtOnce).toBeLessThanOrEqual(4);
    expect(told.sights).toEqual([]);
  });
});

describe('an engine that goes away', () => {
  test('is waited for, and what happened meanwhile is told once', async () => {
    engine.fake.create(one, 'agent');
    engine.fake.start(one);
    engine.fake.create(idOf(2), 'short');
    await new Promise((resolve) => setTimeout(resolve, 5));
    watch();
    await connected();
    await until('both', () => told.changes.length === 2);
    engine.fake.down = true;
    engine.fake.drop();
    await until('reconnecting', () => told.connections.at(-1)?.state === 'reconnecting');
    engine.fake.die(one, 1);
    engine.fake.start(one);
    engine.fake.destroy(idOf(2));
    engine.fake.down = false;
    await connected();
    await until('gone', () => told.changes.includes('gone short'));
    expect(told.facts).toEqual(['agent die', 'agent start', 'short destroy']);
  });

  test('and forgot its events: the list tells what happened', async () => {
    engine.fake.create(one, 'agent');
    engine.fake.start(one);
    watch();
    await connected();
    await until('added', () => told.changes.length === 1);
    engine.fake.down = true;
    engine.fake.drop();
    engine.fake.die(one);
    engine.fake.log.length = 0;
    engine.fake.down = false;
    await until('told', () => told.facts.length === 1);
    expect(told.facts).toEqual(['agent die']);
    expect(watcher?.workloads()[0]?.state).toBe('exited');
  });
});

describe('a connection that is there and carries nothing', () => {
  const settle = () => new Promise((resolve) => setTimeout(resolve, 400));

  test('is told as blind while nothing happens, and what it kept back is told once', async () => {
    engine.fake.create(one, 'agent');
    watch(600_000);
    await connected();
    engine.fake.stalled = true;
    engine.fake.streams.clear();
    await until('blind', () => told.sights.at(-1)?.state === 'blind');
    expect(told.sights).toEqual([
      {
        state: 'blind',
        answers: true,
        reason: 'The engine answers, yet has not opened its stream of events within 0.2 s.',
      },
    ]);
    engine.fake.start(one);
    engine.fake.stalled = false;
    await until('seeing', () => told.sights.at(-1)?.state === 'seeing');
    await until('the start', () => told.facts.length > 0);
    await settle();
    expect(told.facts).toEqual(['agent start']);
    expect(told.connections).toHaveLength(1);
  });

  test('to an engine that answers nothing is told as that', async () => {
    watch(600_000);
    await connected();
    engine.fake.silent = true;
    engine.fake.stalled = true;
    await until('blind', () => told.sights.length > 0);
    const reason = 'The engine has answered nothing for 0.2 s.';
    expect(told.sights).toEqual([{ state: 'blind', answers: false, reason }]);
    engine.fake.silent = false;
    engine.fake.stalled = false;
    await until('seeing', () => told.sights.at(-1)?.state === 'seeing');
  });

  test('is replaced before anything is lost where only that one fell silent', async () => {
    engine.fake.create(one, 'agent');
    watch(600_000);
    await connected();
    engine.fake.start(one);
    await until('the start', () => told.facts.includes('agent start'));
    engine.fake.streams.clear();
    engine.fake.pause(one);
    await until('the pause', () => told.facts.includes('agent pause'));
    await settle();
    expect(told.facts).toEqual(['agent start', 'agent pause']);
    expect(told.sights).toEqual([]);
    expect(engine.fake.streams.size).toBeLessThanOrEqual(2);
    expect(engine.fake.mostStreams).toBeLessThanOrEqual(3);
  });

  test('does not count again what nobody understood, however often it is replayed', async () => {
    engine.fake.create(one, 'agent');
    watch(600_000);
    await connected();
    engine.fake.start(one);
    await until('the start', () => told.facts.includes('agent start'));
    engine.fake.garble();
    engine.fake.garble();
    const { opened } = engine.fake;
    await until('opened thrice', () => engine.fake.opened > opened + 3);
    expect(told.lost).toBe(2);
    engine.fake.streams.clear();
    engine.fake.garble();
    await until('the third', () => told.lost === 3);
    engine.fake.pause(one);
    await until('the pause', () => told.facts.includes('agent pause'));
    expect(told.lost).toBe(3);
  });
});

describe('a stream that is open and silent', () => {
  test('is called blind when somebody else saw the end that it did not tell', async () => {
    engine.fake.create(one, 'agent');
    engine.fake.start(one);
    const watching = watch(600_000);
    await connected();
    await until('added', () => told.changes.length === 1);
    engine.fake.mute = true;
    engine.fake.die(one, 1);
    watching.recheck(one);
    await until('blind', () => told.sights.at(-1)?.state === 'blind');
    await until('the end', () => told.facts.includes('agent die'));
    engine.fake.mute = false;
  });

  test('is not doubted for what it tells a moment later, and no list is read for it', async () => {
    const watching = watch(600_000);
    await connected();
    engine.fake.create(one, 'agent');
    await until('added', () => told.changes.length === 1);
    const { fake } = engine;
    fake.mute = true;
    fake.start(one);
    watching.recheck(one);
    await until('seen', () => told.changes.includes('agent running'));
    fake.mute = false;
    await until('the start', () => told.facts.includes('agent start'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(told.sights).toEqual([]);
    expect(fake.lists).toBe(1);
  });

  test('is called blind when the list shows more, is opened anew, and nothing is told twice', async () => {
    watch();
    await connected();
    engine.fake.create(one, 'agent');
    await until('added', () => told.changes.length === 1);
    engine.fake.mute = true;
    engine.fake.start(one);
    await until('blind', () => told.sights.length === 1, 60_000);
    expect(told.sights[0]).toMatchObject({ state: 'blind' });
    await until('the start', () => told.facts.includes('agent start'), 60_000);
    expect(watcher?.workloads()[0]?.state).toBe('running');
    // Still silent, so still blind, however often it is opened.
    const { opened } = engine.fake;
    await until('opened again', () => engine.fake.opened > opened + 1, 60_000);
    expect(told.sights).toHaveLength(1);
    engine.fake.mute = false;
    await until('seeing', () => told.sights.at(-1)?.state === 'seeing', 60_000);
    expect(told.facts).toEqual(['agent start']);
  });

  test('a restart that only the start time shows is found when it is looked for', async () => {
    engine.fake.create(one, 'agent');
    engine.fake.start(one);
    watch(300);
    await connected();
    await until('added', () => told.changes.length === 1);
    engine.fake.mute = true;
    await new Promise((resolve) => setTimeout(resolve, 700));
    engine.fake.die(one);
    engine.fake.start(one);
    watcher?.recheck(one);
    await until('blind', () => told.sights.length === 1, 60_000);
    await until('both facts', () => told.facts.length === 2, 60_000);
    expect(told.facts).toEqual(['agent die', 'agent start']);
    engine.fake.mute = false;
  });

  test('a container that somebody else saw is looked for at once', async () => {
    watch(60_000);
    await connected();
    engine.fake.mute = true;
    engine.fake.create(one, 'agent');
    engine.fake.start(one);
    await new Promise((resolve) => setTimeout(resolve, 50));
    watcher?.suspect(one);
    await until('the workload', () => watcher?.workloads().length === 1, 60_000);
    await until('blind', () => told.sights.length === 1, 60_000);
    engine.fake.mute = false;
  });

  test('a list that is a moment ahead of the events is no reason to doubt them', async () => {
    watch(50);
    await connected();
    for (let number = 1; number < 30; number += 1) {
      engine.fake.mute = true;
      engine.fake.create(idOf(number), `a${number}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
      engine.fake.mute = false;
      const [event] = engine.fake.log.slice(-1);
      if (event !== undefined) for (const stream of engine.fake.streams) stream.onItem(event);
    }
    await until('all', () => watcher?.workloads().length === 29);
    expect(told.sights).toEqual([]);
  });
});

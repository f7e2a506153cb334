import { beforeEach, describe, expect, test } from 'vitest';
import type { ActionName } from '../../../monitor/model/action.ts';
import type { Responder } from '../../../monitor/respond/responder.ts';
import { createMemoryEngine, endpoint, engineError } from './memory-engine.ts';
import type { MemoryContainer, MemoryEngine } from './memory-engine.ts';
import { createHandClock, createMemoryRecord, respondWith, told } from './responder-stand.ts';
import type { HandClock, MemoryRecord } from './responder-stand.ts';

let engine: MemoryEngine;
let clock: HandClock;
let record: MemoryRecord;
let responder: Responder;
let agent: MemoryContainer;

beforeEach(async () => {
  engine = createMemoryEngine();
  clock = createHandClock();
  record = createMemoryRecord();
  responder = respondWith({ engine, clock, record });
  agent = engine.add({ name: 'agent' });
  await responder.byPerson({ kind: 'pause' }, engine.workload(agent.id));
});

/** The monitor ends without a word, and another one goes on from the record. */
function crash(): void {
  responder = respondWith({ engine, clock, record });
}

describe('upkeep', () => {
  test('does nothing and records nothing while all is as recorded', async () => {
    const found = await responder.reconcile('all');
    expect(found).toMatchObject({ actions: [], closed: [], open: [], unknown: [] });
  });

  test('freezes again what was thawed behind its back, and bounds what it did meanwhile', async () => {
    agent.state = 'running';
    clock.move(12_000);
    const found = await responder.reconcile([engine.workload(agent.id)], () => 3.25);
    expect(agent.state).toBe('paused');
    expect(found.actions).toMatchObject([
      {
        name: 'pause',
        requester: {
          kind: 'upkeep',
          reason: expect.stringMatching(
            /^Found running at .* though frozen, held since .*last looked/,
          ) as unknown,
        },
      },
    ]);
    expect(told(found.actions[0])).toMatch(
      /^proved: In between it ran for at most 12\.0 s and used at least 3\.25 s of CPU\. Read back: paused/,
    );
  });

  test('after a crash of the monitor bounds it by what is recorded, and says what the engine tells', async () => {
    crash();
    clock.move(3_600_000);
    agent.state = 'running';
    // An engine whose clock is ahead must not make the bound smaller than it is.
    agent.startedAt = clock.now() + 60_000;
    const found = await responder.reconcile('all');
    expect(told(found.actions[0])).toMatch(
      /In between it ran for at most 60 min\. By the engine's clock it was started at /,
    );
  });

  test('detaches again what was attached behind its back, and knows it for the undo', async () => {
    agent.endpoints = [endpoint('team', { aliases: ['late'] })];
    const found = await responder.reconcile('all');
    expect(found.actions[0]?.requester).toMatchObject({
      reason: expect.stringMatching(/^Found attached to team/) as unknown,
    });
    expect(agent.endpoints).toEqual([]);
    expect(responder.containmentOf(agent.id)?.undo.networks).toMatchObject([
      { networkName: 'bridge' },
      { networkName: 'team', aliases: ['late'] },
    ]);
  });

  test('keeps what has ended known and held down, and says so once', async () => {
    agent.state = 'exited';
    agent.exitCode = 137;
    const found = await responder.reconcile('all');
    expect(found.actions.map(told)).toEqual([
      expect.stringMatching(
        /^proved: It does not run and is held down\. Before it ended it ran for at most .*exit code 137/,
      ),
    ]);
    crash();
    expect((await responder.reconcile('all')).actions).toEqual([]);
    agent.state = 'running';
    await responder.reconcile('all');
    expect(agent.state).toBe('paused');
  });

  test('freezes what was killed when somebody starts it again', async () => {
    await responder.byPerson({ kind: 'kill' }, engine.workload(agent.id));
    expect((await responder.reconcile('all')).actions).toEqual([]);
    agent.state = 'running';
    await responder.reconcile('all');
    expect(agent.state).toBe('paused');
  });

  test('closes what is gone', async () => {
    engine.containers.delete(agent.id);
    const found = await responder.reconcile('all');
    expect(found.closed).toMatchObject([{ name: 'agent' }]);
    expect(found.actions.map(told)).toEqual([expect.stringMatching(/^proved: .*no longer there/)]);
    expect(record.containments.size).toBe(0);
  });

  test('leaves all as it is while the engine does not tell', async () => {
    engine.trouble = () => engineError('unreachable');
    const found = await responder.reconcile('all');
    expect(found).toMatchObject({ actions: [], unknown: [agent.id] });
    expect(responder.containments()).toHaveLength(1);
  });

  test('does not try without end what fails: it waits out a cool-down', async () => {
    engine.trouble = ({ name }) => (name === 'pause' ? engineError('failed') : undefined);
    agent.state = 'running';
    const first = await responder.reconcile('all');
    expect(first).toMatchObject({ open: [agent.id], actions: [{ outcome: { state: 'partly' } }] });
    engine.calls.length = 0;
    const second = await responder.reconcile('all');
    expect(second).toMatchObject({ open: [agent.id], actions: [] });
    expect(engine.calls).toHaveLength(1);
    engine.trouble = () => undefined;
    clock.move(5_000);
    expect((await responder.reconcile('all')).open).toEqual([]);
    expect(agent.state).toBe('paused');
  });

  test('carries out what was decided while the engine did not answer', async () => {
    const other = engine.add({ name: 'other' });
    engine.trouble = () => engineError('unreachable');
    const action = await responder.byPerson({ kind: 'pause' }, engine.workload(other.id));
    expect(told(action)).toMatch(/^failed: .*tried again when the engine answers/);
    engine.trouble = () => undefined;
    clock.move(10_000);
    await responder.reconcile('all');
    expect(other).toMatchObject({ state: 'paused', endpoints: [] });
    expect(responder.containmentOf(other.id)?.undo.networks).toHaveLength(1);
  });

  test('knows what was asked without an answer, which may still take effect', async () => {
    const late = engine.add({ name: 'late', attachment: 'none' });
    engine.trouble = ({ name }) => (name === 'pause' ? engineError('timeout') : undefined);
    await responder.byPerson({ kind: 'pause' }, engine.workload(late.id));
    engine.trouble = () => undefined;
    late.state = 'paused';
    expect(responder.containmentOf(late.id)?.depth).toBe('frozen');
    await responder.byPerson({ kind: 'release' }, engine.workload(late.id));
    expect(late.state).toBe('running');
  });

  test('looks once where many ask at the same time', async () => {
    engine.calls.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => responder.reconcile('all')));
    expect(engine.calls.length).toBeLessThanOrEqual(2);
  });
});

describe('after a crash in the middle', () => {
  /** Begins the action and loses the monitor at the given call. */
  async function crashAt(
    call: string,
    kind: 'pause' | 'kill' | 'release',
    when: () => boolean = () => true,
  ) {
    let reached: () => void = () => undefined;
    const reaching = new Promise<void>((resolve) => (reached = resolve));
    engine.trouble = ({ name }) => {
      if (name !== call || !when()) return undefined;
      reached();
      return 'silence';
    };
    void responder.byPerson({ kind }, engine.workload(agent.id));
    await reaching;
    engine.trouble = () => undefined;
    crash();
  }

  const finished = (name: ActionName) =>
    told([...record.actions.values()].filter((action) => action.name === name).at(-1));

  test('a freeze is completed', async () => {
    agent = engine.add({ name: 'second' });
    await crashAt('detach', 'pause');
    await responder.reconcile('all');
    expect(agent).toMatchObject({ state: 'paused', endpoints: [] });
    expect(finished('pause')).toMatch(/^proved: The monitor was interrupted/);
  });

  test('a freeze that had done nothing yet is carried out: nobody else would decide it again', async () => {
    agent = engine.add({ name: 'second' });
    await crashAt('inspect', 'pause');
    await responder.reconcile('all');
    expect(agent).toMatchObject({ state: 'paused', endpoints: [] });
    expect(finished('pause')).toMatch(/^proved: The monitor was interrupted/);
  });

  test('a freeze that had done nothing yet is told as failed where the container was started again since', async () => {
    agent = engine.add({ name: 'second' });
    await crashAt('inspect', 'pause');
    agent.startedAt = clock.now() + 120_000;
    await responder.reconcile('all');
    expect(agent.state).toBe('running');
    expect(finished('pause')).toMatch(/^failed: .*Nothing had been done yet/);
  });

  test('a kill that had not happened becomes a freeze', async () => {
    agent = engine.add({ name: 'second' });
    await crashAt('kill', 'kill');
    await responder.reconcile('all');
    expect(agent.state).toBe('paused');
    expect(finished('kill')).toMatch(/^failed: .*frozen instead.* may be left, stopped by SIGSTOP/);
  });

  test('a kill that had happened is told with what nobody looked for any more', async () => {
    agent = engine.add({ name: 'second' });
    await crashAt('kill', 'kill');
    agent.state = 'exited';
    await responder.reconcile('all');
    expect(finished('kill')).toMatch(/^proved: .*not running.* may be left, stopped by SIGSTOP/);
  });

  test('a release that was not done leaves it held, with nothing attached', async () => {
    await crashAt('unpause', 'release');
    await responder.reconcile('all');
    expect(agent).toMatchObject({ state: 'paused', endpoints: [] });
    expect(finished('release')).toMatch(/^failed: .*It stays held/);
    const action = await responder.byPerson({ kind: 'release' }, engine.workload(agent.id));
    expect(told(action)).toContain('Released');
    expect(agent).toMatchObject({ state: 'running', endpoints: [{ networkName: 'bridge' }] });
  });

  test('a release that was as good as done is completed', async () => {
    await crashAt('inspect', 'release', () => agent.state === 'running');
    await responder.reconcile('all');
    expect(agent.state).toBe('running');
    expect(responder.containments()).toEqual([]);
    expect(finished('release')).toMatch(
      /^partly: The monitor was interrupted.*Released.*address on bridge was/,
    );
  });
});

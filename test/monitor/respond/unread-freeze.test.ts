import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { defaultTries } from '../../../monitor/respond/response-context.ts';
import {
  createMemoryEngine,
  engineError,
  type MemoryContainer,
  type MemoryEngine,
} from './memory-engine.ts';
import {
  createHandClock,
  createMemoryRecord,
  decide,
  respondWith,
  told,
  type HandClock,
  type MemoryRecord,
} from './responder-stand.ts';

/** A clock on which an answer that comes at all comes before any wait has ended. */
function createPatientClock(): HandClock {
  const hand = createHandClock();
  return {
    ...hand,
    async sleep(milliseconds, signal) {
      for (let turns = 0; turns < 5; turns += 1) await turn();
      if (signal?.aborted === true) throw signal.reason;
      hand.move(milliseconds);
    },
  };
}

let engine: MemoryEngine;
let clock: HandClock;
let record: MemoryRecord;

beforeEach(() => {
  engine = createMemoryEngine();
  clock = createPatientClock();
  record = createMemoryRecord();
});

/** From its freeze on the engine answers nothing about the container, as 20.10 does amid an exec. */
function fallSilent(agent: MemoryContainer, answered: readonly string[] = []): void {
  engine.trouble = ({ name }) =>
    agent.state === 'paused' && name !== 'list' && name !== 'pause' && !answered.includes(name)
      ? 'silence'
      : undefined;
}

function respond() {
  return respondWith({ engine, clock, record, tries: defaultTries });
}

describe('a freeze that the engine accepts and does not let read back', () => {
  test('is proved by the list, within seconds, where nothing else was to be done', async () => {
    const agent = engine.add({ name: 'agent', endpoints: [] });
    fallSilent(agent);
    const workload = engine.workload(agent.id);
    const before = clock.monotonic();
    const actions = await respond().carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
      'critical',
    );
    expect(actions.map(told)).toEqual([expect.stringMatching(/^proved: Frozen: .*says paused/)]);
    expect(clock.monotonic() - before).toBeLessThan(3_000);
    expect(engine.calls.filter(({ name }) => name === 'pause')).toHaveLength(1);
  });

  test('is done in part where its networks are left, and upkeep takes them when the engine answers', async () => {
    const agent = engine.add({
      name: 'agent',
      restartPolicy: { name: 'always', maximumRetryCount: 0 },
    });
    fallSilent(agent, ['networkHasSubnet']);
    const workload = engine.workload(agent.id);
    const responder = respond();
    const actions = await responder.carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
      'critical',
    );
    // Frozen is frozen: nothing escalates to a kill.
    expect(actions.map(({ name }) => name)).toEqual(['pause']);
    expect(told(actions[0])).toMatch(
      /^partly: Frozen: .*\[It is still attached to the network bridge.*\| The engine may start it again/,
    );
    expect(responder.containmentOf(agent.id)).toMatchObject({
      depth: 'frozen',
      undo: { pausedBySentra: true, networks: [{ networkName: 'bridge' }] },
    });
    expect(responder.containmentOf(agent.id)?.holes.join()).toContain('still attached');

    engine.trouble = () => undefined;
    clock.move(10_000);
    const found = await responder.reconcile('all');
    expect(found.actions.map(told)).toEqual([expect.stringMatching(/^proved: .*paused, no net/)]);
    expect(agent).toMatchObject({ endpoints: [], restartPolicy: { name: 'no' } });
    expect(responder.containmentOf(agent.id)?.holes.join()).not.toContain('still attached');

    const release = await responder.byPerson({ kind: 'release' }, workload);
    expect(told(release)).toMatch(/^(proved|partly)/);
    expect(agent).toMatchObject({ state: 'running', restartPolicy: { name: 'always' } });
    expect(agent.endpoints).toMatchObject([{ networkName: 'bridge' }]);
  });

  test('is proved where the networks went before it fell silent', async () => {
    const agent = engine.add({ name: 'agent' });
    fallSilent(agent, ['networkHasSubnet', 'detach']);
    const workload = engine.workload(agent.id);
    const [action] = await respond().carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toMatch(/^proved: Frozen: /);
    expect(agent.endpoints).toEqual([]);
  });

  test('is not believed when the list does not say paused', async () => {
    const agent = engine.add({ name: 'agent' });
    engine.trouble = ({ name }) => {
      if (agent.state === 'paused' && name === 'inspect') return 'silence';
      // Thawed behind everybody's back.
      if (name === 'list') agent.state = 'running';
      return undefined;
    };
    const workload = engine.workload(agent.id);
    const responder = respond();
    await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    const told = [...record.actions.values()].map(({ outcome }) => JSON.stringify(outcome));
    expect(told.join()).not.toContain('Frozen: ');
    expect(responder.containments()).toHaveLength(1);
  });
});

describe('an engine that stalls', () => {
  test('does not keep whoever waits: each action ends after a look, a try and a look', async () => {
    const agent = engine.add({ name: 'agent' });
    // Looks run out of the responder's patience, changes into the adapter's time-out.
    engine.trouble = ({ name }) => (name === 'inspect' ? 'silence' : engineError('timeout'));
    const responder = respond();
    const action = await responder.byPerson({ kind: 'pause' }, engine.workload(agent.id));
    expect(told(action)).toMatch(/^failed: The engine did not tell .*tried again when the engine/);
    expect(engine.calls.map(({ name }) => name)).toEqual(['inspect', 'pause', 'inspect']);
    engine.trouble = () => undefined;
    clock.move(10_000);
    await responder.reconcile('all');
    expect(agent).toMatchObject({ state: 'paused', endpoints: [] });
  });
});

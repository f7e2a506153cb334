import type { Workload } from '../../../monitor/model/workload.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Action } from '../../../monitor/model/action.ts';
import { failed } from '../../../monitor/runtime/result.ts';
import { noOutsiders, type Outsiders } from '../../../monitor/respond/outsiders.ts';
import { defaultGuardRails } from '../../../monitor/respond/guard-rails.ts';
import type { ResponderOptions } from '../../../monitor/respond/responder.ts';
import { createMemoryEngine, endpoint, engineError, idOf } from './memory-engine.ts';
import type { MemoryEngine } from './memory-engine.ts';
import {
  createHandClock,
  createMemoryRecord,
  decide,
  respondWith,
  told,
} from './responder-stand.ts';
import type { HandClock, MemoryRecord } from './responder-stand.ts';

let engine: MemoryEngine;
let clock: HandClock;
let record: MemoryRecord;

beforeEach(() => {
  engine = createMemoryEngine();
  clock = createHandClock();
  record = createMemoryRecord();
});

const names = (actions: readonly Action[]) =>
  actions.map(({ name, outcome }) => `${name} ${outcome.state}`);

describe('freezing', () => {
  test('pauses first, then detaches, holds the restart policy down and reads it back', async () => {
    const agent = engine.add({
      name: 'agent',
      endpoints: [endpoint('bridge'), endpoint('team', { aliases: ['api'] })],
      restartPolicy: { name: 'always', maximumRetryCount: 0 },
    });
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(
      decide(engine.workload(agent.id), [{ kind: 'pause' }]),
      engine.workload(agent.id),
    );

    expect(told(action)).toBe('proved: Read back: paused, no network, restart policy no.');
    expect(engine.calls.map(({ name }) => name)).toEqual([
      'inspect',
      'pause',
      'networkHasSubnet',
      'networkHasSubnet',
      'detach',
      'detach',
      'update',
      'inspect',
    ]);
    expect(record.written).toEqual(['pause started', 'pause proved']);
    expect(record.containments.get(agent.id)).toMatchObject({
      depth: 'frozen',
      undo: {
        pausedBySentra: true,
        restartPolicy: { name: 'always' },
        networks: [
          { networkName: 'bridge', addressCanReturn: false },
          { networkName: 'team', aliases: ['api'], addressCanReturn: true },
        ],
      },
    });
    expect(responder.containmentOf(agent.id)?.holes.join()).toContain('stops or restarts thaws it');
  });

  test('has written down what to put back before the engine is asked to change anything', async () => {
    const agent = engine.add({ name: 'agent' });
    let noted = 0;
    engine.trouble = ({ name }) => {
      if (name === 'pause') noted = record.containments.get(agent.id)?.undo.networks.length ?? 0;
      return undefined;
    };
    const workload = engine.workload(agent.id);
    await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
    );
    expect(noted).toBe(1);
  });

  test('on the network of the host is told as done in part', async () => {
    const agent = engine.add({ name: 'agent', attachment: 'host' });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toMatch(/^partly: .*paused.*\[.*host's network.*cannot be detached/);
    expect(engine.calls.some(({ name }) => name === 'detach')).toBe(false);
  });

  test('does not wait for an engine that does not tell: notes come after the pause', async () => {
    const agent = engine.add({ name: 'agent' });
    let looks = 0;
    engine.trouble = ({ name }) =>
      name === 'inspect' && (looks += 1) === 1 ? engineError('garbage') : undefined;
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(engine.calls.slice(0, 3).map(({ name }) => name)).toEqual([
      'inspect',
      'pause',
      'inspect',
    ]);
    expect(told(action)).toMatch(/^proved/);
    expect(responder.containmentOf(agent.id)?.undo).toMatchObject({
      pausedBySentra: true,
      networks: [{ networkName: 'bridge' }],
    });
  });

  test('that is refused three times leaves nothing behind and says why', async () => {
    const agent = engine.add({ name: 'agent', endpoints: [] });
    engine.trouble = ({ name }) =>
      name === 'pause' ? engineError('failed', 'The freezer is broken.') : undefined;
    const workload = engine.workload(agent.id);
    const broken: Action[] = [];
    const responder = respondWith({
      engine,
      clock,
      record,
      onBrokenPromise: (action) => broken.push(action),
    });
    const actions = await responder.carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
      'medium',
    );
    expect(names(actions)).toEqual(['pause failed']);
    expect(told(actions[0])).toContain('The freezer is broken.');
    expect(engine.calls.filter(({ name }) => name === 'pause')).toHaveLength(3);
    expect(responder.containments()).toEqual([]);
    expect(record.containments.size).toBe(0);
    expect(broken).toEqual(actions);
  });

  test('that is refused escalates to a kill for what is severe', async () => {
    const agent = engine.add({ name: 'agent' });
    engine.trouble = ({ name }) =>
      name === 'pause' ? engineError('failed', 'The freezer is broken.') : undefined;
    const workload = engine.workload(agent.id);
    const actions = await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
      'high',
    );
    expect(names(actions)).toEqual(['pause partly', 'kill proved']);
    expect(told(actions[0])).toContain('[It still runs.]');
    expect(agent.state).toBe('exited');
  });

  test('with a network that cannot be detached is done in part, and the hole is named', async () => {
    const agent = engine.add({ name: 'agent' });
    engine.trouble = ({ name }) => (name === 'detach' ? engineError('failed') : undefined);
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const actions = await responder.carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
      'critical',
    );
    expect(names(actions)).toEqual(['pause partly']);
    expect(told(actions[0])).toContain('[It is still attached to the network bridge.]');
    expect(responder.containmentOf(agent.id)?.holes).toContain(
      'It is still attached to the network bridge.',
    );
  });

  test('of one that is frozen already is refused, after reading it back', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    engine.calls.length = 0;
    const [again] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(again)).toMatch(/^refused: So already: frozen, held since .*Read back: paused/);
    expect(engine.calls.map(({ name }) => name)).toEqual(['inspect']);
  });

  test('of one that is gone fails in words, without trying again', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    engine.containers.delete(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toBe('failed: Gone: the container is no longer there.');
    expect(engine.calls).toHaveLength(1);
    expect(responder.containments()).toEqual([]);
  });

  test('of one that was started again meanwhile is done, and says so', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    agent.startedAt += 60_000;
    const [action] = await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
    );
    expect(told(action)).toMatch(/^proved: It was started again at 1970-01-01 00:01:01 UTC/);
    expect(agent.state).toBe('paused');
  });

  test('of one that has ended and stays down has nothing to hold', async () => {
    const agent = engine.add({ name: 'agent', state: 'exited', exitCode: 1 });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toBe(
      'refused: It is not running (exit code 1): there is nothing to hold.',
    );
    expect(responder.containments()).toEqual([]);
  });

  test('of one between two restarts holds it down, and freezes it when it comes up', async () => {
    const agent = engine.add({
      name: 'agent',
      state: 'restarting',
      restartPolicy: { name: 'always', maximumRetryCount: 0 },
    });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toMatch(/^partly: .*frozen as soon as it comes up/);
    expect(agent.restartPolicy.name).toBe('no');
    agent.state = 'running';
    clock.move(10_000);
    await responder.reconcile([engine.workload(agent.id)]);
    expect(agent.state).toBe('paused');
  });

  test('is told as done in part while processes are outside the cgroup that is frozen', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    let outside = 2;
    const responder = respondWith({
      engine,
      clock,
      record,
      outsiders: { ...noOutsiders, known: () => outside },
    });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toMatch(
      /^partly: Read back: paused, .*\[2 of its processes are outside .*they run on\.\]$/,
    );
    expect(responder.containmentOf(agent.id)?.holes.join()).toContain('outside its cgroup');
    outside = 0;
    await responder.reconcile('all');
    expect(responder.containmentOf(agent.id)?.holes.join()).not.toContain('outside its cgroup');
  });

  test('is not prevented by a record that takes nothing, and is written when it does', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    record.trouble = new Error('The disk is full.');
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(action)).toMatch(/^proved/);
    expect((await responder.reconcile('all')).record).toEqual({ unsaved: 2, lost: 0 });
    expect(responder.unrecorded()).toEqual({ unsaved: 2, lost: 0 });
    record.trouble = undefined;
    expect((await responder.reconcile('all')).record).toEqual({ unsaved: 0, lost: 0 });
    expect(record.containments.get(agent.id)?.depth).toBe('frozen');
    expect([...record.actions.values()]).toEqual([action]);
  });
});

describe('quarantine', () => {
  test('takes the networks and leaves the container running', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'quarantine' }]), workload);
    expect(told(action)).toBe('proved: Read back: running, no network, restart policy no.');
    expect(responder.containmentOf(agent.id)?.depth).toBe('quarantined');
  });

  test.each(['host', 'none', 'shared'] as const)(
    'on %s networking is a freeze, decided before the engine is asked',
    async (attachment) => {
      const agent = engine.add({ name: 'agent', attachment });
      const workload = engine.workload(agent.id);
      const responder = respondWith({ engine, clock, record });
      const [action] = await responder.carryOut(
        decide(workload, [{ kind: 'quarantine' }]),
        workload,
      );
      expect(told(action)).toContain('Frozen instead of quarantined: it ');
      expect(engine.calls.map(({ name }) => name)).toEqual(['inspect', 'pause', 'inspect']);
      expect(responder.containmentOf(agent.id)?.depth).toBe('frozen');
    },
  );

  test('of one that was created without a network and attached later takes that network', async () => {
    const endpoints = [endpoint('team')];
    const agent = engine.add({ name: 'agent', attachment: 'none', endpoints });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const quarantine = { kind: 'quarantine' } as const;
    const [action] = await responder.carryOut(decide(workload, [quarantine]), workload);
    expect(told(action)).toMatch(/^proved: Read back: running, no network/);
    expect(agent.endpoints).toEqual([]);
    // It has no network now, which is what was asked for: no reason to freeze it.
    const [again] = await responder.carryOut(
      decide(workload, [quarantine]),
      engine.workload(agent.id),
    );
    expect(told(again)).toMatch(/^refused: So already: quarantined/);
    expect(agent.state).toBe('running');
    const released = await responder.byPerson({ kind: 'release' }, workload);
    expect(told(released)).toMatch(/^proved: Released\./);
    expect(agent.endpoints).toMatchObject([{ networkName: 'team' }]);
  });

  test('names who loses the network with it', async () => {
    const agent = engine.add({ name: 'agent' });
    const sidecar = engine.add({ name: 'sidecar', attachment: 'shared' });
    const workload = engine.workload(agent.id);
    const sharer = {
      ...engine.workload(sidecar.id),
      network: { kind: 'shared', with: agent.id } as const,
    };
    const responder = respondWith({ engine, clock, record, workloads: () => [workload, sharer] });
    await responder.carryOut(decide(workload, [{ kind: 'quarantine' }]), workload);
    expect(responder.containmentOf(agent.id)?.holes).toEqual([
      'sidecar lives in its network: it loses the network too, and runs on.',
    ]);
  });
});

describe('killing and stopping', () => {
  test('kills a frozen container with SIGKILL, and holds its restart policy down first', async () => {
    const agent = engine.add({
      name: 'agent',
      restartPolicy: { name: 'unless-stopped', maximumRetryCount: 0 },
    });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'kill' }]), workload);
    expect(told(action)).toMatch(/^proved: Killed\. Read back: not running \(exit code 137\)/);
    expect(engine.calls.map(({ name }) => name)).toEqual(['inspect', 'update', 'kill', 'inspect']);
    expect(responder.containmentOf(agent.id)?.undo.restartPolicy?.name).toBe('unless-stopped');
  });

  test('lets processes outside its cgroup go on where it was not killed, and ends them where it has ended', async () => {
    const did: string[] = [];
    const does = <Value>(what: string, value: Value) => {
      did.push(what);
      return Promise.resolve(value);
    };
    const hunted = {
      stop: () => does('stop', undefined),
      letGo: () => does('let go', undefined),
      end: () => does('end', { ended: 2, left: [] }),
      close: () => void does('close', undefined),
    };
    const outsiders = { ...noOutsiders, hunt: () => hunted };
    const kill = async (
      state: 'running' | 'exited',
      change: object,
    ): Promise<string | undefined> => {
      did.length = 0;
      const workload = engine.workload(engine.add({ name: 'agent', state }).id);
      const responder = respondWith({ engine: { ...engine, ...change }, clock, record, outsiders });
      return told(await responder.byPerson({ kind: 'kill' }, workload).catch(() => undefined));
    };
    const never = { kill: () => Promise.resolve(failed(engineError('failed', 'No.'))) };
    expect(await kill('running', never)).toMatch(/^failed: It still is running/);
    expect(did).toEqual(['stop', 'let go', 'close']);
    const broken = { kill: () => Promise.reject(new TypeError('A fault of the program.')) };
    expect(await kill('running', broken)).toBe(told(undefined));
    expect(did).toEqual(['stop', 'let go', 'close']);
    // It ended by itself, just now.
    expect(await kill('exited', {})).toMatch(/^refused: It is not running .*killed one by one\.$/);
    expect(did).toEqual(['stop', 'end', 'close']);
  });

  test('says what lives on where it cannot look for it: processes among the machine’s own', async () => {
    const agent = engine.add({ name: 'agent', hostProcessIds: true });
    const kill = (outsiders: Outsiders) =>
      respondWith({ engine, clock, record, outsiders }).byPerson(
        { kind: 'kill' },
        engine.workload(agent.id),
      );
    const unseen = await kill(noOutsiders);
    expect(unseen.outcome).toMatchObject({
      state: 'partly',
      holes: [expect.stringContaining('lives on, and none can be looked for') as string],
    });
    agent.state = 'running';
    const nobody = { ended: 0, left: [] };
    const hunt = {
      stop: () => Promise.resolve(),
      letGo: () => Promise.resolve(),
      end: () => Promise.resolve(nobody),
      close: () => undefined,
    };
    const seen = await kill({ ...noOutsiders, hunt: () => hunt });
    expect(told(seen)).toMatch(/^proved: Killed\./);
  });

  test.each([
    ['a frozen one', 'paused'],
    ['one that does not heed it', 'running'],
  ] as const)('a stop of %s ends what left its cgroup, too', async (_which, state) => {
    const agent = engine.add({ name: 'agent', state });
    engine.trouble = ({ name }) => (name === 'stop' ? engineError('timeout') : undefined);
    const workload = engine.workload(agent.id);
    const hunt = {
      stop: () => Promise.resolve(),
      letGo: () => Promise.resolve(),
      end: () => Promise.resolve({ ended: 1, left: [] }),
      close: () => undefined,
    };
    const outsiders = { ...noOutsiders, hunt: () => hunt };
    const [action] = await respondWith({ engine, clock, record, outsiders }).carryOut(
      decide(workload, [{ kind: 'stop', graceSeconds: 1 }]),
      workload,
    );
    expect(told(action)).toMatch(/1 of its processes outside its cgroup was killed one by one\.$/);
  });

  test('never stops a frozen container, which would thaw it: kills it', async () => {
    const agent = engine.add({ name: 'agent', state: 'paused' });
    const workload = engine.workload(agent.id);
    const [action] = await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'stop', graceSeconds: 10 }]),
      workload,
    );
    expect(told(action)).toMatch(/^proved: It is frozen.*killed instead/);
    expect(engine.calls.some(({ name }) => name === 'stop')).toBe(false);
  });

  test('kills what a stop did not end', async () => {
    const agent = engine.add({ name: 'agent' });
    engine.trouble = ({ name }) => (name === 'stop' ? engineError('timeout') : undefined);
    const workload = engine.workload(agent.id);
    const [action] = await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'stop', graceSeconds: 1 }]),
      workload,
    );
    expect(told(action)).toMatch(/^proved: Stopping failed \(timeout\): killed instead\. Killed\./);
    expect(agent.state).toBe('exited');
  });

  test('freezes what cannot be killed', async () => {
    const agent = engine.add({ name: 'agent' });
    engine.trouble = ({ name }) => (name === 'kill' ? engineError('failed') : undefined);
    const workload = engine.workload(agent.id);
    const actions = await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'kill' }]),
      workload,
    );
    expect(names(actions)).toEqual(['kill failed', 'pause proved']);
    expect(agent.state).toBe('paused');
  });

  test('proves the kill of one that the engine removes', async () => {
    const agent = engine.add({ name: 'agent' });
    engine.trouble = ({ name }) => {
      if (name === 'inspect' && agent.state === 'exited') engine.containers.delete(agent.id);
      return undefined;
    };
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [{ kind: 'kill' }]), workload);
    expect(told(action)).toBe('proved: Killed, and removed by the engine.');
    expect(responder.containments()).toEqual([]);
  });
});

describe('limiting', () => {
  const limit = { kind: 'limit', cpus: 0.5, memoryBytes: 1_000_000, pids: 10 } as const;

  test('keeps to a quota of CPU time, where that is how the container is bounded, and gives it back', async () => {
    const agent = engine.add({ name: 'agent', cpuQuota: 150_000 });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [limit]), workload);
    expect(told(action)).toMatch(
      /^proved: Read back: 0\.5 cores, 1000000 bytes of memory, 10 proc/,
    );
    expect(agent).toMatchObject({ cpuQuota: 50_000, nanoCpus: 0 });
    await responder.byPerson({ kind: 'release' }, workload);
    expect(agent).toMatchObject({ cpuQuota: 150_000, nanoCpus: 0 });
  });

  test('to more cores than the machine has leaves CPU as it is, and sets the rest', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const wide = { ...limit, cpus: 16 };
    const [action] = await responder.carryOut(decide(workload, [wide]), workload);
    expect(told(action)).toMatch(/^proved: Read back: no CPU limit, 1000000 bytes of memory/);
  });

  test('sets what is tighter, leaves what is tight already, and reads it back', async () => {
    const agent = engine.add({ name: 'agent', memoryBytes: 500_000, memorySwapBytes: 1_000_000 });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [limit]), workload);
    expect(told(action)).toBe(
      'proved: Read back: 0.5 cores, 500000 bytes of memory, 10 processes.',
    );
    expect(responder.containmentOf(agent.id)).toMatchObject({
      depth: 'limited',
      undo: { limits: { memoryBytes: 500_000, nanoCpus: undefined, pids: undefined } },
    });
    const [again] = await responder.carryOut(decide(workload, [limit]), workload);
    expect(told(again)).toMatch(/^refused: So already/);
  });

  test('is kept: what somebody loosens is set again, over a restart too, until it is given back', async () => {
    const agent = engine.add({ name: 'agent', pids: 100 });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    await responder.carryOut(decide(workload, [limit]), workload);
    await responder.carryOut(decide(workload, [{ ...limit, pids: 5 }]), workload);
    agent.nanoCpus = 3e9;
    agent.pids = 0;
    // It survives a restart of the monitor.
    const next = respondWith({ engine, clock, record });
    const { actions } = await next.reconcile([workload]);
    expect(actions.map(told)).toEqual([
      'proved: Read back: 0.5 cores, 1000000 bytes of memory, 5 processes.',
    ]);
    // What is tighter, and what was given back, is nobody's business.
    agent.pids = 2;
    expect((await next.reconcile([workload])).actions).toEqual([]);
    await next.byPerson({ kind: 'release' }, workload);
    agent.nanoCpus = 4e9;
    expect((await next.reconcile([workload])).actions).toEqual([]);
  });

  test('is kept against somebody who loosens it again and again', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    let loosens = false;
    const restless = {
      ...engine,
      update: async (...change: Parameters<typeof engine.update>) => {
        const changed = await engine.update(...change);
        if (loosens) Object.assign(agent, { pids: 0, nanoCpus: 3e9, memoryBytes: 0 });
        return changed;
      },
    };
    const responder = respondWith({ engine: restless, clock, record });
    await responder.carryOut(decide(workload, [limit]), workload);
    [loosens, agent.pids] = [true, 0];
    const lost = await responder.reconcile([workload]);
    expect(lost.actions.map(told)).toEqual([expect.stringMatching(/^failed: Not limited/)]);
    expect(lost.open).toEqual([agent.id]);
    loosens = false;
    clock.move(5_000);
    expect((await responder.reconcile([workload])).actions.map(told)).toEqual([
      'proved: Read back: 0.5 cores, 1000000 bytes of memory, 10 processes.',
    ]);
  });

  test('to one core and one process is told in the singular', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    const one = { ...limit, cpus: 1, pids: 1 };
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [one]), workload);
    expect(told(action)).toBe('proved: Read back: 1 core, 1000000 bytes of memory, 1 process.');
  });

  test('takes no limit on swap below that on memory, and asks for nothing in vain', async () => {
    const agent = engine.add({ name: 'agent', memoryBytes: 250_000, memorySwapBytes: 500_000 });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    await responder.carryOut(decide(workload, [limit]), workload);
    // Looser than it was, and not than what was asked for.
    Object.assign(agent, { memoryBytes: 800_000, memorySwapBytes: 1_600_000 });
    expect((await responder.reconcile([workload])).actions.map(told)).toEqual([
      'proved: Read back: 0.5 cores, 800000 bytes of memory, 10 processes.',
    ]);
    expect(agent.memorySwapBytes).toBe(800_000);
    expect((await responder.reconcile([workload])).actions).toEqual([]);
  });

  test('is set in part where the kernel refuses memory that is used, and not asked for again', async () => {
    const agent = engine.add({ name: 'agent', usedBytes: 2_000_000 });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const [action] = await responder.carryOut(decide(workload, [limit]), workload);
    expect(told(action)).toMatch(
      /^partly: Read back: 0\.5 cores, no memory limit, 10 processes\. \[Its memory is not limited: it uses 2000000 bytes/,
    );
    const asked = engine.calls.length;
    expect((await responder.reconcile([workload])).actions).toEqual([]);
    expect(engine.calls.slice(asked).map(({ name }) => name)).toEqual(['inspect']);
    const memory = { ...limit, cpus: undefined, pids: undefined };
    const [alone] = await responder.carryOut(decide(workload, [memory]), workload);
    expect(told(alone)).toMatch(/^failed: Not limited \(running\): .*current usage: 2000000/);
    expect(responder.containmentOf(agent.id)?.depth).toBe('limited');
  });

  test('is undone to what was; what was absent becomes the whole machine, and that is said', async () => {
    const agent = engine.add({ name: 'agent', pids: 100 });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    await responder.carryOut(decide(workload, [limit]), workload);
    const action = await responder.byPerson({ kind: 'release' }, workload);
    expect(agent).toMatchObject({
      nanoCpus: 4e9,
      memoryBytes: 8e9,
      memorySwapBytes: 16e9,
      pids: 100,
    });
    expect(told(action)).toMatch(/^partly: Released\..*\[memory: it had no limit.*CPU: it had no/);
    expect(responder.containments()).toEqual([]);
  });
});

describe('a decision', () => {
  test('in observe mode tells, says what would have been done, and asks the engine nothing', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    const actions = await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'notify' }, { kind: 'pause' }], 'observe'),
      workload,
    );
    expect(names(actions)).toEqual(['pause would-have', 'notify proved']);
    expect(engine.calls).toEqual([]);
    // Nobody is told that a pause had begun, nor does the next monitor find one that it would finish.
    expect(record.written).toEqual(['pause would-have', 'notify started', 'notify proved']);
  });

  test('has its strongest action carried out, and the weaker ones recorded as covered', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    const actions = await respondWith({ engine, clock, record }).carryOut(
      decide(workload, [{ kind: 'notify' }, { kind: 'quarantine' }, { kind: 'pause' }]),
      workload,
    );
    expect(names(actions)).toEqual(['pause proved', 'quarantine refused', 'notify proved']);
  });

  test('about a protected container, one of Sentra, or one not watched is refused', async () => {
    const own = engine.add({ name: 'sentra-helper', labels: { 'sentra.helper': '' } });
    const safe = engine.add({ name: 'safe' });
    const other = engine.add({ name: 'other' });
    const responder = respondWith({
      engine,
      clock,
      record,
      guardRails: {
        ...defaultGuardRails,
        isProtected: ({ name }) => name === 'safe',
        isWatched: ({ name }) => name !== 'other',
      },
    });
    for (const { id } of [own, safe, other]) {
      const workload = engine.workload(id);
      const actions = await responder.carryOut(decide(workload, [{ kind: 'kill' }]), workload);
      expect(names(actions)).toEqual(['kill refused']);
    }
    expect(engine.calls).toEqual([]);
    const byPerson = await responder.byPerson({ kind: 'kill' }, engine.workload(own.id));
    expect(told(byPerson)).toContain("Sentra's own container");
    const safeKill = await responder.byPerson({ kind: 'kill' }, engine.workload(safe.id));
    expect(told(safeKill)).toMatch(/^proved/);
  });

  test('does not let a person take more from what is held outside the selection', async () => {
    const agent = engine.add({ name: 'agent' });
    const responder = respondWith({ engine, clock, record });
    await responder.byPerson({ kind: 'quarantine' }, engine.workload(agent.id));
    const held = responder.containmentOf(agent.id);
    if (held === undefined) throw new Error('It is not held.');
    for (const kind of ['pause', 'kill'] as const) {
      const refused = await responder.byPerson({ kind }, held);
      expect(told(refused)).toMatch(/^refused: It is no watched container now/);
    }
    expect(agent.state).toBe('running');
    // What is held there stays held all the same.
    agent.endpoints = [endpoint('team')];
    await responder.reconcile('all');
    expect(agent.endpoints).toEqual([]);
    expect(told(await responder.byPerson({ kind: 'release' }, held))).toContain('Released.');
  });

  test('over the cap is refused, said and told as a broken promise; a person is never capped', async () => {
    const agents = Array.from({ length: 8 }, (_, index) => engine.add({ name: `agent${index}` }));
    const broken: Action[] = [];
    const responder = respondWith({
      engine,
      clock,
      record,
      onBrokenPromise: (action) => broken.push(action),
    });
    const pause = async (id: string) => {
      const workload = engine.workload(id);
      const [action] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      return told(action);
    };
    const first = await Promise.all(agents.slice(0, 7).map(({ id }) => pause(id)));
    expect(first.filter((words) => words.startsWith('proved'))).toHaveLength(6);
    expect(broken.map(told)).toEqual([
      expect.stringMatching(/^refused: The cap of 6 containing actions in 60 s is reached/),
    ]);
    const last = agents[7]?.id ?? '';
    expect(told(await responder.byPerson({ kind: 'pause' }, engine.workload(last)))).toMatch(
      /^proved/,
    );
    clock.move(60_001);
    expect(await pause(agents[6]?.id ?? '')).toMatch(/^proved/);
  });

  describe('that the cap refused', () => {
    const setUp = async (options: Pick<ResponderOptions, 'isStillWanted' | 'guardRails'> = {}) => {
      const [one, other] = [engine.add({ name: 'one' }), engine.add({ name: 'other' })];
      const guardRails = { ...defaultGuardRails, cap: { actions: 1, windowMs: 60_000 } };
      const responder = respondWith({ engine, clock, record, guardRails, ...options });
      for (const { id } of [one, other]) {
        const workload = engine.workload(id);
        await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
      }
      expect(other.state).toBe('running');
      const reason = [...record.actions.values()].map(told).at(-1);
      expect(reason).toMatch(/^refused: The cap of 1 .* it is tried again/);
      return { responder, one, other };
    };

    test('is carried out once there is room, and recorded only then', async () => {
      const { responder, other } = await setUp();
      expect((await responder.reconcile('all')).actions).toEqual([]);
      expect(other.state).toBe('running');
      clock.move(60_001);
      const { actions } = await responder.reconcile('all');
      expect(actions.map(told)).toEqual([expect.stringMatching(/^proved: Read back: paused/)]);
      expect(actions[0]?.requester).toMatchObject({ kind: 'policy', rule: 'runaway' });
      expect(other.state).toBe('paused');
      clock.move(60_001);
      expect((await responder.reconcile('all')).actions).toEqual([]);
    });

    test('is carried out by a monitor that is started again, once it knows the container', async () => {
      const { other } = await setUp();
      let known: readonly Workload[] = [];
      const guardRails = { ...defaultGuardRails, cap: { actions: 1, windowMs: 60_000 } };
      const second = respondWith({
        engine,
        clock,
        record,
        restored: record.restored(),
        guardRails,
        workloads: () => known,
        isStillWanted: ({ container }) =>
          known.some((workload) => workload.container === container),
      });
      expect((await second.reconcile('all')).actions).toEqual([]);
      expect(record.restored().postponed).toHaveLength(1);
      known = [engine.workload(other.id)];
      const { actions } = await second.reconcile('all');
      expect(actions.map(told)).toEqual([expect.stringMatching(/^proved: Read back: paused/)]);
      expect(other.state).toBe('paused');
      expect(record.restored().postponed).toEqual([]);
    });

    test('is told as given up by a monitor that is started again when it is not wanted any more', async () => {
      const { other } = await setUp();
      const second = respondWith({
        engine,
        clock,
        record,
        restored: record.restored(),
        workloads: () => [engine.workload(other.id)],
        isStillWanted: () => false,
      });
      const { actions } = await second.reconcile('all');
      expect(actions.map(told)).toEqual([expect.stringMatching(/^refused: It was put off before/)]);
      expect(other.state).toBe('running');
      expect(record.restored().postponed).toEqual([]);
    });

    test('is told as given up when its container has not come back by a minute later', async () => {
      await setUp();
      const second = respondWith({
        engine,
        clock,
        record,
        restored: record.restored(),
        workloads: () => [],
        isStillWanted: () => false,
      });
      expect((await second.reconcile('all')).actions).toEqual([]);
      clock.move(60_001);
      const { actions } = await second.reconcile('all');
      expect(actions.map(told)).toEqual([expect.stringMatching(/^refused: It was put off before/)]);
    });

    test('is recorded once the record takes it', async () => {
      const { responder } = await setUp();
      record.trouble = new Error('The disk is full.');
      clock.move(60_001);
      await responder.reconcile('all');
      record.trouble = undefined;
      await responder.reconcile('all');
      expect(record.restored().postponed).toEqual([]);
    });

    test('is given up when its finding has closed', async () => {
      let open = true;
      const { responder, other } = await setUp({ isStillWanted: () => open });
      open = false;
      clock.move(60_001);
      expect((await responder.reconcile('all')).actions).toEqual([]);
      open = true;
      expect((await responder.reconcile('all')).actions).toEqual([]);
      expect(other.state).toBe('running');
    });

    test('is given up when a person lets the container run', async () => {
      const { responder, other } = await setUp();
      await responder.byPerson({ kind: 'pause' }, engine.workload(other.id));
      await responder.byPerson({ kind: 'release' }, engine.workload(other.id));
      clock.move(60_001);
      expect((await responder.reconcile('all')).actions).toEqual([]);
      expect(other.state).toBe('running');
    });

    test('is refused for good when the container is protected by then', async () => {
      let isProtected = false;
      const guardRails = {
        ...defaultGuardRails,
        cap: { actions: 1, windowMs: 60_000 },
        isProtected: () => isProtected,
      };
      const { responder, other } = await setUp({ guardRails });
      isProtected = true;
      clock.move(60_001);
      const { actions } = await responder.reconcile('all');
      expect(actions.map(told)).toEqual([expect.stringContaining('It is protected')]);
      isProtected = false;
      expect((await responder.reconcile('all')).actions).toEqual([]);
      expect(other.state).toBe('running');
    });
  });

  test('that failed and left nothing held is tried again, each time after a longer wait', async () => {
    const agent = engine.add({ name: 'agent', endpoints: [] });
    engine.trouble = ({ name }) => (name === 'pause' ? engineError('failed') : undefined);
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect((await responder.reconcile('all')).actions).toEqual([]);
    clock.move(5_000);
    expect(names((await responder.reconcile('all')).actions)).toEqual(['pause failed']);
    clock.move(5_000);
    expect((await responder.reconcile('all')).actions).toEqual([]);
    clock.move(5_000);
    engine.trouble = () => undefined;
    expect(names((await responder.reconcile('all')).actions)).toEqual(['pause proved']);
    expect(agent.state).toBe('paused');
  });

  test('that failed is tried again where something else is held, which upkeep sees to alone', async () => {
    const agent = engine.add({ name: 'agent', endpoints: [endpoint('bridge')] });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const limit = { kind: 'limit', cpus: 1, memoryBytes: undefined, pids: undefined } as const;
    const processes = { kind: 'limit', cpus: 1, memoryBytes: undefined, pids: 50 } as const;
    const stop = { kind: 'stop', graceSeconds: 1 } as const;
    await responder.carryOut(decide(workload, [limit]), workload);
    expect(record.containments.get(agent.id)?.depth).toBe('limited');
    await responder.carryOut(decide(workload, [{ kind: 'quarantine' }]), workload);
    expect(record.containments.get(agent.id)?.depth).toBe('quarantined');
    for (const request of [processes, stop]) {
      engine.trouble = ({ name }) => (name === 'inspect' ? engineError('timeout') : undefined);
      const first = await responder.carryOut(decide(workload, [request]), workload);
      expect(names(first)).toEqual([`${request.kind} failed`]);
      engine.trouble = () => undefined;
      expect((await responder.reconcile('all')).actions).toEqual([]);
      clock.move(5_000);
      const { actions } = await responder.reconcile('all');
      expect(names(actions)).toEqual([`${request.kind} proved`]);
      clock.move(300_000);
      expect((await responder.reconcile('all')).actions).toEqual([]);
    }
  });

  test('that failed is not tried again by the rule where upkeep sees to it', async () => {
    const agent = engine.add({ name: 'agent', endpoints: [endpoint('bridge')] });
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    const limit = { kind: 'limit', cpus: 1, memoryBytes: undefined, pids: undefined } as const;
    await responder.carryOut(decide(workload, [limit]), workload);
    engine.trouble = () => engineError('timeout');
    const [first] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(first)).toMatch(/^failed/);
    expect(record.restored().postponed).toEqual([]);
    engine.trouble = () => undefined;
    clock.move(300_000);
    await responder.reconcile('all');
    expect(agent.state).toBe('paused');
  });

  test('after a failure waits before the same is tried, but not before something stronger', async () => {
    const agent = engine.add({ name: 'agent', endpoints: [] });
    engine.trouble = ({ name }) => (name === 'pause' ? engineError('failed') : undefined);
    const workload = engine.workload(agent.id);
    const responder = respondWith({ engine, clock, record });
    await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    const [again] = await responder.carryOut(decide(workload, [{ kind: 'pause' }]), workload);
    expect(told(again)).toMatch(/^refused: pause failed on it/);
    const [killed] = await responder.carryOut(decide(workload, [{ kind: 'kill' }]), workload);
    expect(told(killed)).toMatch(/^proved/);
  });

  test('that names another container than the one handed over is refused', async () => {
    const agent = engine.add({ name: 'agent' });
    const workload = engine.workload(agent.id);
    const decision = { ...decide(workload, [{ kind: 'kill' }]), container: idOf(77) };
    const actions = await respondWith({ engine, clock, record }).carryOut(decision, workload);
    expect(names(actions)).toEqual(['kill refused']);
    expect(engine.calls).toEqual([]);
  });
});

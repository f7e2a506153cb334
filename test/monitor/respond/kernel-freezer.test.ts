import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { defaultTries } from '../../../monitor/respond/response-context.ts';
import type { Responder } from '../../../monitor/respond/responder.ts';
import {
  createMemoryEngine,
  engineError,
  type MemoryContainer,
  type MemoryEngine,
} from './memory-engine.ts';
import { createMemoryKernel, type MemoryKernel } from './memory-kernel.ts';
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
let kernel: MemoryKernel;
let clock: HandClock;
let record: MemoryRecord;
let responder: Responder;
let agent: MemoryContainer;

beforeEach(async () => {
  engine = createMemoryEngine();
  kernel = createMemoryKernel(engine);
  clock = createPatientClock();
  record = createMemoryRecord();
  engine.trouble = (call) => kernel.refusalOf(call);
  responder = respondWith({ engine, kernel, clock, record, tries: defaultTries });
  agent = engine.add({
    name: 'agent',
    restartPolicy: { name: 'always', maximumRetryCount: 0 },
  });
  await byPerson('pause');
});

const byPerson = (kind: 'pause' | 'release' | 'resume' | 'kill') =>
  responder.byPerson({ kind }, engine.workload(agent.id));

/** The engine answers nothing about the container while it is frozen by the kernel's word, or ever. */
function wedge(until: 'thawed' | 'never'): void {
  let freed = false;
  engine.trouble = (call) => {
    freed ||= until === 'thawed' && (kernel.thawed.has(agent.id) || agent.state === 'exited');
    if (call.target === agent.id && !freed) return 'silence';
    return kernel.refusalOf(call);
  };
}

describe("a freeze, by the kernel's word", () => {
  test('is proved by it', () => {
    expect(told([...record.actions.values()][0])).toBe(
      "proved: Read back: paused, frozen by the kernel's word, no network, restart policy no.",
    );
  });

  test('is told without it where it cannot be read', async () => {
    const other = engine.add({ name: 'other' });
    const blind = respondWith({ engine, clock, record: createMemoryRecord(), tries: defaultTries });
    const action = await blind.byPerson({ kind: 'pause' }, engine.workload(other.id));
    expect(told(action)).toBe('proved: Read back: paused, no network, restart policy no.');
  });

  test('that somebody undid behind the engine is made again, and what it used meanwhile is told', async () => {
    await responder.reconcile('all');
    kernel.thawed.add(agent.id);
    kernel.cpuNanoseconds += 1.25e9;
    clock.move(4_000);
    engine.calls.length = 0;
    const found = await responder.reconcile('all');
    expect(kernel.thawed.size).toBe(0);
    // The engine would refuse: it calls it paused.
    expect(engine.calls.map(({ name }) => name)).not.toContain('pause');
    expect(told(found.actions[0])).toMatch(
      /^proved: Thawed behind the engine's back.*In between it ran for at most 4\.\d s and used 1\.250 s of CPU by the kernel's account\. Read back: paused, frozen by the kernel's word/,
    );
    expect((await responder.reconcile('all')).actions).toEqual([]);
  });

  test('that cannot be made again is a broken promise, and its hole is shown', async () => {
    const broken: string[] = [];
    responder = respondWith({
      engine,
      kernel,
      clock,
      record,
      tries: defaultTries,
      onBrokenPromise: (action) => broken.push(told(action)),
    });
    kernel.thawed.add(agent.id);
    kernel.mayWrite = false;
    const found = await responder.reconcile('all');
    expect(found.open).toEqual([agent.id]);
    expect(told(found.actions[0])).toMatch(
      /^partly: .*not frozen through the kernel: .*EACCES.*\[The engine calls it paused, yet by the kernel's word its processes run\.\]$/,
    );
    expect(broken).toHaveLength(1);
    expect(responder.containmentOf(agent.id)?.holes[0]).toMatch(/its processes run\.$/);
  });

  test('that was undone and made again by another is told with what it used', async () => {
    await responder.reconcile('all');
    kernel.cpuNanoseconds += 0.5e9;
    const found = await responder.reconcile('all');
    expect(found.actions.map(told)).toEqual([
      expect.stringMatching(/^proved: Thawed in between and frozen again.*used 0\.500 s of CPU/),
    ]);
    expect((await responder.reconcile('all')).actions).toEqual([]);
  });

  test('that fails by it is followed by a kill when the finding is grave', async () => {
    const other = engine.add({ name: 'other', state: 'paused' });
    kernel.thawed.add(other.id);
    kernel.mayWrite = false;
    const workload = engine.workload(other.id);
    const actions = await responder.carryOut(
      decide(workload, [{ kind: 'pause' }]),
      workload,
      'critical',
    );
    expect(actions.map(({ name }) => name)).toEqual(['pause', 'kill']);
    expect(other.state).toBe('exited');
  });

  test.each(['release', 'resume'] as const)(
    'that was undone behind the engine does not keep a %s from freeing it',
    async (kind) => {
      kernel.thawed.add(agent.id);
      const action = await byPerson(kind);
      expect(told(action)).toMatch(/^(proved|partly): .*let run by the engine\./);
      expect(agent.state).toBe('running');
      expect(kernel.calls.slice(-1)).toEqual(['freeze']);
      expect(kernel.thawed.size).toBe(0);
    },
  );
});

describe('an engine that answers nothing about a frozen container', () => {
  test('lets it be released through the kernel, and has all put back once it answers', async () => {
    wedge('thawed');
    const action = await byPerson('release');
    expect(told(action)).toMatch(
      /^(proved|partly): The engine did not answer about it: thawed through the kernel's freezer file\. .*Released\./,
    );
    expect(agent).toMatchObject({ state: 'running', restartPolicy: { name: 'always' } });
    expect(agent.endpoints).toMatchObject([{ networkName: 'bridge' }]);
    expect(responder.containments()).toEqual([]);
  });

  test('lets it be resumed through the kernel', async () => {
    wedge('thawed');
    const action = await byPerson('resume');
    expect(told(action)).toMatch(/^proved: The engine did not answer .*It runs again/);
    expect(agent).toMatchObject({ state: 'running', endpoints: [] });
  });

  test('and never does, leaves it free and the rest noted; a later release puts it back', async () => {
    wedge('never');
    const action = await byPerson('release');
    expect(told(action)).toMatch(/^partly: It runs by the kernel's word\. .*put back by a release/);
    expect(responder.containmentOf(agent.id)).toMatchObject({ depth: 'quarantined' });
    engine.trouble = (call) => kernel.refusalOf(call);
    clock.move(10_000);
    await responder.reconcile('all');
    expect(kernel.thawed.has(agent.id), 'it was frozen again').toBe(true);
    expect(told(await byPerson('release'))).toContain('Released.');
    expect(agent).toMatchObject({ state: 'running', restartPolicy: { name: 'always' } });
    expect(agent.endpoints).toMatchObject([{ networkName: 'bridge' }]);
  });

  test('has it killed through the kernel, and is read back and held down once it answers', async () => {
    agent.restartPolicy = { name: 'always', maximumRetryCount: 0 };
    wedge('thawed');
    const action = await byPerson('kill');
    expect(told(action)).toMatch(
      /^proved: The engine did not answer about it: all its processes were frozen and killed.*Killed\. Read back: not running \(exit code 137\)/,
    );
    expect(agent.restartPolicy.name).toBe('no');
  });

  test('and never does, has it killed all the same, and says what is not known', async () => {
    wedge('never');
    const action = await byPerson('kill');
    expect(told(action)).toMatch(/^partly: .*None of its processes is left\. \[The engine has not/);
    expect(agent.state).toBe('exited');
    expect(responder.containmentOf(agent.id)?.depth).toBe('frozen');
  });

  test('leaves it as it is where the kernel may not be asked to change it', async () => {
    // As the adapter ends a call that is not answered.
    engine.trouble = ({ target }) => (target === agent.id ? engineError('timeout') : undefined);
    kernel.mayWrite = false;
    expect(told(await byPerson('release'))).toMatch(/^failed: .*not thawed.*EACCES.*Still held/);
    expect(told(await byPerson('kill'))).toMatch(/^failed: Not killed through the kernel either/);
    expect(agent.state).toBe('paused');
    expect(responder.containmentOf(agent.id)?.depth).toBe('frozen');
  });

  test('has it frozen again through the kernel when it was thawed behind the silent engine', async () => {
    wedge('never');
    // The adapter's own time-out, which the responder waits for when it only looks after things.
    const { inspect } = engine;
    let asked = 0;
    Object.assign(engine, {
      inspect: (container: string) => {
        asked += 1;
        if (asked > 1) return inspect(container);
        const error = { kind: 'timeout', message: 'No answer.', advice: '' } as const;
        return Promise.resolve({ ok: false, error });
      },
    });
    kernel.thawed.add(agent.id);
    const found = await responder.reconcile('all');
    expect(kernel.thawed.size).toBe(0);
    expect(told(found.actions[0])).toMatch(
      /^(proved|partly): Thawed behind the engine's back.*Frozen: .*paused, frozen by the kernel's word/,
    );
  });

  test('is not asked for a native thaw by somebody who paused it: a release leaves that', async () => {
    const other = engine.add({ name: 'other', state: 'paused', endpoints: [] });
    await responder.byPerson({ kind: 'pause' }, engine.workload(other.id));
    engine.trouble = ({ target }) => (target === other.id ? engineError('timeout') : undefined);
    kernel.calls.length = 0;
    await responder.byPerson({ kind: 'release' }, engine.workload(other.id));
    expect(kernel.calls).toEqual([]);
    expect(other.state).toBe('paused');
  });

  test('is waited for where the kernel tells nothing: a slow answer is one', async () => {
    const slow = createMemoryEngine();
    const other = slow.add({ name: 'other' });
    const far = respondWith({
      engine: slow,
      clock,
      record: createMemoryRecord(),
      tries: defaultTries,
    });
    await far.byPerson({ kind: 'pause' }, slow.workload(other.id));
    const { inspect, unpause } = slow;
    /** Longer than the responder's patience. */
    async function late<Value>(answer: () => Promise<Value>): Promise<Value> {
      for (let turns = 0; turns < 50; turns += 1) await turn();
      return answer();
    }
    Object.assign(slow, {
      inspect: (id: string) => late(() => inspect(id)),
      unpause: (id: string) => late(() => unpause(id)),
    });
    const action = await far.byPerson({ kind: 'release' }, slow.workload(other.id));
    expect(told(action)).toMatch(/^(proved|partly): Released\./);
    expect(other.state).toBe('running');
  });
});

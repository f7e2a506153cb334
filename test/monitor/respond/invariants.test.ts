import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlannedAction } from '../../../monitor/model/decision.ts';
import { createMemoryEngine, endpoint, engineError } from './memory-engine.ts';
import type { MemoryContainer, MemoryEngine, Trouble } from './memory-engine.ts';
import { createHandClock, createMemoryRecord, decide, respondWith } from './responder-stand.ts';
import type { MemoryRecord } from './responder-stand.ts';

/** One thing that happens in the life of the containers. */
type Step =
  | { readonly kind: 'policy'; readonly on: number; readonly action: PlannedAction }
  | { readonly kind: 'person'; readonly on: number; readonly name: 'pause' | 'resume' | 'release' }
  | { readonly kind: 'reconcile' }
  /** The monitor dies with the nth call from now, and another goes on from the record. */
  | { readonly kind: 'crash'; readonly afterCalls: number; readonly then: Step }
  /** The engine gives trouble for some calls, during the step. */
  | { readonly kind: 'trouble'; readonly pattern: readonly Trouble[]; readonly then: Step }
  | {
      readonly kind: 'behind-the-back';
      readonly on: number;
      readonly what: 'thaw' | 'start' | 'attach' | 'end';
    };

const on = fc.nat({ max: 2 });

const action: fc.Arbitrary<PlannedAction> = fc.constantFrom<PlannedAction>(
  { kind: 'pause' },
  { kind: 'quarantine' },
  { kind: 'kill' },
  { kind: 'stop', graceSeconds: 1 },
  { kind: 'limit', cpus: 1, memoryBytes: 1_000_000, pids: 5 },
);

const plain: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('policy' as const), on, action }),
  fc.record({
    kind: fc.constant('person' as const),
    on,
    name: fc.constantFrom('pause' as const, 'resume' as const, 'release' as const),
  }),
  fc.record({ kind: fc.constant('reconcile' as const) }),
);

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.constant('answer-lost' as const),
  fc
    .constantFrom('failed' as const, 'conflict' as const, 'timeout' as const, 'garbage' as const)
    .map((kind) => engineError(kind)),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: plain },
  fc.record({
    kind: fc.constant('crash' as const),
    afterCalls: fc.nat({ max: 8 }),
    then: plain,
  }),
  fc.record({
    kind: fc.constant('trouble' as const),
    pattern: fc.array(trouble, { minLength: 1, maxLength: 20 }),
    then: plain,
  }),
  fc.record({
    kind: fc.constant('behind-the-back' as const),
    on,
    what: fc.constantFrom('thaw' as const, 'start' as const, 'attach' as const, 'end' as const),
  }),
);

/** What undo has to bring back. */
interface Before {
  readonly restartPolicy: string;
  readonly networks: readonly { readonly id: string; readonly aliases: readonly string[] }[];
}

function before(container: MemoryContainer): Before {
  return {
    restartPolicy: container.restartPolicy.name,
    networks: container.endpoints.map(({ networkId, aliases }) => ({ id: networkId, aliases })),
  };
}

function addContainers(engine: MemoryEngine): readonly MemoryContainer[] {
  return [
    engine.add({
      name: 'web',
      endpoints: [endpoint('bridge'), endpoint('team', { aliases: ['web'] })],
      restartPolicy: { name: 'always', maximumRetryCount: 0 },
    }),
    engine.add({ name: 'job' }),
    engine.add({ name: 'hosted', attachment: 'host' }),
  ];
}

/** The engine as one monitor hears it: once its life is over no answer reaches it any more. */
function heardBy(life: { readonly isOver: boolean }, engine: MemoryEngine): MemoryEngine {
  return new Proxy(engine, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]): Promise<unknown> => {
        const answer: unknown = life.isOver
          ? undefined
          : await (Reflect.apply(member, target, given) as Promise<unknown>);
        return life.isOver ? new Promise(() => undefined) : answer;
      };
    },
  });
}

/** The record as one monitor writes it: once its life is over it writes nothing any more. */
function writtenBy(life: { readonly isOver: boolean }, record: MemoryRecord): MemoryRecord {
  return {
    ...record,
    putAction(action) {
      if (!life.isOver) record.putAction(action);
    },
    putPostponed(waiting) {
      if (!life.isOver) record.putPostponed(waiting);
    },
    putContainment(containment) {
      if (!life.isOver) record.putContainment(containment);
    },
    removeContainment(container) {
      if (!life.isOver) record.removeContainment(container);
    },
  };
}

/** Runs the steps; the responder may be lost and made anew on the way. */
async function live(engine: MemoryEngine, record: MemoryRecord, steps: readonly Step[]) {
  const clock = createHandClock();
  const containers = [...engine.containers.values()];
  let life = { isOver: false };
  let responder = respondWith({
    engine: heardBy(life, engine),
    clock,
    record: writtenBy(life, record),
  });

  async function take(one: Step): Promise<unknown> {
    clock.move(30_000);
    switch (one.kind) {
      case 'policy': {
        const workload = engine.workload(containers[one.on]!.id);
        return responder.carryOut(decide(workload, [one.action]), workload, 'high');
      }
      case 'person':
        return responder.byPerson({ kind: one.name }, engine.workload(containers[one.on]!.id));
      case 'reconcile':
        return responder.reconcile('all');
      case 'trouble': {
        let at = 0;
        engine.trouble = () => one.pattern[at++];
        await take(one.then);
        engine.trouble = () => undefined;
        return undefined;
      }
      case 'crash': {
        let calls = 0;
        let die: () => void = () => undefined;
        const dead = new Promise<void>((resolve) => (die = resolve));
        engine.trouble = () => {
          calls += 1;
          if (calls <= one.afterCalls) return undefined;
          die();
          return 'silence';
        };
        // Lost at the call, or done before it came to that many calls.
        await Promise.race([take(one.then), dead]);
        engine.trouble = () => undefined;
        life.isOver = true;
        life = { isOver: false };
        responder = respondWith({
          engine: heardBy(life, engine),
          clock,
          record: writtenBy(life, record),
        });
        return undefined;
      }
      case 'behind-the-back':
        interfere(engine, containers[one.on]!, one.what);
        return undefined;
    }
  }

  for (const one of steps) await take(one);
  clock.move(30_000);
  await responder.reconcile('all');
  return responder;
}

function interfere(
  engine: MemoryEngine,
  container: MemoryContainer,
  what: 'thaw' | 'start' | 'attach' | 'end',
) {
  if (what === 'thaw' && container.state === 'paused') container.state = 'running';
  if (what === 'start' && container.state === 'exited') container.state = 'running';
  if (what === 'end') container.state = 'exited';
  const [known] = [...engine.networks.keys()];
  const own = container.attachment === 'own' && container.endpoints.length === 0;
  if (what === 'attach' && own) {
    container.endpoints.push(endpoint('bridge', { networkId: known! }));
    if (container.state === 'exited') container.fresh.add(known!);
  }
}

test('whatever happens, what is taken is recorded, what is recorded is held, and nothing stays begun', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const engine = createMemoryEngine();
      const record = createMemoryRecord();
      const containers = addContainers(engine);
      const were = new Map(containers.map((each) => [each.id, before(each)]));
      const responder = await live(engine, record, steps);

      for (const { outcome } of record.actions.values()) expect(outcome.state).not.toBe('started');
      expect([...record.containments.values()]).toEqual(responder.containments());
      for (const container of containers) {
        const held = record.containments.get(container.id);
        const was = were.get(container.id)!;
        if (held === undefined) {
          // Nothing is taken from it: only a stop or a kill from outside leaves a trace.
          expect(container.state).not.toBe('paused');
          expect(container.restartPolicy.name).toBe(was.restartPolicy);
          expect(networkIds(container)).toEqual(was.networks.map(({ id }) => id).sort());
        } else if (held.depth === 'frozen') {
          expect(container.state).not.toBe('running');
          expect(container.restartPolicy.name).toBe('no');
        }
        const isDeep = held !== undefined && held.depth !== 'limited';
        if (isDeep && container.state !== 'exited') expect(container.endpoints).toEqual([]);
      }
    }),
    { numRuns: 600 },
  );
}, 120_000);

test('whatever happened, a release in the end puts back what was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const engine = createMemoryEngine();
      const record = createMemoryRecord();
      const containers = addContainers(engine);
      const were = new Map(containers.map((each) => [each.id, before(each)]));
      const responder = await live(engine, record, steps);

      for (const held of responder.containments()) {
        const up = engine.containers.get(held.container)!.state !== 'exited';
        const action = await responder.byPerson({ kind: 'release' }, held);
        expect(['proved', 'partly']).toContain(action.outcome.state);
        const container = engine.containers.get(held.container)!;
        const was = were.get(held.container)!;
        expect(container.state).toBe(up ? 'running' : 'exited');
        expect(container.restartPolicy.name).toBe(was.restartPolicy);
        expect(networkIds(container)).toEqual(was.networks.map(({ id }) => id).sort());
        const team = container.endpoints.find(({ networkId }) => networkId === 'net-team');
        expect(team?.aliases).toEqual(was.networks.find(({ id }) => id === 'net-team')?.aliases);
        const noted = held.undo.networks.find(({ networkId }) => networkId === 'net-team');
        if (noted !== undefined && up) expect(team?.ipv4).toBe(noted.ipv4);
      }
      expect(responder.containments()).toEqual([]);
      expect(record.containments.size).toBe(0);
    }),
    { numRuns: 600 },
  );
}, 120_000);

function networkIds(container: MemoryContainer): readonly string[] {
  return container.endpoints.map(({ networkId }) => networkId).sort();
}

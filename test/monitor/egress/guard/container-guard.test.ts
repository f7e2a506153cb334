import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBookFile } from '../../../../monitor/egress/list/book-file.ts';
import type { Carrier } from '../../../../monitor/egress/carrier/carrier.ts';
import { createContainerGuard } from '../../../../monitor/egress/guard/container-guard.ts';
import type { TakenReading } from '../../../../monitor/egress/guard/guard-contract.ts';
import { readRule } from '../../../../monitor/egress/list/rule.ts';
import { emptyBook } from '../../../../monitor/egress/list/rule-book.ts';
import {
  createSimulatedCarrier,
  noCarrier,
} from '../../../../monitor/egress/carrier/simulated-carrier.ts';
import { createMemoryNotes } from '../../../../monitor/egress/wall/wall-record.ts';
import type { Sight } from '../../../../monitor/model/coverage.ts';
import type { EgressObservation } from '../../../../monitor/model/observation.ts';
import { createLogger, silentLogger } from '../../../../monitor/runtime/logger.ts';
import { failed, ok } from '../../../../monitor/runtime/result.ts';
import { fakeWorkload } from '../../rpc/fake-service.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-guard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('A resolver that is met on its way up is not taken for somebody else’s program', async () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: 17 });
  const file = openBookFile(join(folder, 'egress.json'), silentLogger);
  const list = { mode: 'enforce', rules: [], profiles: [] } as const;
  expect(file.replace({ ...emptyBook, workloads: new Map([[workload.key, list]]) }).ok).toBe(true);

  const simulated = createSimulatedCarrier();
  const seen: EgressObservation[] = [];
  let met: TakenReading | undefined;
  const carrier: Carrier = {
    ...simulated,
    /** A round of looks reads the container while its resolver is in its cgroup, and not noted yet. */
    async resolve(place, plan, onLine) {
      const offer = guard.offer();
      const reading = (await simulated.read([place])).get(place.container);
      if (offer !== undefined && reading?.ok === true) {
        const half = { ...reading.value, resolver: 'replaced' } as const;
        met = { epoch: offer.epoch, reading: { ok: true, value: half } };
      }
      return simulated.resolve(place, plan, onLine);
    },
  };
  const guard = createContainerGuard(workload, {
    ...{ carrier, file, logger: silentLogger, notes: createMemoryNotes() },
    now: () => Date.UTC(2026, 5, 1),
    show: () => undefined,
    onObservation: (observation) => void seen.push(observation),
  });

  await guard.look();
  expect(met).toBeDefined();
  await guard.look(met);
  expect(seen.filter(({ breach }) => breach !== undefined)).toEqual([]);
});

test('What the list lets by is told on the badge together, and does not make less of it', async () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: 17 });
  const file = openBookFile(join(folder, 'egress.json'), silentLogger);
  const rule = readRule({ verdict: 'allow', target: '*.example.com' });
  if (!rule.ok) throw new Error(rule.error);
  const list = { mode: 'enforce', rules: [rule.value], profiles: [] } as const;
  expect(file.replace({ ...emptyBook, workloads: new Map([[workload.key, list]]) }).ok).toBe(true);
  const shown: (Sight | undefined)[] = [];
  const guard = createContainerGuard(workload, {
    ...{ carrier: createSimulatedCarrier(), file, logger: silentLogger },
    notes: createMemoryNotes(),
    now: () => Date.UTC(2026, 5, 1),
    show: (_, sight) => void shown.push(sight),
    onObservation: () => undefined,
  });
  await guard.look();
  expect(shown.at(-1)).toEqual({
    state: 'seeing',
    limits: [
      expect.stringContaining('under other names'),
      expect.stringContaining('below *.example.com'),
    ],
  });
});

test('The gate stays open before a wall that could not be read once, and closes when it cannot be again', async () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: 17 });
  const file = openBookFile(join(folder, 'egress.json'), silentLogger);
  const list = { mode: 'enforce', rules: [], profiles: [] } as const;
  expect(file.replace({ ...emptyBook, workloads: new Map([[workload.key, list]]) }).ok).toBe(true);
  const simulated = createSimulatedCarrier();
  let fails = false;
  const carrier: Carrier = {
    ...simulated,
    read: (places) =>
      fails
        ? Promise.resolve(new Map(places.map(({ container }) => [container, failed('No answer.')])))
        : simulated.read(places),
  };
  const guard = createContainerGuard(workload, {
    ...{ carrier, file, logger: silentLogger, notes: createMemoryNotes() },
    now: () => Date.UTC(2026, 5, 1),
    show: () => undefined,
    onObservation: () => undefined,
  });
  const open = { kind: 'guarded', devices: ['eth0'] };
  await guard.look();
  expect(guard.gateRole()).toMatchObject(open);
  fails = true;
  await guard.look();
  expect(guard.gateRole()).toMatchObject(open);
  await guard.look();
  expect(guard.gateRole()).toMatchObject({ kind: 'guarded', devices: [] });
  fails = false;
  await guard.look();
  expect(guard.gateRole()).toMatchObject(open);
});

test('What a probe got out by is told as a breach and on the badge, until a later proof is whole', async () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: 17 });
  const file = openBookFile(join(folder, 'egress.json'), silentLogger);
  const list = { mode: 'enforce', rules: [], profiles: [] } as const;
  expect(file.replace({ ...emptyBook, workloads: new Map([[workload.key, list]]) }).ok).toBe(true);
  let outcome: 'wrong' | 'as-it-should' = 'wrong';
  const seen: EgressObservation[] = [];
  let badge: Sight | undefined;
  const guard = createContainerGuard(workload, {
    ...{ file, logger: silentLogger, notes: createMemoryNotes(), proofMs: 0 },
    carrier: {
      ...createSimulatedCarrier(),
      prove: () => Promise.resolve(ok([{ what: 'A datagram', outcome, detail: 'it got out' }])),
    },
    now: () => Date.UTC(2026, 5, 1),
    show: (_, sight) => {
      badge = sight;
    },
    onObservation: (observation) => void seen.push(observation),
  });
  const breaches = () => seen.flatMap(({ breach }) => breach ?? []);
  await guard.look();
  await guard.beat();
  expect(breaches()).toEqual(['A probe showed its wall open: A datagram: it got out.']);
  await guard.look();
  expect(badge).toMatchObject({
    state: 'partly',
    reason: expect.stringContaining('A datagram: it got out') as string,
  });
  outcome = 'as-it-should';
  await guard.beat();
  await guard.look();
  expect(breaches()).toHaveLength(1);
  expect(badge).toEqual({ state: 'seeing' });
});

test('A look does not wait for a probe that nobody answers; who ends does', async () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: 17 });
  const file = openBookFile(join(folder, 'egress.json'), silentLogger);
  const list = { mode: 'enforce', rules: [], profiles: [] } as const;
  expect(file.replace({ ...emptyBook, workloads: new Map([[workload.key, list]]) }).ok).toBe(true);
  let answer = (): void => undefined;
  const guard = createContainerGuard(workload, {
    ...{ file, logger: silentLogger, notes: createMemoryNotes() },
    carrier: {
      ...createSimulatedCarrier(),
      prove: () =>
        new Promise((resolve) => {
          answer = () => resolve(ok([]));
        }),
    },
    now: () => Date.UTC(2026, 5, 1),
    show: () => undefined,
    onObservation: () => undefined,
  });
  await guard.look();
  void guard.beat();
  await guard.look();
  let hasLeft = false;
  const leaving = guard.leave().then(() => {
    hasLeft = true;
  });
  await new Promise((resolve) => void setImmediate(resolve));
  expect(hasLeft).toBe(false);
  answer();
  await leaving;
});

describe('A container that nobody made a list for', () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: 17 });

  /** A guard of it, over notes that may be of an earlier run, and all that it said. */
  function observed(carrier: Carrier, notes = createMemoryNotes()) {
    const [shown, seen, log]: [(Sight | undefined)[], EgressObservation[], string[]] = [[], [], []];
    const guard = createContainerGuard(workload, {
      ...{ carrier, notes, logger: createLogger((line) => log.push(line), 'debug') },
      file: openBookFile(join(folder, 'egress.json'), silentLogger),
      now: () => Date.UTC(2026, 5, 1),
      show: (_, sight) => void shown.push(sight),
      onObservation: (observation) => void seen.push(observation),
    });
    return { guard, shown, seen, log, notes };
  }

  test('is counted where it talks to, refused nothing, and left as it was at the end', async () => {
    const applied: string[] = [];
    const simulated = createSimulatedCarrier();
    let isRemoved = false;
    const carrier: Carrier = {
      ...simulated,
      apply(place, plan, known) {
        applied.push(plan.mode);
        return simulated.apply(place, plan, known);
      },
      remove(place) {
        isRemoved = true;
        return simulated.remove(place);
      },
    };
    const { guard, shown, seen } = observed(carrier);
    for (let look = 0; look < 10; look += 1) await guard.look();
    expect(applied).toEqual(['observe']);
    expect(shown.at(-1)).toMatchObject({ state: 'seeing', unguarded: true });
    expect(seen.flatMap(({ destinations }) => destinations).length).toBeGreaterThan(5);
    expect(guard.gateRole()).toMatchObject({ kind: 'free' });
    await guard.leave();
    expect(isRemoved).toBe(true);
    // What comes in afterwards puts nothing up again.
    await guard.look();
    expect(applied).toEqual(['observe']);
  });

  test('says on its badge what is missing where nothing can be counted, and nowhere else', async () => {
    const { guard, shown, log } = observed(noCarrier('Install it.'));
    await guard.look();
    expect(shown).toEqual([{ state: 'blind', lasting: true, reason: 'Install it.' }]);
    expect(log).toEqual([]);
    // Whoever installs it does not wait.
    expect(guard.isDue()).toBe(true);
  });

  test('that was counted and cannot be any more is told like a sensor that failed', async () => {
    const simulated = createSimulatedCarrier();
    let fails = false;
    const { guard, shown } = observed({
      ...simulated,
      read: (places) => (fails ? noCarrier('No answer.').read(places) : simulated.read(places)),
    });
    await guard.look();
    fails = true;
    await guard.look();
    expect(shown.at(-1)).toEqual({ state: 'starting' });
    await guard.look();
    expect(shown.at(-1)).toEqual({ state: 'blind', reason: 'No answer.' });
  });

  test('is not told of once more for what an earlier run had counted', async () => {
    const carrier = createSimulatedCarrier();
    const first = observed(carrier);
    for (let look = 0; look < 10; look += 1) await first.guard.look();
    // It was killed: what it had put up still counts.
    const next = observed(carrier, first.notes);
    await next.guard.look();
    expect(next.seen).toEqual([]);
  });

  test('rests while it does not move, and is looked at once it sends', async () => {
    const simulated = createSimulatedCarrier();
    const { container } = workload;
    const { guard } = observed({
      ...simulated,
      async read(places) {
        const readings = await simulated.read(places);
        const reading = readings.get(container);
        if (reading?.ok !== true || reading.value.listing === undefined) return readings;
        const listing = { ...reading.value.listing, sent: [], received: [] };
        return new Map([[container, ok({ ...reading.value, listing })]]);
      },
    });
    await guard.look();
    expect(guard.isDue()).toBe(true);
    await guard.look();
    const rounds = Array.from({ length: 12 }, () => guard.isDue());
    expect(rounds.indexOf(true)).toBe(11);
    await guard.look();
    expect(guard.isDue()).toBe(false);
    guard.stir();
    expect(guard.isDue()).toBe(true);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBookFile } from '../../../../monitor/egress/list/book-file.ts';
import type { Carrier } from '../../../../monitor/egress/carrier/carrier.ts';
import {
  createContainerGuard,
  type TakenReading,
} from '../../../../monitor/egress/guard/container-guard.ts';
import { emptyBook } from '../../../../monitor/egress/list/rule-book.ts';
import { createSimulatedCarrier } from '../../../../monitor/egress/carrier/simulated-carrier.ts';
import { createMemoryNotes } from '../../../../monitor/egress/wall/wall-record.ts';
import type { Sight } from '../../../../monitor/model/coverage.ts';
import type { EgressObservation } from '../../../../monitor/model/observation.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
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

test('A look does not wait for a probe that nobody answers', async () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: 17 });
  const file = openBookFile(join(folder, 'egress.json'), silentLogger);
  const list = { mode: 'enforce', rules: [], profiles: [] } as const;
  expect(file.replace({ ...emptyBook, workloads: new Map([[workload.key, list]]) }).ok).toBe(true);
  const guard = createContainerGuard(workload, {
    ...{ file, logger: silentLogger, notes: createMemoryNotes() },
    carrier: { ...createSimulatedCarrier(), prove: () => new Promise(() => undefined) },
    now: () => Date.UTC(2026, 5, 1),
    show: () => undefined,
    onObservation: () => undefined,
  });
  await guard.look();
  void guard.beat();
  await guard.look();
  await guard.settled();
});

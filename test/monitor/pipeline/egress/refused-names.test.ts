import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ListEdit } from '../../../../monitor/egress/list/edit.ts';
import type { WrittenEgressRule } from '../../../../monitor/model/egress.ts';
import { createEgressQueries } from '../../../../monitor/pipeline/egress/egress-queries.ts';
import { createEgressRecord } from '../../../../monitor/pipeline/egress/egress-record.ts';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import { openStore, type Store } from '../../../../monitor/record/store.ts';
import type { EgressQueries } from '../../../../monitor/rpc/service/egress-service.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { openListStage, type ListStage } from '../../egress/list-stage.ts';

/** What the simulated container asks for at every fourth look, and nothing ever allows. */
const refusedName = 'telemetry.example.net';

let stage: ListStage;
let store: Store;
let queries: EgressQueries;

beforeEach(() => {
  stage = openListStage();
  const opened = openStore(':memory:', { now: () => stage.now(), logger: silentLogger });
  if (!opened.ok) throw new Error(opened.error.message);
  store = opened.value;
  queries = createEgressQueries({
    egress: stage.egress,
    pipeline: { views: () => [{ workload: stage.workload }] as never },
    ...{ store, losses: createLosses(silentLogger), clock: { now: () => stage.now() } },
  });
});

afterEach(async () => {
  await stage.close();
  store.close();
});

const target = 'agent';

async function edit(change: ListEdit): Promise<void> {
  expect(await stage.egress.edit(stage.workload, change, 'ada')).toMatchObject({ ok: true });
}

/** Some looks, a second apart; what is told of them is recorded. */
async function look(times: number): Promise<void> {
  const record = createEgressRecord(store, createLosses(silentLogger));
  const told = stage.seen.length;
  for (let index = 0; index < times; index += 1) {
    stage.pass(1000);
    stage.egress.know(stage.workload);
    await stage.egress.prove(stage.workload.container);
  }
  for (const each of stage.seen.slice(told)) record.seen(each, stage.workload.imageId);
}

function valueOf<Value>(answer: { ok: true; value: Value } | { ok: false; error: unknown }): Value {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
}

const names = () => valueOf(queries.egressSeen({ target, hours: 24 })).names;
const proposed = () =>
  valueOf(queries.egressLearn({ target, hours: 24 })).proposals.map(({ rule }) => rule.target);
const check = (...rules: WrittenEgressRule[]) => {
  const { preview } = valueOf(queries.egressCheck({ target, profiles: [], rules }));
  if (preview === undefined) throw new Error('There is no preview.');
  return preview;
};

test('A name that was refused is told by its name, how often and when last, and no more of an erased past.', async () => {
  await edit({ kind: 'mode', mode: 'enforce' });
  const before = stage.now();
  await look(12);
  const told = names().find(({ name }) => name === refusedName);
  expect(told).toMatchObject({ refused: 3, held: 0 });
  expect(told?.firstSeenAt).toBeGreaterThan(before);
  expect(told?.lastSeenAt).toBeGreaterThan(told?.firstSeenAt ?? Infinity);
  store.egress.erase(stage.workload.key);
  expect(names()).toEqual([]);
});

test('A draft says which refused names it would let through, and which it refuses still.', async () => {
  await edit({ kind: 'mode', mode: 'enforce' });
  await look(12);
  const all = names().map(({ name }) => name);
  const before = check();
  expect(before.stillRefused.map(({ name }) => name).toSorted()).toEqual(all.toSorted());
  expect(before).toMatchObject({ wouldAllowCount: 0, stillRefusedCount: all.length });
  expect(before.destinations).toBeGreaterThanOrEqual(all.length);
  const after = check({ verdict: 'allow', target: refusedName });
  expect(after).toMatchObject({ wouldAllowCount: 1, stillRefusedCount: all.length - 1 });
  expect(after.stillRefused.map(({ name }) => name)).not.toContain(refusedName);
});

test('Learning proposes the names that were refused, but none that is decided already.', async () => {
  await edit({ kind: 'mode', mode: 'enforce' });
  await look(12);
  expect(proposed()).toContain(refusedName);
  await edit({ kind: 'rule', rule: { verdict: 'deny', target: refusedName } });
  expect(proposed()).not.toContain(refusedName);
  expect(valueOf(queries.egressLearn({ target, hours: 24 })).leftOut.join('\n')).toContain(
    '1 name: Denied by a rule of the list, which stands.',
  );
  await edit({ kind: 'remove', subject: { target: refusedName } });
  await edit({ kind: 'rule', rule: { verdict: 'allow', target: '*.example.net' } });
  expect(proposed()).not.toContain(refusedName);
});

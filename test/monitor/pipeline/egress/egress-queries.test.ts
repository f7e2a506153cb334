import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEgressQueries } from '../../../../monitor/pipeline/egress/egress-queries.ts';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import type { AskedName, WrittenEgressRule } from '../../../../monitor/model/egress.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { ok } from '../../../../monitor/runtime/result.ts';
import { openListStage, type ListStage } from '../../egress/list-stage.ts';
import { expectOk, openForTest } from '../../record/examples.ts';
import { fakeView } from '../../rpc/fake-service.ts';

let stage: ListStage;

beforeEach(() => {
  stage = openListStage();
});

afterEach(() => stage.close());

function check(rules: readonly WrittenEgressRule[]) {
  const queries = createEgressQueries({
    egress: stage.egress,
    pipeline: { views: () => [fakeView(stage.workload)] },
    store: {
      egress: { list: () => ok([]) } as never,
      egressNames: { list: () => ok([]) } as never,
      egressKinds: { list: () => ok([]) } as never,
    },
    losses: createLosses(silentLogger),
    clock: { now: () => stage.now() },
  });
  return expectOk(queries.egressCheck({ target: stage.workload.name, profiles: [], rules }));
}

test('However many names it asks for, those that were refused or held are told.', () => {
  const store = openForTest(':memory:');
  try {
    const at = stage.now();
    const asked = (name: string, refused: boolean): AskedName => ({ name, refused, count: 1 });
    const { key: workload } = stage.workload;
    expectOk(store.egressNames.add({ workload, at, names: [asked('denied.test', true)] }));
    const many = Array.from({ length: 500 }, (_, index) => asked(`${index}.allowed.test`, false));
    expectOk(store.egressNames.add({ workload, at: at + 1000, names: many }));
    const queries = createEgressQueries({
      egress: stage.egress,
      pipeline: { views: () => [fakeView(stage.workload)] },
      store,
      losses: createLosses(silentLogger),
      clock: { now: () => at + 2000 },
    });
    const { names } = expectOk(queries.egressSeen({ target: stage.workload.name, hours: 24 }));
    expect(names).toHaveLength(501);
    expect(names.at(-1)).toMatchObject({ name: 'denied.test', refused: 1 });
  } finally {
    store.close();
  }
});

const allow = (target: string): WrittenEgressRule => ({ verdict: 'allow', target });

test('A draft that allows a group is right, with a remark on that rule.', () => {
  const { problems, remarks, preview } = check([allow('a.test'), allow('239.0.0.0/8')]);
  expect(problems).toEqual([]);
  expect(preview).toBeDefined();
  expect(remarks).toEqual([
    { index: 1, message: expect.stringContaining('Nothing gets out to groups') as string },
  ]);
});

test('What is remarked is so beside what is wrong, too.', () => {
  const { problems, remarks } = check([allow('10.0.0.0/33'), allow('ff02::1')]);
  expect(problems.map(({ index }) => index)).toEqual([0]);
  expect(remarks.map(({ index }) => index)).toEqual([1]);
});

import { expect, test } from 'vitest';
import type { ListChange } from '../../../../monitor/egress/list/change.ts';
import { createEgressRecord } from '../../../../monitor/pipeline/egress/egress-record.ts';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import { openStore } from '../../../../monitor/record/store.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';

function opened() {
  const store = openStore(':memory:', { now: () => 10, logger: silentLogger });
  if (!store.ok) throw new Error(store.error.message);
  const losses = createLosses(silentLogger);
  return { record: createEgressRecord(store.value, losses), losses };
}

const change = (what: string, count: number): ListChange => ({
  ...{ at: 1, what, mode: 'enforce', profiles: [], added: ['x.test any any'] },
  removed: Array.from({ length: count }, (_, index) => ({
    ...{ verdict: 'allow', target: `host-${index}.${what}.example.com`, protocol: 'tcp' as const },
    ...{ port: 443, note: `why number ${index} is needed`, by: 'ada, by the window', at: 1 },
  })),
});

test('A change that took twenty thousand rules away can be taken back; of older ones what there is room for.', () => {
  const { record, losses } = opened();
  const changes = [change('first', 3000), change('second', 100), change('third', 20_000)];
  record.changes.write('agent', changes);
  expect(record.changes.read('agent')).toEqual(changes.slice(-1));
  record.changes.write('agent', changes.slice(0, 2));
  expect(record.changes.read('agent')).toEqual(changes.slice(0, 2));
  record.changes.write('agent', []);
  expect(record.changes.read('agent')).toEqual([]);
  expect(losses.all()).toEqual([]);
});

test('What is left of rules for a time is there for the next run.', () => {
  const { record } = opened();
  expect(record.deadlines.read()).toEqual([]);
  record.deadlines.write([[1_700_000_000_000, 60_000.5]]);
  expect(record.deadlines.read()).toEqual([[1_700_000_000_000, 60_000.5]]);
});

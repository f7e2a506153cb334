import { expect, test } from 'vitest';
import type { Action } from '../../../monitor/model/action.ts';
import { createRecordOfResponse } from '../../../monitor/pipeline/response-record.ts';
import type { Store } from '../../../monitor/record/store.ts';
import { action, openForTest } from '../record/examples.ts';

test('An action that a full disk does not take is told once, however often it is written again.', () => {
  const store: Store = openForTest(':memory:');
  const told: Action[] = [];
  let isFull = true;
  const put: Store['actions']['put'] = (each) =>
    isFull
      ? {
          ok: false,
          error: { kind: 'full', message: 'The disk is full.', advice: 'Free some space.' },
        }
      : store.actions.put(each);
  const record = createRecordOfResponse(
    { ...store, actions: { ...store.actions, put } },
    (each) => void told.push(each),
  );
  const begun = action({ outcome: { state: 'started' } });
  const ended = action();
  for (const each of [begun, ended, ended, ended]) {
    expect(() => record.putAction(each)).toThrow('The disk is full. Free some space.');
  }
  isFull = false;
  record.putAction(ended);
  expect(told).toEqual([begun, ended]);
  store.close();
});

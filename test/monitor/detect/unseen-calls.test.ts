import { expect, test } from 'vitest';
import { techniqueOfCall } from '../../../monitor/detect/escape-attempt.ts';
import { classOfCall } from '../../../monitor/detect/syscalls/call-class.ts';
import { judgeUnseenCalls, noteUnseenCalls } from '../../../monitor/detect/unseen-calls.ts';
import { callNames } from '../../../monitor/sensors/syscalls/call-names.ts';

test('Calls that came in such a crowd that they were but counted are told for a minute, added up.', () => {
  let unseen = noteUnseenCalls(undefined, { at: 1000 });
  expect(judgeUnseenCalls(unseen, 1000)).toEqual([]);
  unseen = noteUnseenCalls(unseen, { at: 2000, lostCalls: 700 });
  unseen = noteUnseenCalls(unseen, { at: 3000, lostCalls: 300 });
  expect(judgeUnseenCalls(unseen, 3000)).toMatchObject([
    { kind: 'escape-attempt', severity: 'medium', onsetAt: 2000 },
  ]);
  expect(judgeUnseenCalls(unseen, 3000)[0]?.sentence).toMatch(/1\D000 of them/);
  expect(judgeUnseenCalls(unseen, 63_000)).toEqual([]);
  unseen = noteUnseenCalls(unseen, { at: 90_000, lostCalls: 1 });
  expect(judgeUnseenCalls(unseen, 90_000)).toMatchObject([{ onsetAt: 90_000 }]);
});

test('Every call that no count judges is judged one by one.', () => {
  const names = callNames('x64');
  const all = new Set(Array.from({ length: 512 }, (_, number) => names.native(number)));
  const grave = [...all].filter((name) => classOfCall(name) === 'grave').sort();
  expect(grave).toEqual(Object.keys(techniqueOfCall).sort());
});

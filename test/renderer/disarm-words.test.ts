import { expect, test } from 'vitest';
import type { DisarmedItem } from '../../renderer/state/model.ts';
import {
  boundWords,
  doneWords,
  isAllGone,
  listedWords,
} from '../../renderer/words/disarm-words.ts';

const item = (change: Partial<DisarmedItem> = {}): DisarmedItem => ({
  kind: 'contained',
  container: 'ab'.repeat(32),
  name: 'co\u202Eder\n',
  words: 'paused, since noon',
  failure: undefined,
  proof: 'proved. Released.',
  ...change,
});

test('What would be taken away, and what became of it, is one line a thing, named twice over.', () => {
  expect(listedWords(item())).toBe('co der  (abababababab): paused, since noon');
  const helper = { kind: 'helper', container: undefined, name: undefined } as const;
  expect(listedWords(item({ ...helper, words: 'the helper' }))).toBe('the helper');
  expect(doneWords(item())).toBe('co der  (abababababab): let go, proved. Released.');
  expect(doneWords(item({ failure: 'No answer.' }))).toBe(
    'co der  (abababababab): still held. No answer.',
  );
  expect(doneWords(item({ kind: 'wall', name: undefined, failure: 'It is there.' }))).toBe(
    'abababababab: still there. It is there.',
  );
  expect(
    boundWords({ container: 'cd'.repeat(32), name: 'queue', words: 'It is paused.', commands: [] }),
  ).toBe('queue (cdcdcdcdcdcd): It is paused.');
});

test('All is gone only when nothing failed and nothing was left unseen.', () => {
  const whole = { items: [item()], bound: [], proof: undefined, left: [] };
  expect(isAllGone(whole)).toBe(true);
  expect(isAllGone({ ...whole, left: ['Not seen.'] })).toBe(false);
  expect(isAllGone({ ...whole, items: [item({ failure: 'It stays.' })] })).toBe(false);
});

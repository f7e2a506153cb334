import { expect, test } from 'vitest';
import { draftOf, selectionOf } from '../../renderer/state/selection-draft.ts';

const selection = {
  only: {
    names: ['agent-*', 'coder'],
    images: [],
    composeProjects: ['agents'],
    labels: [
      { key: 'team', pattern: 'red=*' },
      { key: 'agent', pattern: true },
    ],
  },
  exclude: { names: ['db'], images: [], composeProjects: [], labels: [] },
} as const;

test('A selection in fields is read again as it was.', () => {
  expect(draftOf(selection).only).toEqual({
    names: 'agent-*, coder',
    images: '',
    composeProjects: 'agents',
    labels: 'team=red=*, agent',
  });
  expect(selectionOf(draftOf(selection))).toEqual(selection);
});

test('Blanks and empty places between commas say nothing.', () => {
  const draft = draftOf(selection);
  const typed = { ...draft, only: { ...draft.only, names: ' a ,, b\n', labels: ' k = v ,' } };
  expect(selectionOf(typed).only.names).toEqual(['a', 'b']);
  expect(selectionOf(typed).only.labels).toEqual([{ key: 'k', pattern: 'v' }]);
});

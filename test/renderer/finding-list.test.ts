import { describe, expect, test } from 'vitest';
import { shownFinding } from '../../renderer/state/finding-list.ts';
import { finding } from './fixtures.ts';

describe('The finding beside the list', () => {
  const first = finding(1, { severity: 'medium' });
  const graver = finding(2, { severity: 'critical' });
  const both = new Map([first, graver].map((each) => [each.id, each]));

  test('Where none was asked for it is the first.', () => {
    expect(shownFinding(both, undefined, undefined, [first])).toBe(first);
    expect(shownFinding(both, undefined, undefined, [])).toBeUndefined();
  });

  test('It stays when a graver one takes the head of the list, and when it is over.', () => {
    expect(shownFinding(both, undefined, first.id, [graver, first])).toBe(first);
    expect(shownFinding(both, undefined, first.id, [graver])).toBe(first);
  });

  test('It is the one that was asked for, and no other where that one is not known.', () => {
    expect(shownFinding(both, graver.id, first.id, [first, graver])).toBe(graver);
    expect(shownFinding(both, 'finding-9', first.id, [first, graver])).toBeUndefined();
  });
});

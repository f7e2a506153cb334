import { expect, test } from 'vitest';
import {
  coverageBadges,
  coverageLegend,
  coverageTone,
  stateBadge,
} from '../../../../monitor/cli/watch/badge.ts';
import type { Sight } from '../../../../monitor/model/coverage.ts';
import { fakeView, fakeWorkload, scriptTime } from '../../rpc/fake-service.ts';

const since = scriptTime;

test('What was never asked looks other than what is asked on demand.', () => {
  const starting = fakeView(fakeWorkload('builder', 'b0b0'), {
    coverage: [
      { sensor: 'resource', sight: { state: 'seeing' }, since, dropped: 0 },
      { sensor: 'process', sight: { state: 'starting' }, since, dropped: 0 },
    ],
  });
  expect(coverageBadges(starting)).toBe('R?');
  expect(coverageBadges(fakeView(fakeWorkload('builder', 'b0b0')))).toBe('RL.');
  expect(coverageLegend).toContain('? not yet');
});

test('A container that has ended bears no marks; a frozen one does.', () => {
  const view = fakeView(fakeWorkload('job', '10b0', { state: 'exited' }));
  expect(coverageBadges(view)).toBe('');
  expect(coverageBadges(fakeView(fakeWorkload('job', '10b0', { state: 'paused' })))).toBe('RL.');
});

test('What nobody gave Sentra the means to see is marked, and makes no container blind.', () => {
  const withSight = (sight: Sight) =>
    fakeView(fakeWorkload('builder', 'b0b0'), {
      coverage: [{ sensor: 'egress', sight, since, dropped: 0 }],
    });
  const unwatched = withSight({ state: 'blind', lasting: true, reason: 'Install it.' });
  expect(coverageBadges(unwatched)).toBe('-');
  expect([stateBadge(unwatched).word, coverageTone(unwatched)]).toEqual(['calm', 'plain']);
  const failed = withSight({ state: 'blind', reason: 'It has ended.' });
  expect(coverageBadges(failed)).toBe('!');
  expect([stateBadge(failed).word, coverageTone(failed)]).toEqual(['blind', 'alarm']);
});

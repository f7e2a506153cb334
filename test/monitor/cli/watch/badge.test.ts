import { expect, test } from 'vitest';
import { coverageBadges, coverageLegend } from '../../../../monitor/cli/watch/badge.ts';
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

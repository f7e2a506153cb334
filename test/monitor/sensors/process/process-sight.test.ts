import { expect, test } from 'vitest';
import type { Sight } from '../../../../monitor/model/coverage.ts';
import { failed, ok } from '../../../../monitor/runtime/result.ts';
import {
  answerStandsMs,
  createProcessSights,
} from '../../../../monitor/sensors/process/process-sight.ts';
import { workloadWith } from '../../policy/subjects.ts';

const seeing: Sight = { state: 'seeing' };
const starting: Sight = { state: 'starting' };
const first = workloadWith({ mainPid: 10, startedAt: 1000 });
const refused = failed({ kind: 'conflict', message: 'It does not run.', advice: '' } as const);

test('an answer about processes speaks for the next minute, and no longer', () => {
  const sights = createProcessSights();
  expect(sights.sight(first, seeing, 0)).toEqual(starting);
  sights.answered(first, ok(undefined), 0);
  expect(sights.sight(first, seeing, answerStandsMs - 1)).toEqual({ state: 'on-demand' });
  expect(sights.sight(first, seeing, answerStandsMs)).toEqual(starting);
  sights.answered(first, refused, 100_000);
  expect(sights.sight(first, seeing, 100_001)).toEqual({
    state: 'blind',
    reason: 'It does not run.',
  });
  expect(sights.sight(first, seeing, 100_000 + answerStandsMs)).toEqual(starting);
});

test('an answer about one run of a container says nothing of the next', () => {
  const sights = createProcessSights();
  sights.answered(first, refused, 0);
  const next = workloadWith({ mainPid: 11, startedAt: 2000 });
  expect(sights.sight(next, seeing, 1)).toEqual(starting);
  sights.answered(next, ok(undefined), 2);
  expect(sights.sight(next, seeing, 3)).toEqual({ state: 'on-demand' });
  expect(sights.sight({ ...next, state: 'paused' }, seeing, 4)).toEqual({ state: 'on-demand' });
});

test('an engine that does not answer cannot be asked, whatever it answered before', () => {
  const sights = createProcessSights();
  sights.answered(first, ok(undefined), 0);
  const blind: Sight = { state: 'blind', reason: 'The engine has answered nothing for 2 s.' };
  expect(sights.sight(first, blind, 1)).toEqual(blind);
  expect(sights.sight(first, seeing, 2)).toEqual({ state: 'on-demand' });
});

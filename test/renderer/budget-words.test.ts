import { describe, expect, test } from 'vitest';
import {
  alarmsADay,
  budgetSummary,
  workloadGroups,
  workloadWords,
} from '../../renderer/words/budget-words.ts';
import type { WorkloadAlarms } from '../../renderer/state/model.ts';
import { alarmsView } from './fake-replies.ts';

const day = 86_400_000;
const [known] = alarmsView().workloads;
const young = { watchedMs: 600_000, actualPerDay: undefined, told: 0, markedFalse: 0 };

const plain = (text: string) => text.replaceAll('\u202f', ' ');
const words = (change: Partial<WorkloadAlarms>) => plain(workloadWords({ ...known!, ...change }));
const summary = (...changes: Partial<WorkloadAlarms>[]) =>
  budgetSummary({
    alarmsPerDay: 1,
    workloads: changes.map((change) => ({ ...known!, ...change })),
  }).map(plain);

describe('What the budget comes to for a workload', () => {
  test('is what is expected, what was, and of how much watching that is.', () => {
    expect(words({})).toBe(
      'Expected 0.25 a day, in fact 0.5: 2 alarms (1 called false) in 4 d judged.',
    );
    expect(words({ watchedMs: 45 * day, markedFalse: 0 })).toBe(
      'Expected 0.25 a day, in fact 0.5: 2 alarms in the last 30 d of 45 d judged.',
    );
  });

  test('is not said of one that is too new, or is still being learned.', () => {
    expect(words(young)).toBe(
      'Expected 0.25 a day; too early to say what it is: 0 alarms in 10 min judged.',
    );
    expect(words({ ...young, watchedMs: 0 })).toBe(
      'Still learning: not judged by its own history yet.',
    );
  });
});

test('Workloads of which the same is true stand together, by name.', () => {
  const named = (name: string, change = {}) => ({ ...known!, workload: name, name, ...change });
  const claim = 'Too new.';
  const groups = workloadGroups({
    alarmsPerDay: 1,
    workloads: [
      named('web', { ...young, claim }),
      named('queue'),
      named('db', { ...young, claim }),
    ],
  });
  expect(groups.map(({ names }) => names)).toEqual([['db', 'web'], ['queue']]);
  expect(groups[0]?.claim).toBe(claim);
});

describe('What the budget comes to over all', () => {
  test('is the rate of a container and day, by all the time that was judged.', () => {
    expect(summary({}, { expectedPerDay: 0.75, watchedMs: 60 * day, told: 32 })).toEqual([
      'Expected of one container by its own history: 0.5 alarms a day.',
      'In fact: 1 alarm a day, by 34 alarms (2 called false) in 34 d of watching 2 workloads.',
    ]);
  });

  test('leaves out those that are too new, and says so.', () => {
    expect(summary({}, young, young)[2]).toBe(
      'Too early to say of 2 workloads judged for less than an hour.',
    );
    expect(summary(young)).toEqual([
      'Too early to say what it comes to: nothing has been judged by its own history for an hour yet.',
    ]);
    expect(summary(young, young)).toEqual(summary(young));
  });

  test('is nothing where no container is watched.', () => {
    expect(summary()).toEqual(['No container is watched, so nothing can be said of it.']);
  });
});

test('Rates have two figures, and one alarm is one.', () => {
  expect([1, 0.2, 0.123, 12.3, 0].map(alarmsADay)).toEqual([
    '1 alarm a day',
    '0.2 alarms a day',
    '0.12 alarms a day',
    '12 alarms a day',
    '0 alarms a day',
  ]);
});

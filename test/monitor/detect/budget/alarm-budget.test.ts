import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countBeside,
  countFalse,
  createAlarmBudget,
  highestCorrection,
  ruleOn,
  thresholdOf,
  uncountFalse,
  watchOn,
  type AlarmBudget,
} from '../../../../monitor/detect/budget/alarm-budget.ts';
import { claimInWords, outlookOf } from '../../../../monitor/detect/budget/alarm-outlook.ts';
import {
  alarmSources,
  priorMsOf,
  shareOf,
  type AlarmSource,
} from '../../../../monitor/detect/budget/alarm-source.ts';
import { ruledVerdict } from '../../../../monitor/detect/budget/ruled-verdict.ts';
import type { Verdict } from '../../../../monitor/detect/verdict.ts';
import { packBudget, unpackBudget } from '../../../../monitor/detect/budget/packed-budget.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A workload that was quiet for so long. */
function quietFor(ms: number, alarmsPerDay = 1): AlarmBudget {
  const budget = createAlarmBudget(alarmsPerDay);
  watchOn(budget, ms);
  return budget;
}

function rule(budget: AlarmBudget, source: AlarmSource, strength: number, at = 1e9) {
  return ruleOn(budget, { source, strength, onsetAt: at, at });
}

describe('the budget of false alarms', () => {
  it('tells of a workload known for days what goes far beyond all it has done', () => {
    const budget = quietFor(3 * day);
    expect(rule(budget, 'cpu', Math.log(20)).told).toBe(true);
    expect(outlookOf(budget).told).toBe(1);
  });

  it('claims nothing in the first minutes but what needs no history of the workload', () => {
    for (const source of alarmSources) {
      const isTold = rule(quietFor(5 * minute), source, 5).told;
      expect(isTold).toBe(source === 'names' || source === 'rare-calls');
    }
  });

  it('says how often a workload does the like, and tells only what is rare enough', () => {
    const budget = quietFor(10 * day);
    for (let time = 1; time <= 10; time += 1) {
      rule(budget, 'block', 1, time * hour);
      watchOn(budget, hour);
    }
    const again = rule(budget, 'block', 0.9, 12 * hour);
    expect(again.told).toBe(false);
    expect(again.onceInMs / day).toBeCloseTo((10 + 10 / 24) / 11, 1);
    expect(rule(budget, 'block', 8, 14 * hour).told).toBe(true);
  });

  it('forgets an episode after 30 days, also where none came since', () => {
    const budget = quietFor(10 * day);
    rule(budget, 'block', 2.9, 1e9);
    watchOn(budget, 50 * day);
    expect(rule(budget, 'block', 2.5, 6e9).onceInMs / day).toBeGreaterThan(300);
  });

  it('says of no more history than it goes by', () => {
    const verdict = { severity: 'low', sentence: 'Much.', onsetAt: 6e9 } as Verdict;
    const of = { source: 'block' as const, strength: 2, at: 6e9 };
    expect(ruledVerdict(quietFor(60 * day), of, verdict).sentence).toContain(
      'By 30 days of its own history',
    );
  });

  it('counts what goes on, or comes again within ten minutes, as one episode', () => {
    const budget = quietFor(10 * day);
    const first = ruleOn(budget, { source: 'cpu', strength: 3, onsetAt: 1e9, at: 1e9 });
    const goesOn = ruleOn(budget, { source: 'cpu', strength: 4, onsetAt: 1e9, at: 1e9 + 1000 });
    const again = ruleOn(budget, {
      source: 'cpu',
      strength: 5,
      onsetAt: 1e9 + 5 * minute,
      at: 1e9 + 5 * minute,
    });
    expect([first.told, goesOn.told, again.told]).toEqual([true, true, false]);
    expect(outlookOf(budget).told).toBe(1);
  });

  it('tells once of an incident that moves several resources, and of calls beside them', () => {
    const budget = quietFor(30 * day, 5);
    expect(rule(budget, 'cpu', 4).told).toBe(true);
    expect(rule(budget, 'memory', 4).told).toBe(false);
    expect(rule(budget, 'calls', 40).told).toBe(true);
  });

  it('tightens its own threshold after an alarm, and again when a person calls it false', () => {
    const budget = quietFor(3 * day);
    const before = thresholdOf(budget);
    rule(budget, 'cpu', Math.log(20));
    const after = thresholdOf(budget);
    expect(after).toBeLessThan(before / 10);
    countFalse(budget, 'cpu', { finding: 'f1', onsetAt: NaN });
    expect(thresholdOf(budget)).toBeLessThan(after / 10);
    expect(outlookOf(budget).markedFalse).toBe(1);
    // The threshold comes back within days; the source stays known for it.
    watchOn(budget, 2 * day);
    expect(rule(budget, 'cpu', Math.log(20), 2e9).told).toBe(false);
    expect(rule(budget, 'memory', Math.log(20), 3e9).told).toBe(true);
  });

  it('counts one finding as false once, and is as before when that is taken back', () => {
    const budget = quietFor(3 * day);
    rule(budget, 'cpu', Math.log(20));
    const before = structuredClone(budget);
    countFalse(budget, 'cpu', { finding: 'f1', onsetAt: NaN });
    const counted = structuredClone(budget);
    countFalse(budget, 'cpu', { finding: 'f1', onsetAt: NaN });
    expect(budget).toEqual(counted);
    uncountFalse(budget, 'cpu', 'another');
    expect(budget).toEqual(counted);
    uncountFalse(budget, 'cpu', 'f1');
    uncountFalse(budget, 'cpu', 'f1');
    expect(budget.correction).toBeCloseTo(before.correction);
    expect({ ...budget, correction: 0 }).toEqual({ ...before, correction: 0 });
  });

  it('counts the episode that was told once more, and not a later one that was only recorded', () => {
    const budget = quietFor(9 * day);
    const ruleAt = (strength: number, at: number) =>
      ruleOn(budget, { source: 'cpu', strength, onsetAt: at, at });
    expect(ruleAt(Math.log(20), 1e9).told).toBe(true);
    for (const hours of [1, 2, 3]) {
      watchOn(budget, hour);
      expect(ruleAt(0.1, 1e9 + hours * hour).told).toBe(false);
    }
    const before = [...budget.sources.cpu.history].map(({ strength }) => strength);
    countFalse(budget, 'cpu', { finding: 'f1', onsetAt: 1e9 });
    const after = budget.sources.cpu.history.map(({ strength }) => strength);
    expect(after).toEqual([...before, Math.log(20)]);
    // And so it is after the record was written and read.
    const back = unpackBudget(JSON.parse(JSON.stringify(packBudget(budget))) as never);
    countFalse(back, 'cpu', { finding: 'f2', onsetAt: 1e9 });
    expect(back.sources.cpu.history.at(-1)?.strength).toBe(Math.log(20));
  });

  it('shows alarms that it does not rule on among those that there were', () => {
    const budget = quietFor(2 * day);
    const before = outlookOf(budget);
    countBeside(budget);
    const after = outlookOf(budget);
    expect(after.told - before.told).toBe(1);
    expect(after.actualPerDay).toBeCloseTo((before.actualPerDay ?? 0) + 0.5);
    expect(after.onceInMs).toBe(before.onceInMs);
  });

  it('counts all there were, and forgets them after 30 days', () => {
    const budget = quietFor(day);
    for (let each = 0; each < 120; each += 1) {
      watchOn(budget, 6 * hour);
      countBeside(budget);
    }
    expect(outlookOf(budget).told).toBe(120);
    expect(outlookOf(budget).actualPerDay).toBeCloseTo(4, 5);
    for (let each = 0; each < 900; each += 1) countBeside(budget);
    expect(outlookOf(budget).told).toBe(1020);
    const back = unpackBudget(JSON.parse(JSON.stringify(packBudget(budget))) as never);
    expect(outlookOf(back)).toEqual(outlookOf(budget));
    watchOn(budget, 15 * day);
    expect(outlookOf(budget).told).toBe(961);
    watchOn(budget, 16 * day);
    countBeside(budget);
    expect(outlookOf(budget).told).toBe(1);
    expect(budget.alarms.length).toBeLessThanOrEqual(121);
  });

  it('knows the alarms that an earlier version kept', () => {
    const { alarms: _, ...packed } = packBudget(quietFor(40 * day));
    const earlier = { ...packed, told: [5 * day, 30 * day], beside: [20 * day, 39 * day] };
    expect(outlookOf(unpackBudget(earlier)).told).toBe(3);
  });

  it('is given back no more than was taken, however often it is marked and taken back', () => {
    const step = fc.record({
      name: fc.constantFrom('mark', 'take-back', 'alarm'),
      finding: fc.constantFrom('f1', 'f2', 'f3'),
      pauseMs: fc.integer({ min: 1, max: 2 * day }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const budget = createAlarmBudget();
        let earned = budget.correction;
        for (const { name, finding, pauseMs } of steps) {
          watchOn(budget, pauseMs);
          earned += (3 * pauseMs) / day;
          if (name === 'mark') countFalse(budget, 'cpu', { finding, onsetAt: NaN });
          if (name === 'take-back') uncountFalse(budget, 'cpu', finding);
          if (name === 'alarm' && rule(budget, 'sent', 40, budget.watchedMs).told) earned -= 3;
          expect(budget.correction).toBeLessThanOrEqual(highestCorrection);
          expect(budget.correction + 3 * budget.markedFalse.length).toBeLessThanOrEqual(
            earned + 1e-9,
          );
        }
      }),
    );
  });

  it('takes back what was marked before it was restarted, or by an earlier version', () => {
    const budget = quietFor(9 * day);
    rule(budget, 'cpu', 4);
    const before = outlookOf(budget);
    countFalse(budget, 'cpu', { finding: 'f1', onsetAt: NaN });
    const packed = packBudget(budget);
    const earlier = { ...packed, markedFalse: [9 * day] };
    for (const stored of [packed, earlier]) {
      const back = unpackBudget(JSON.parse(JSON.stringify(stored)) as never);
      expect(outlookOf(back)).toEqual(outlookOf(budget));
      uncountFalse(back, 'cpu', 'f1');
      expect(outlookOf(back).markedFalse).toBe(0);
      expect(outlookOf(back).onceInMs / before.onceInMs).toBeCloseTo(1, 9);
      expect(outlookOf(back).expectedPerDay).toBeCloseTo(before.expectedPerDay, 9);
    }
  });

  it('holds to its bound whatever the workload does', () => {
    const moment = fc.record({
      source: fc.constantFrom(...alarmSources),
      strength: fc.double({ min: 0, max: 40, noNaN: true }),
      pauseMs: fc.integer({ min: 1, max: 8 * hour }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(0.2, 1, 5),
        fc.array(moment, { minLength: 50, maxLength: 200 }),
        (alarmsPerDay, moments) => {
          const budget = createAlarmBudget(alarmsPerDay);
          const even = (alarmsPerDay / day) * shareOf('names');
          let at = 0;
          let told = 0;
          let together = 0;
          for (const { source, strength, pauseMs } of moments) {
            at += pauseMs;
            watchOn(budget, pauseMs);
            if (!rule(budget, source, strength, at).told) continue;
            told += 1;
            if (source === 'together') together += 1;
          }
          // The longest time that a source counts without an episode from the start is part of it.
          const span = at + Math.max(...alarmSources.map(priorMsOf));
          const least = 1 / (span * (span / (2 * minute) + 1));
          const spare = Math.max(0, Math.log(even / least)) / 3;
          const earned = (alarmsPerDay * at) / day;
          expect(told - together).toBeLessThanOrEqual(earned + spare + 1e-9);
          // All senses together have an account of their own.
          expect(together).toBeLessThanOrEqual(earned / 4 + spare + 1 + 1e-9);
        },
      ),
    );
  });

  it('is the same after it was stored and read back', () => {
    const budget = quietFor(9 * day, 0.5);
    rule(budget, 'cpu', 4, 1 * hour);
    rule(budget, 'sent', 0.2, 2 * hour);
    countFalse(budget, 'cpu', { finding: 'f1', onsetAt: NaN });
    const back = unpackBudget(JSON.parse(JSON.stringify(packBudget(budget))) as never);
    expect(outlookOf(back)).toEqual(outlookOf(budget));
    watchOn(back, 9 * day);
    watchOn(budget, 9 * day);
    expect(rule(back, 'cpu', 4.1, 40 * hour)).toEqual(rule(budget, 'cpu', 4.1, 40 * hour));
  });
});

describe('what may be claimed of a workload', () => {
  it('is nothing of its own at first, then what is gross, then what is unheard of', () => {
    const claims = [5 * minute, hour, day, 9 * day].map((ms) => outlookOf(quietFor(ms)).claim);
    expect(claims[0]?.state).toBe('nothing');
    expect(claims[1]?.state).toBe('nothing');
    const times = claims.map((claim) => (claim.state === 'beyond' ? claim.times : Infinity));
    expect(times[2]).toBeGreaterThan(3);
    expect(times[2]).toBeLessThan(6);
    expect(times[3]).toBeCloseTo(1);
  });

  it('is said in words, with the time until there is more', () => {
    expect(claimInWords(outlookOf(quietFor(5 * minute)))).toMatch(
      /^Too new to tell what is unusual for it: .* recorded for about 8 h more\.$/,
    );
    expect(claimInWords(outlookOf(quietFor(day)))).toMatch(/^What goes 5\.\d times beyond/);
    expect(claimInWords(outlookOf(quietFor(9 * day)))).toMatch(/^What goes beyond all/);
  });

  it('comes when it was promised', () => {
    for (const alarmsPerDay of [0.2, 1, 5]) {
      const budget = quietFor(hour, alarmsPerDay);
      const { claim } = outlookOf(budget);
      if (claim.state !== 'nothing') throw new Error('Too early for a claim.');
      watchOn(budget, claim.leftMs - 2 * minute);
      expect(outlookOf(budget).claim.state).toBe('nothing');
      watchOn(budget, 4 * minute);
      expect(outlookOf(budget).claim.state).toBe('beyond');
    }
  });
});

describe('on episodes that come at random', () => {
  /** Park and Miller, Communications of the ACM 31, 1988. */
  function randomFrom(seed: number): () => number {
    let state = seed;
    return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  }

  it.each([0.2, 1, 5])('%d alarms a day are kept, on the first day and later', (alarmsPerDay) => {
    const random = randomFrom(7);
    const told = { firstDay: 0, later: 0 };
    const workloads = 40;
    for (let workload = 0; workload < workloads; workload += 1) {
      const budget = createAlarmBudget(alarmsPerDay);
      for (let at = 0; at < 4 * day; at += minute) {
        watchOn(budget, minute);
        // A new stretch of work every two hours, which moves most of what is watched.
        if (random() > 1 / 120) continue;
        for (const source of alarmSources) {
          if (priorMsOf(source) > 0 || random() > 0.7) continue;
          const isTold = rule(budget, source, -1.5 * Math.log(1 - random()), at).told;
          if (isTold) told[at < day ? 'firstDay' : 'later'] += 1;
        }
      }
    }
    expect(told.firstDay / workloads).toBeLessThanOrEqual(2 * alarmsPerDay);
    expect(told.later / workloads / 3).toBeLessThanOrEqual(2 * alarmsPerDay);
    if (alarmsPerDay >= 1) expect(told.later / workloads / 3).toBeGreaterThan(0.3 * alarmsPerDay);
  });
});

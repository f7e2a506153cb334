import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  replayFindings,
  replayInSteps,
  type ReplayOptions,
} from '../../../monitor/policy/replay.ts';
import { findingWith, policyOf, policyWithRule, start, workloadWith } from './subjects.ts';

const workload = workloadWith();

describe('a replay of recorded findings', () => {
  const policy = policyWithRule(
    'when: finding.severity >= high',
    'hold: 5s',
    'do: [notify, pause]',
  );

  it('lets holds run out between the versions', () => {
    const versions = [0, 3, 20].map((second) => ({
      finding: findingWith({ at: start + second * 1000 }),
      workload,
    }));
    const { decisions, problems } = replayFindings(policy, versions);
    expect(decisions.map(({ at }) => at - start)).toEqual([5000]);
    expect(problems).toEqual([]);
  });

  it('decides nothing on what closed before its hold, and crosses a year at once', () => {
    const year = 365 * 86_400_000;
    const versions = [
      findingWith(),
      findingWith({ at: start + 4000, status: 'closed' }),
      findingWith({ id: 'f2', at: start + year }),
      findingWith({ id: 'f2', at: start + year + 6000 }),
    ].map((finding) => ({ finding, workload }));
    const { decisions } = replayFindings(policy, versions);
    expect(decisions.map(({ id, at }) => [id, at - start - year])).toEqual([['rule:f2:1', 5000]]);
  });
});

describe('a sparse replay', () => {
  const policy = policyOf(
    [
      'version: 1',
      'rules:',
      '  - {name: act, when: finding.score > 0.5, hold: 90s, do: [notify, pause], cooldown: 5m}',
      '  - {name: tell, when: finding.score > 0.1, do: [notify], cooldown: 10m}',
    ].join('\n'),
  );

  function run(versions: Parameters<typeof replayFindings>[1], options: ReplayOptions) {
    const replay = replayInSteps(policy, versions, options);
    let steps = 0;
    for (;;) {
      const step = replay.next();
      if (step.done === true) return { steps, ...step.value };
      steps += 1;
    }
  }

  const spans = fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 3600 }),
      seconds: fc.integer({ min: 1, max: 3600 }),
      score: fc.constantFrom(0.4, 0.9),
      workload: fc.constantFrom('one', 'two'),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it('decides the same at the same time as one with a tick each second', () => {
    fc.assert(
      fc.property(spans, (found) => {
        const versions = found
          .flatMap(({ from, seconds, score, workload: key }, index) => {
            const of = { id: `f${index}`, score, workload: key, container: key };
            const at = start + from * 1000;
            return [
              findingWith({ ...of, at }),
              findingWith({ ...of, at: at + seconds * 1000, status: 'closed' }),
            ];
          })
          .toSorted((one, other) => one.at - other.at)
          .map((finding) => ({ finding, workload: workloadWith({ key: finding.workload }) }));
        expect(run(versions, { isSparse: true }).decisions).toEqual(run(versions, {}).decisions);
      }),
      { numRuns: 40 },
    );
  });

  it('costs little for a finding that stays open for a year, and loses no decision', () => {
    const year = 365 * 86_400_000;
    const versions = [{ finding: findingWith(), workload }];
    const { steps, decisions } = run(versions, { until: start + year, isSparse: true });
    expect(decisions.map(({ rule, at }) => [rule, at - start])).toEqual([
      ['tell', 0],
      ['act', 90_000],
    ]);
    expect(steps).toBeLessThan(200);
  });
});

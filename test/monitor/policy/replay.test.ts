import { describe, expect, it } from 'vitest';
import { replayFindings } from '../../../monitor/policy/replay.ts';
import { findingWith, policyWithRule, start, workloadWith } from './subjects.ts';

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

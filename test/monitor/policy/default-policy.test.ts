import { describe, expect, it } from 'vitest';
import { findingKinds, severities } from '../../../monitor/model/finding.ts';
import { defaultPolicyText } from '../../../monitor/policy/default-policy.ts';
import { stepPolicy } from '../../../monitor/policy/evaluate.ts';
import { loadPolicy } from '../../../monitor/policy/load.ts';
import { initialPolicyState } from '../../../monitor/policy/state.ts';
import { findingWith, policyOf, workloadWith } from './subjects.ts';

const contained = [
  'memory-runaway',
  'pids-runaway',
  'fork-bomb',
  'network-flood',
  'escape-attempt',
  'reverse-shell',
  'dropped-program',
];

describe('the default policy', () => {
  it('is in order, without a warning, and only observes', () => {
    expect(loadPolicy(defaultPolicyText)).toMatchObject({
      ok: true,
      value: { policy: { mode: 'observe' }, warnings: [] },
    });
    expect(policyOf(defaultPolicyText).rules.every(({ mode }) => mode === 'observe')).toBe(true);
  });

  it('is short enough to be read', () => {
    expect(defaultPolicyText.split('\n').length).toBeLessThanOrEqual(30);
    expect(Math.max(...defaultPolicyText.split('\n').map((line) => line.length))).toBeLessThan(100);
  });

  const cases = findingKinds.flatMap((kind) => severities.map((severity) => ({ kind, severity })));

  it.each(cases)('decides at most once on $kind of severity $severity', ({ kind, severity }) => {
    const { decisions } = stepPolicy(policyOf(defaultPolicyText), initialPolicyState(), {
      kind: 'finding',
      finding: findingWith({ kind, severity }),
      workload: workloadWith(),
    });
    const grave = severity === 'high' || severity === 'critical';
    const actions = decisions.map((decision) => decision.actions.map((action) => action.kind));
    if (grave && contained.includes(kind)) expect(actions).toEqual([['notify', 'pause']]);
    else if (severity === 'info') expect(actions).toEqual([]);
    else expect(actions).toEqual([['notify']]);
  });
});

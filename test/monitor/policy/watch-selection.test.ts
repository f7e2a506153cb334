import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  everyWorkload,
  noPatterns,
  type WorkloadSelector,
} from '../../../monitor/model/selector.ts';
import { defaultPolicyText } from '../../../monitor/policy/default-policy.ts';
import { loadPolicy } from '../../../monitor/policy/load.ts';
import { withWatch } from '../../../monitor/policy/watch-selection.ts';

function edited(text: string, selection: WorkloadSelector): string {
  const result = withWatch(text, selection);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function policyOf(text: string) {
  const loaded = loadPolicy(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.policy;
}

const agents: WorkloadSelector = {
  ...noPatterns,
  composeProjects: ['agents-*'],
  exclude: { ...noPatterns, names: ['db'] },
};

describe('Changing what a policy watches', () => {
  test('adds the key to a policy without one, and touches no other line.', () => {
    const after = edited(defaultPolicyText, agents);
    const kept = after.split('\n').filter((line) => defaultPolicyText.split('\n').includes(line));
    expect(kept.join('\n')).toContain(defaultPolicyText.trim().split('\n').at(-1));
    expect(defaultPolicyText.split('\n').every((line) => after.split('\n').includes(line))).toBe(
      true,
    );
    expect(policyOf(after).watch).toEqual(agents);
    expect(policyOf(after).rules.map(({ name }) => name)).toEqual(
      policyOf(defaultPolicyText).rules.map(({ name }) => name),
    );
  });

  test('takes the place of what was there, and leaves the comments around it.', () => {
    const before = [
      '# mine',
      'version: 1',
      'watch: # who',
      '  names: [a, b]',
      '  labels:',
      '    team: red',
      '# the rest',
      'mode: enforce',
      'rules: []',
      '',
    ].join('\n');
    const after = edited(before, agents);
    expect(after).toContain('# mine\n');
    expect(after).toContain('# the rest\nmode: enforce\n');
    expect(policyOf(after)).toEqual({ ...policyOf(before), watch: agents });
    expect(edited(after, everyWorkload)).not.toContain('watch');
  });

  test('works in a policy that is written on one line.', () => {
    const after = edited('{version: 1, watch: {names: [a]}, rules: []}', agents);
    expect(policyOf(after).watch).toEqual(agents);
  });

  test('is refused where the policy is broken, or the pattern none.', () => {
    expect(withWatch('rules: 7', agents)).toMatchObject({ ok: false, error: { before: true } });
    const bad = { ...noPatterns, names: [''], exclude: noPatterns };
    expect(withWatch(defaultPolicyText, bad)).toMatchObject({
      ok: false,
      error: { before: false },
    });
  });

  test('writes any text so that it is read again as it was.', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, text, (name, value) => {
        const selection = { ...noPatterns, names: [name], labels: { team: value } };
        const result = withWatch(defaultPolicyText, { ...selection, exclude: noPatterns });
        // What the policy's own bounds refuse is refused, and nothing else comes of it.
        if (result.ok) expect(policyOf(result.value).watch).toMatchObject(selection);
        else expect(result.error.before).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

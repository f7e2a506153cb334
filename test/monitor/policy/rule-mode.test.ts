import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicyText } from '../../../monitor/policy/default-policy.ts';
import { loadPolicy } from '../../../monitor/policy/load.ts';
import { withMode } from '../../../monitor/policy/rule-mode.ts';

function edited(text: string, rule: string | undefined, mode: 'observe' | 'enforce'): string {
  const result = withMode(text, rule, mode);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function modesOf(text: string): Record<string, string> {
  const loaded = loadPolicy(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return Object.fromEntries(loaded.value.policy.rules.map(({ name, mode }) => [name, mode]));
}

const written = `# Mine.
version: 1   # the only one
mode: observe    # for now

rules:
  # The first.
  - name: first # a name
    when: finding.severity >= high
    do: [notify, pause] # both

  - name: "second of two"
    mode: 'observe' # on trial
    when: |
      finding.score > 0.5 &&
      finding.age > 60
    do:   [ notify,kill ]

  - {name: third, when: finding.age > 5, do: [notify]} # in a row
`;

describe('the mode of a policy', () => {
  it('is switched for all by touching the words alone, also of rules with a mode of their own', () => {
    const result = edited(written, undefined, 'enforce');
    expect(result).toBe(
      written
        .replace('mode: observe    # for now', 'mode: enforce    # for now')
        .replace("mode: 'observe' # on trial", 'mode: enforce # on trial'),
    );
    expect(modesOf(result)).toEqual({
      first: 'enforce',
      'second of two': 'enforce',
      third: 'enforce',
    });
  });

  it('is written into a rule that has none, below its name and its comment', () => {
    expect(edited(written, 'first', 'enforce')).toBe(
      written.replace('name: first # a name\n', 'name: first # a name\n    mode: enforce\n'),
    );
    expect(edited(written, 'third', 'enforce')).toBe(
      written.replace('name: third,', 'name: third, mode: enforce,'),
    );
  });

  it('of one rule leaves the policy and the other rules as they were', () => {
    const result = edited(written, 'second of two', 'enforce');
    expect(modesOf(result)).toEqual({
      first: 'observe',
      'second of two': 'enforce',
      third: 'observe',
    });
    expect(edited(result, 'second of two', 'observe')).toBe(
      written.replace("mode: 'observe'", 'mode: observe'),
    );
  });

  it('is written into a policy that has none', () => {
    const text = 'version: 1 # one\nrules: [] # none';
    expect(edited(text, undefined, 'enforce')).toBe(
      'version: 1 # one\nmode: enforce\nrules: [] # none',
    );
  });

  it('keeps the line ends of Windows', () => {
    const text =
      'version: 1\r\nrules:\r\n  - name: a\r\n    when: finding.age > 1\r\n    do: [notify]\r\n';
    expect(edited(text, 'a', 'enforce')).toBe(
      text.replace('name: a\r\n', 'name: a\r\n    mode: enforce\r\n'),
    );
  });

  it('is set whatever the layout, and comments stay', () => {
    const odd =
      '# top\n{version: 1, rules: [{name: >-\n  a\n  b\n, when: finding.age > 1, do: [notify]}]}\n';
    const layouts = [
      'version: 1\nrules:\n  - when: finding.age > 1 # soon\n    do: [notify]\n    name: |-\n      a b\n',
      '? version\n: 1\nrules:\n- do: [notify]\n  name: a b # ab\n  when: finding.age > 1\n',
      odd,
    ].filter((text) => loadPolicy(text).ok);
    expect(layouts.length).toBeGreaterThan(1);
    for (const text of layouts) {
      for (const rule of [undefined, 'a b']) {
        const result = edited(text, rule, 'enforce');
        expect(modesOf(result)).toEqual({ 'a b': 'enforce' });
        expect(result.match(/#.*/g)).toEqual(text.match(/#.*/g));
      }
    }
  });

  it('there and back is the same text, for every rule of the default policy', () => {
    const rules = Object.keys(modesOf(defaultPolicyText));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(undefined, ...rules)), (switched) => {
        const start = rules.reduce(
          (text, rule) => edited(text, rule, 'observe'),
          edited(defaultPolicyText, undefined, 'observe'),
        );
        let text = start;
        for (const rule of switched) text = edited(text, rule, 'enforce');
        for (const rule of [undefined, ...rules]) text = edited(text, rule, 'observe');
        expect(text).toBe(start);
      }),
      { numRuns: 20 },
    );
  });

  it('is not changed in a broken policy, nor for a rule that is not there', () => {
    expect(withMode('version: 1\nrules: [', undefined, 'enforce')).toMatchObject({
      ok: false,
      error: { kind: 'broken', problems: [{ line: 2 }] },
    });
    expect(withMode(written, 'fourth', 'enforce')).toEqual({
      ok: false,
      error: { kind: 'unknown-rule' },
    });
  });
});

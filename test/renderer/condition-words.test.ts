import { describe, expect, test } from 'vitest';
import { findingKinds, severities, type Severity } from '../../monitor/model/finding.ts';
import { compileCondition } from '../../monitor/policy/condition.ts';
import { severityRank, type ConditionSubject } from '../../monitor/policy/condition-subject.ts';
import { defaultPolicyText } from '../../monitor/policy/default-policy.ts';
import { policyOf } from '../monitor/policy/subjects.ts';
import { conditionWords, type NamedCondition } from '../../renderer/words/condition-words.ts';
import { kindName } from '../../renderer/state/finding-list.ts';

/** The words as they are read; code stands between backticks. Each condition must be a real one. */
function read(condition: string, others: readonly NamedCondition[] = []): string {
  expect(compileCondition(condition), condition).toMatchObject({ ok: true });
  return conditionWords(condition, others)
    .map(({ as, text }) => (as === 'code' ? `\`${text}\`` : text).replaceAll('\u202f', ' '))
    .join('');
}

/** Whether the monitor holds the condition true of a finding of this severity. */
function holds(condition: string, severity: Severity): boolean {
  const compiled = compileCondition(condition);
  if (!compiled.ok) throw new Error(compiled.error.message);
  const finding = { severity: BigInt(severityRank(severity)) };
  const outcome = compiled.value.evaluate({ finding } as unknown as ConditionSubject);
  if (!outcome.ok) throw new Error(outcome.error);
  return outcome.value;
}

describe('A condition in words', () => {
  test('The rules of the default policy are sentences; the second names the first.', () => {
    const rules = policyOf(defaultPolicyText).rules.map(({ name, condition }) => ({
      name,
      condition: condition.text,
    }));
    const [contain, tell] = rules;
    expect(read(contain!.condition)).toBe(
      'a finding is high or worse and is one of Memory runs away, Processes run away, Fork bomb, ' +
        'Network flood, Escape attempt, Reverse shell or Dropped program',
    );
    expect(read(tell!.condition, rules)).toBe(
      'a finding is low or worse, unless it is a case for contain runaways and escapes',
    );
    expect(read(tell!.condition)).toBe(
      'a finding is low or worse, unless it is high or worse and is one of Memory runs away, ' +
        'Processes run away, Fork bomb, Network flood, Escape attempt, Reverse shell or Dropped program',
    );
  });

  test.each([
    ['true', 'anything is found'],
    ['finding.severity in [high, critical]', 'a finding is high or worse'],
    ['finding.severity in [low, high]', 'a finding is low or high'],
    ['finding.kind == "fork-bomb"', 'a finding is Fork bomb'],
    ['finding.kind != "fork-bomb"', 'a finding is not Fork bomb'],
    [
      '!(finding.kind in ["drift", "fork-bomb"])',
      'a finding is none of Steady growth and Fork bomb',
    ],
    [
      'finding.severity > info && finding.age > 90',
      'a finding is low or worse and has lasted for more than 1 min 30 s',
    ],
    ['!(finding.age > 0.5)', 'a finding has lasted for at most 500 ms'],
    ['workload.name == "web"', 'anything is found in a workload that has the name “web”'],
    [
      'finding.severity >= high && workload.image.startsWith("node:")',
      'a finding is high or worse and its workload has an image that begins with “node:”',
    ],
    [
      '!workload.name.like("agent-*")',
      'anything is found in a workload that has a name not like “agent-*”',
    ],
    [
      '"team" in workload.labels && workload.labels["team"] == "blue"',
      'anything is found in a workload that has the label “team” with the value “blue”',
    ],
    ['!("team" in workload.labels)', 'anything is found in a workload that has no label “team”'],
    [
      '!workload.memoryLimited && workload.network == "host"',
      'anything is found in a workload that has no limit of memory of its own and uses the host’s network',
    ],
    [
      'finding.severity == critical || finding.kind == "fork-bomb"',
      'a finding either is critical, or is Fork bomb',
    ],
    [
      '!(finding.severity == critical || finding.kind == "fork-bomb")',
      'a finding is at most high and is not Fork bomb',
    ],
    [
      '!(finding.kind == "drift" && workload.name == "web")',
      'anything is found, unless it is Steady growth and its workload has the name “web”',
    ],
    ['high <= finding.severity', 'a finding is high or worse'],
  ])('%s: when %s', (condition, words) => {
    expect(read(condition)).toBe(words);
  });

  test.each([
    ['finding.score > 0.9', '`finding.score > 0.9`'],
    [
      'finding.severity >= high && finding.score > 0.9',
      'a finding is high or worse, and `finding.score > 0.9`',
    ],
    [
      'finding.severity >= high && !(finding.score > 0.9)',
      'a finding is high or worse, and `!(finding.score > 0.9)`',
    ],
    [
      'finding.kind == "drift" || workload.name == "web"',
      '`finding.kind == "drift" || workload.name == "web"`',
    ],
    [
      'finding.severity > low ? finding.age > 5 : false',
      '`finding.severity > low ? finding.age > 5 : false`',
    ],
    ['finding.severity >= info', '`finding.severity >= info`'],
    ['finding.severity < info', '`finding.severity < info`'],
    ['finding.severity > 3', '`finding.severity > 3`'],
    ['workload.name.lowerAscii() == "web"', '`workload.name.lowerAscii() == "web"`'],
    ['finding.severity + 1 > high', '`finding.severity + 1 > high`'],
    ['false', '`false`'],
    ['finding.age > -5', '`finding.age > -5`'],
    ['finding.age > 0.0001', '`finding.age > 0.0001`'],
    ['finding.age == 60.0', '`finding.age == 60.0`'],
    [
      '(finding.severity > low || finding.age > 5) && (finding.age > 9 || finding.kind == "drift")',
      '`(finding.severity > low || finding.age > 5) && (finding.age > 9 || finding.kind == "drift")`',
    ],
  ])('%s has no words of its own, and stands as it is written.', (condition, words) => {
    expect(read(condition)).toBe(words);
  });

  test('What cannot even be read stands as it is written.', () => {
    expect(conditionWords('finding.severity >=')).toEqual([
      { as: 'code', text: 'finding.severity >=' },
    ]);
  });

  test('A rule that asks for something else is not named.', () => {
    const other = {
      name: 'contain',
      condition: 'finding.severity >= high && finding.kind == "drift"',
    };
    const but = (inner: string) => read(`finding.severity > info && !(${inner})`, [other]);
    expect(but('finding.severity >= high && finding.kind == "drift"')).toContain(
      'a case for contain',
    );
    expect(but('finding.severity >= high &&\n  finding.kind == "drift"')).toContain(
      'a case for contain',
    );
    expect(but('finding.severity >= medium && finding.kind == "drift"')).not.toContain('contain');
    expect(but('finding.severity >= high && finding.kind == "fork-bomb"')).not.toContain('contain');
  });

  test('The severities that are said are those for which it holds, whatever the comparison.', () => {
    const meant: Readonly<Record<string, (rank: number, named: number) => boolean>> = {
      'or worse': (rank, named) => rank >= named,
      'at most': (rank, named) => rank <= named,
      '': (rank, named) => rank === named,
    };
    const signs = ['==', '!=', '<', '<=', '>', '>='];
    let said = 0;
    for (const condition of severities.flatMap((severity) =>
      signs.flatMap((sign) => [
        `finding.severity ${sign} ${severity}`,
        `!(finding.severity ${sign} ${severity})`,
        `${severity} ${sign} finding.severity`,
      ]),
    )) {
      const words = read(condition);
      if (words.startsWith('`')) continue;
      said += 1;
      const named = severities.filter((severity) => words.includes(severity));
      const how = Object.keys(meant).find((key) => words.includes(key)) ?? '';
      const expected = severities.filter((severity, rank) =>
        named.length > 1
          ? named.includes(severity)
          : meant[how]!(rank, severities.indexOf(named[0]!)),
      );
      expect(
        severities.filter((severity) => holds(condition, severity)),
        condition,
      ).toEqual(expected);
    }
    expect(said).toBeGreaterThan(70);
  });

  test('Every kind of finding has its name of the Findings screen.', () => {
    for (const kind of findingKinds) {
      expect(read(`finding.kind == "${kind}"`)).toBe(`a finding is ${kindName(kind)}`);
    }
  });
});

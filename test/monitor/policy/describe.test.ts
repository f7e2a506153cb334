import { describe, expect, it } from 'vitest';
import type { PlannedAction } from '../../../monitor/model/decision.ts';
import { describeDecision, describePolicy } from '../../../monitor/policy/describe.ts';
import { policyOf, start } from './subjects.ts';

const about = { name: 'web', reason: 'Memory grows by 80 MB a second.' };
const clock = (): string => '14:03:22';
const pause: readonly PlannedAction[] = [{ kind: 'notify' }, { kind: 'pause' }];

describe('a decision in words', () => {
  it('says what would have been done when observing', () => {
    expect(describeDecision({ mode: 'observe', actions: pause, at: start }, about, clock)).toBe(
      'would have paused web at 14:03:22 because of this: Memory grows by 80 MB a second.',
    );
  });

  it('says what is to be done when enforcing, and does not claim that it was', () => {
    expect(describeDecision({ mode: 'enforce', actions: pause, at: start }, about, clock)).toBe(
      'decided at 14:03:22 to pause web because of this: Memory grows by 80 MB a second.',
    );
  });

  it('says in either mode that it told', () => {
    for (const mode of ['observe', 'enforce'] as const) {
      const actions = [{ kind: 'notify' }] as const;
      expect(describeDecision({ mode, actions, at: start }, about, clock)).toMatch(
        /^told of web at 14:03:22 because of this: /,
      );
    }
  });

  it.each<[PlannedAction, string, string]>([
    [{ kind: 'kill' }, 'killed web', 'kill web'],
    [{ kind: 'stop', graceSeconds: 5 }, 'stopped web', 'stop web, killing it after 5s'],
    [
      { kind: 'limit', cpus: 0.5, memoryBytes: 512e6, pids: 9 },
      'limited web to 0.5 cores, 512MB and 9 processes',
      'limit web to 0.5 cores, 512MB and 9 processes',
    ],
    [
      { kind: 'limit', cpus: 1, memoryBytes: undefined, pids: 1 },
      'limited web to 1 core and 1 process',
      'limit web to 1 core and 1 process',
    ],
    [{ kind: 'quarantine' }, 'cut web off from its networks', 'cut web off from its networks'],
  ])('%j', (action, observed, enforced) => {
    const actions = [action];
    expect(describeDecision({ mode: 'observe', actions, at: start }, about, clock)).toContain(
      `would have ${observed} at`,
    );
    expect(describeDecision({ mode: 'enforce', actions, at: start }, about, clock)).toContain(
      `to ${enforced} because`,
    );
  });
});

describe('a policy in words', () => {
  it('acts once a minute, not 1 times', () => {
    const policy = policyOf(`
version: 1
mode: enforce
limits: {actionsPerMinute: 1}
rules:
  - {name: contain, when: true, do: [pause]}
`);
    expect(describePolicy(policy)[0]).toBe('Enforces: acts, at most once a minute.');
  });

  it('says the mode, what is protected and each rule', () => {
    const policy = policyOf(`
version: 1
watch: {composeProjects: ["agents-*"], exclude: {names: [web]}}
protect: {names: [db], labels: {keep: true}}
rules:
  - name: contain
    mode: enforce
    for: {images: [node], exclude: {labels: {team: blue}}}
    when: |
      finding.severity >= high &&
      finding.age > 5
    hold: 90s
    do: [notify, pause]
  - name: tell
    when: true
    do: [notify]
    cooldown: 1h
`);
    expect(describePolicy(policy)).toEqual([
      'Observes, but acts by 1 of its 2 rules, at most 6 times a minute.',
      'Watches only compose projects agents-* except names web.',
      'Never acts on names db or label keep.',
      'contain (enforce): for images node except label team=blue, when finding.severity >= high && finding.age > 5 for 90s, tell and pause the container; once in 10m for a container.',
      'tell: for every workload, when true, tell; once in 1h for a workload.',
    ]);
  });

  const tell = '{mode: enforce, do: [notify]}';
  const wouldPause = '{mode: observe, do: [pause]}';
  const pause = '{mode: enforce, do: [pause]}';
  const onlyObserves = 'Observes: says what it would have done, and does nothing.';
  const onlyTells = 'Enforces, but none of its rules acts: it only tells.';

  it.each([
    ['observe', [], onlyObserves],
    ['observe', [wouldPause, tell], onlyObserves],
    [
      'observe',
      [pause, pause, wouldPause],
      'Observes, but acts by 2 of its 3 rules, at most 6 times a minute.',
    ],
    ['observe', [pause], 'Observes, but acts by its only rule, at most 6 times a minute.'],
    ['enforce', [pause, tell], 'Enforces: acts, at most 6 times a minute.'],
    [
      'enforce',
      [wouldPause, pause],
      'Enforces: acts, at most 6 times a minute, but only observes by 1 of its 2 rules.',
    ],
    ['enforce', [wouldPause], onlyTells],
    ['enforce', [tell], onlyTells],
  ])('tells by its head in the mode %s which of the rules %j act', (mode, rules, head) => {
    const lines = rules.map((rule, index) => rule.replace('{', `{name: r${index}, when: true, `));
    const policy = policyOf(`{version: 1, mode: ${mode}, rules: [${lines.join(', ')}]}`);
    expect(describePolicy(policy)[0]).toBe(head);
  });
});

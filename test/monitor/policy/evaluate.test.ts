import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../monitor/model/finding.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { stepPolicy } from '../../../monitor/policy/evaluate.ts';
import type { PolicyInput, PolicyStep } from '../../../monitor/policy/evaluate.ts';
import type { Policy } from '../../../monitor/policy/policy.ts';
import { initialPolicyState } from '../../../monitor/policy/state.ts';
import { findingWith, policyOf, policyWithRule, start, workloadWith } from './subjects.ts';

/** Feeds inputs one after the other; times are seconds after the start. */
class Story {
  policy: Policy;
  state = initialPolicyState();
  readonly told: string[] = [];

  constructor(policy: Policy) {
    this.policy = policy;
  }

  finding(second: number, parts: Partial<Finding> = {}, workload: Partial<Workload> = {}) {
    const finding = findingWith({ at: start + second * 1000, ...parts });
    const subject = workloadWith({
      key: finding.workload,
      container: finding.container,
      ...workload,
    });
    return this.step({ kind: 'finding', finding, workload: subject });
  }

  tick(second: number) {
    return this.step({ kind: 'tick', at: start + second * 1000 });
  }

  /** Ticks every second, as in life; the last step's decisions are of any of them. */
  ticks(from: number, to: number): readonly string[] {
    const seen: string[] = [];
    for (let second = from; second <= to; second += 1) seen.push(...this.tick(second));
    return seen;
  }

  gone(container: string) {
    return this.step({ kind: 'gone', container });
  }

  last: PolicyStep | undefined;

  step(input: PolicyInput): readonly string[] {
    this.last = stepPolicy(this.policy, this.state, input);
    this.state = this.last.state;
    return this.last.decisions.map(
      ({ id, actions }) => `${id} ${actions.map((action) => action.kind).join('+')}`,
    );
  }
}

const tell = ['when: finding.severity >= low', 'do: [notify]', 'cooldown: 10m'];
const contain = ['when: finding.severity >= high', 'do: [notify, pause]', 'cooldown: 10m'];

describe('a rule without a hold', () => {
  it('decides in the step in which its condition holds', () => {
    const story = new Story(policyWithRule(...contain));
    expect(story.finding(1)).toEqual(['rule:f1:1 notify+pause']);
    expect(story.last?.decisions[0]).toEqual({
      id: 'rule:f1:1',
      rule: 'rule',
      finding: 'f1',
      workload: 'node web',
      container: 'c1',
      mode: 'observe',
      actions: [{ kind: 'notify' }, { kind: 'pause' }],
      heldSince: start + 1000,
      at: start + 1000,
    });
  });

  it('lets a finding pass that its condition or its selector does not mean', () => {
    const story = new Story(policyWithRule(...contain, 'for: {names: ["web*"]}'));
    expect(story.finding(1, { severity: 'medium' })).toEqual([]);
    expect(story.finding(2, {}, { name: 'db' })).toEqual([]);
    expect(story.finding(3)).toHaveLength(1);
  });

  it('never means Sentra’s own', () => {
    const story = new Story(policyWithRule(...contain));
    const helper = { name: 'sentra-helper', labels: { 'sentra.helper': 'sha256:0' } };
    expect(story.finding(1, {}, helper)).toEqual([]);
  });

  it('takes its own mode before the policy’s', () => {
    const story = new Story(policyWithRule(...contain, 'mode: enforce'));
    story.finding(1);
    expect(story.last?.decisions[0]?.mode).toBe('enforce');
  });

  it('does not shadow the rules after it', () => {
    const rule = (name: string, action: string): string =>
      `  - name: ${name}\n    when: true\n    do: [${action}]\n`;
    const story = new Story(
      policyOf(`version: 1\nrules:\n${rule('b', 'kill')}${rule('a', 'notify')}`),
    );
    expect(story.finding(1)).toEqual(['b:f1:1 kill', 'a:f1:1 notify']);
  });
});

describe('a hold', () => {
  const rule = [...contain, 'hold: 5s'];

  it('runs out by ticks alone', () => {
    const story = new Story(policyWithRule(...rule));
    expect(story.finding(0)).toEqual([]);
    expect(story.ticks(1, 4)).toEqual([]);
    expect(story.tick(5)).toEqual(['rule:f1:1 notify+pause']);
    expect(story.last?.decisions[0]).toMatchObject({ heldSince: start, at: start + 5000 });
    expect(story.ticks(6, 20)).toEqual([]);
  });

  it('that runs out while its container is awaited decides once it is known, and only then cools down', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0);
    const awaited = new Set(['c1']);
    for (const second of [5, 6]) {
      expect(story.step({ kind: 'tick', at: start + second * 1000, awaited })).toEqual([]);
      expect(story.state.silences).toEqual([]);
    }
    const others = new Set(['c2']);
    expect(story.step({ kind: 'tick', at: start + 7000, awaited: others })).toEqual([
      'rule:f1:1 notify+pause',
    ]);
    expect(story.last?.decisions[0]).toMatchObject({ heldSince: start, at: start + 7000 });
  });

  it('is not begun anew by further versions for which the condition holds', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0);
    for (const second of [1, 2, 3, 4]) expect(story.finding(second)).toEqual([]);
    expect(story.finding(5, { container: 'c2' })).toEqual(['rule:f1:1 notify+pause']);
    expect(story.last?.decisions[0]?.heldSince).toBe(start);
  });

  it('that runs out for several findings at once decides on the gravest first', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0, { id: 'f1', severity: 'high' });
    story.finding(0, { id: 'f2', severity: 'critical' });
    expect(story.tick(5)).toEqual(['rule:f2:1 notify+pause']);
  });

  it('begins anew when the condition stopped holding in between', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0);
    story.finding(3, { severity: 'low' });
    story.finding(4);
    expect(story.ticks(5, 8)).toEqual([]);
    expect(story.tick(9)).toHaveLength(1);
  });

  it('is dropped when the finding closes, and when the container is gone', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0);
    story.finding(3, { status: 'closed' });
    expect(story.ticks(4, 20)).toEqual([]);
    story.finding(20, { id: 'f2' });
    story.gone('c1');
    expect(story.ticks(21, 40)).toEqual([]);
  });

  it('is not taken for held through a time that nobody watched', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0);
    expect(story.tick(3600)).toEqual([]);
    expect(story.ticks(3601, 3610)).toEqual([]);
    story.finding(3611);
    expect(story.ticks(3612, 3615)).toEqual([]);
    expect(story.tick(3616)).toHaveLength(1);
  });

  it('goes on over a clock that was set back', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0);
    story.tick(2);
    expect(story.tick(-3600)).toEqual([]);
    expect(story.tick(-3598)).toEqual([]);
    expect(story.tick(-3597)).toHaveLength(1);
  });

  it('is not shortened by a finding that comes late', () => {
    const story = new Story(policyWithRule(...rule));
    story.tick(100);
    expect(story.finding(10)).toEqual([]);
    expect(story.tick(104)).toEqual([]);
    expect(story.tick(105)).toHaveLength(1);
  });

  it('begins anew when the condition was rewritten', () => {
    const story = new Story(policyWithRule(...rule));
    story.finding(0);
    story.policy = policyWithRule('when: finding.severity >= medium', 'hold: 5s', 'do: [kill]');
    expect(story.ticks(1, 10)).toEqual([]);
    story.finding(10, { at: start });
    expect(story.tick(15)).toEqual(['rule:f1:1 kill']);
  });
});

describe('the cool-down of a rule that tells', () => {
  it('says nothing twice of a flapping finding', () => {
    const story = new Story(policyWithRule(...tell));
    expect(story.finding(0)).toHaveLength(1);
    for (let second = 1; second < 600; second += 1) {
      expect(story.finding(second, { id: `f${second}`, status: 'open' })).toEqual([]);
      story.finding(second, { id: `f${second}`, status: 'closed' });
    }
    expect(story.finding(600, { id: 'late' })).toHaveLength(1);
  });

  it('says nothing twice of one finding however long it lasts', () => {
    const story = new Story(policyWithRule(...tell));
    expect(story.finding(0)).toHaveLength(1);
    for (let second = 1; second < 3600; second += 1) {
      expect(story.tick(second)).toEqual([]);
      if (second % 100 === 0) expect(story.finding(second)).toEqual([]);
    }
  });

  it('tells at once when it gets worse than anything told before', () => {
    const story = new Story(policyWithRule(...tell));
    expect(story.finding(0, { severity: 'low' })).toEqual(['rule:f1:1 notify']);
    expect(story.finding(1, { severity: 'high' })).toEqual(['rule:f1:2 notify']);
    expect(story.finding(2, { id: 'f2', severity: 'high' })).toEqual([]);
    expect(story.finding(3, { id: 'f2', severity: 'critical' })).toEqual(['rule:f2:1 notify']);
    expect(story.finding(4, { severity: 'critical' })).toEqual([]);
  });

  it('tells late of what is still open then and was silenced', () => {
    const story = new Story(policyWithRule(...tell));
    story.finding(0);
    expect(story.finding(1, { id: 'f2', kind: 'drift' })).toEqual([]);
    expect(story.ticks(2, 599)).toEqual([]);
    expect(story.tick(600)).toEqual(['rule:f2:1 notify']);
  });

  it('is not ended by another container of the same workload', () => {
    const story = new Story(policyWithRule(...tell));
    story.finding(0);
    expect(story.finding(1, { id: 'f2', container: 'c2' })).toEqual([]);
  });

  it('does not silence other workloads', () => {
    const story = new Story(policyWithRule(...tell));
    story.finding(0);
    expect(story.finding(1, { id: 'f2', workload: 'redis db' })).toHaveLength(1);
  });
});

describe('the cool-down of a rule that acts', () => {
  it('lets a container be that was acted on, as when the person resumed it', () => {
    const story = new Story(policyWithRule(...contain));
    expect(story.finding(0)).toHaveLength(1);
    story.finding(5, { status: 'closed' });
    expect(story.finding(10, { id: 'f2' })).toEqual([]);
    expect(story.ticks(11, 599)).toEqual([]);
  });

  it('acts, without another word, on a container created anew under the same name', () => {
    const story = new Story(policyWithRule(...contain));
    story.finding(0);
    story.gone('c1');
    expect(story.finding(10, { id: 'f2', container: 'c2' })).toEqual(['rule:f2:1 pause']);
    expect(story.finding(11, { id: 'f3', container: 'c2' })).toEqual([]);
  });

  it('does not take two containers of one workload for one created anew each time', () => {
    const story = new Story(policyWithRule(...contain));
    const seen: string[] = [];
    for (let second = 0; second < 100; second += 1) {
      const container = second % 2 === 0 ? 'c1' : 'c2';
      seen.push(...story.finding(second, { id: `f${second}`, container }));
    }
    expect(seen).toEqual(['rule:f0:1 notify+pause', 'rule:f1:1 pause']);
  });

  it('acts again after it on what a running container goes on doing', () => {
    const story = new Story(policyWithRule(...contain));
    story.finding(0);
    story.ticks(1, 599);
    expect(story.finding(599)).toEqual([]);
    expect(story.tick(600)).toEqual(['rule:f1:2 notify+pause']);
  });

  it('does not freeze again what is frozen and shows nothing new', () => {
    const story = new Story(policyWithRule(...contain));
    story.finding(0);
    expect(story.ticks(1, 1500)).toEqual([]);
    expect(story.finding(1500, {}, { state: 'paused' })).toEqual([]);
    expect(story.ticks(1501, 1600)).toEqual([]);
  });

  it('acts at once when it gets worse', () => {
    const story = new Story(policyWithRule(...contain));
    story.finding(0);
    expect(story.finding(1, { severity: 'critical' })).toEqual(['rule:f1:2 notify+pause']);
    expect(story.finding(2, { severity: 'critical' })).toEqual([]);
  });

  it('acts at once when the person switches from observing to enforcing', () => {
    const story = new Story(policyWithRule(...contain));
    story.finding(0);
    expect(story.last?.decisions[0]?.mode).toBe('observe');
    story.policy = policyWithRule(...contain, 'mode: enforce');
    expect(story.tick(5)).toEqual(['rule:f1:2 notify+pause']);
    expect(story.last?.decisions[0]?.mode).toBe('enforce');
    expect(story.ticks(6, 30)).toEqual([]);
  });

  it('goes on over a clock that was set back', () => {
    const story = new Story(policyWithRule(...contain));
    story.finding(0);
    story.tick(-3600);
    expect(story.finding(-3590, { id: 'f2' })).toEqual([]);
    story.ticks(-3589, -3001);
    expect(story.finding(-3000, { id: 'f3' })).toHaveLength(1);
  });
});

describe('a condition that cannot be evaluated', () => {
  const story = new Story(policyWithRule('when: workload.labels["owner"] == "x"', 'do: [notify]'));

  it('decides nothing and says so once for the finding, with the line of the rule', () => {
    expect(story.finding(0)).toEqual([]);
    expect(story.last?.problems).toEqual([
      {
        kind: 'condition-failed',
        rule: 'rule',
        line: 3,
        finding: 'f1',
        message: 'No such key: owner',
        at: start,
      },
    ]);
    story.finding(1);
    expect(story.last?.problems).toEqual([]);
    expect(story.state.conditionErrors).toBe(2);
  });

  it('decides once it can be', () => {
    expect(story.finding(2, {}, { labels: { owner: 'x' } })).toHaveLength(1);
  });
});

describe('what is remembered', () => {
  it('is bounded, and what is forgotten is counted and told', () => {
    const story = new Story(policyWithRule(...tell));
    let told = 0;
    for (let index = 0; index < 1100; index += 1) {
      story.finding(0, { id: `f${index}`, workload: `w${index}`, container: `c${index}` });
      told += story.last?.problems.length ?? 0;
    }
    expect(story.state.findings).toHaveLength(1000);
    expect(story.state.silences).toHaveLength(1000);
    expect(story.state.dropped).toEqual({ findings: 100, silences: 100 });
    // 1, 2, 4, … 64, for findings and for silences.
    expect(told).toBe(14);
  });

  it('is bounded for many rules too', () => {
    const rules = Array.from(
      { length: 200 },
      (_, index) => `  - {name: r${index}, when: true, do: [notify]}\n`,
    );
    const story = new Story(policyOf(`version: 1\nrules:\n${rules.join('')}`));
    for (let index = 0; index < 150; index += 1) {
      story.finding(0, { id: `f${index}`, workload: `w${index}`, container: `c${index}` });
    }
    expect(story.state.findings.map(({ id }) => id)).toHaveLength(100);
    expect(story.state.findings.at(-1)?.id).toBe('f149');
    expect(story.state.silences).toHaveLength(100);
    expect(story.state.dropped).toEqual({ findings: 50, silences: 50 });
  });

  it('gives up closed findings before open ones', () => {
    const story = new Story(policyWithRule(...tell));
    story.finding(0, { id: 'first' });
    for (let index = 0; index < 1000; index += 1) {
      story.finding(0, { id: `f${index}` });
      story.finding(0, { id: `f${index}`, status: 'closed' });
    }
    expect(story.state.findings).toHaveLength(1000);
    expect(story.state.findings.some(({ id }) => id === 'first')).toBe(true);
  });

  it('gives no id to two decisions, even when a closed finding is opened again', () => {
    const story = new Story(policyWithRule(...contain));
    const ids: string[] = [];
    for (let second = 0; second < 2000; second += 1) {
      const status = second % 20 < 10 ? 'open' : 'closed';
      story.finding(second, { status });
      ids.push(...(story.last?.decisions.map(({ id }) => id) ?? []));
      story.tick(second);
    }
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is let go of when it no longer matters', () => {
    const story = new Story(policyWithRule(...contain));
    story.finding(0);
    story.finding(10, { status: 'closed' });
    story.ticks(11, 4000);
    expect(story.state.findings).toEqual([]);
    expect(story.state.silences).toEqual([]);
  });
});

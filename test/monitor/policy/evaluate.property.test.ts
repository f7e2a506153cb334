import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../monitor/model/decision.ts';
import { findingKinds, severities } from '../../../monitor/model/finding.ts';
import type { Severity } from '../../../monitor/model/finding.ts';
import { severityRank } from '../../../monitor/policy/condition-subject.ts';
import { stepPolicy } from '../../../monitor/policy/evaluate.ts';
import type { PolicyInput, PolicyStep } from '../../../monitor/policy/evaluate.ts';
import { initialPolicyState, restorePolicyState } from '../../../monitor/policy/state.ts';
import type { PolicyState } from '../../../monitor/policy/state.ts';
import { findingWith, policyOf, start, workloadWith } from './subjects.ts';

const holdMs = 3000;
const cooldownMs = 60_000;

const policy = policyOf(`
version: 1
rules:
  - {name: tell, when: finding.severity >= low, do: [notify], cooldown: 60s}
  - {name: contain, when: finding.severity >= high, do: [notify, pause], hold: 3s, cooldown: 60s, mode: enforce}
  - {name: labels, when: 'workload.labels["owner"] == "x"', do: [kill], cooldown: 60s, mode: enforce}
`);

/** Something that happens some milliseconds after what happened before. */
type Happening = { readonly after: number } & (
  | {
      readonly kind: 'finding';
      readonly id: string;
      readonly workload: string;
      readonly container: string;
      readonly severity: Severity;
      readonly status: 'open' | 'closed';
      readonly owner: string | undefined;
    }
  | { readonly kind: 'tick' }
  | { readonly kind: 'gone'; readonly container: string }
);

const after = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 500, 1000, 2000) },
  { weight: 1, arbitrary: fc.constantFrom(29_000, 45_000, 120_000) },
);
const container = fc.constantFrom('c1', 'c2', 'c3');
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('finding' as const),
      after,
      id: fc.constantFrom('f1', 'f2', 'f3', 'f4'),
      workload: fc.constantFrom('w1', 'w2'),
      container,
      severity: fc.constantFrom(...severities),
      status: fc.constantFrom<('open' | 'closed')[]>('open', 'open', 'closed'),
      owner: fc.constantFrom(undefined, 'x', 'y'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('tick' as const), after }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gone' as const), after, container }) },
);
const happenings = fc.array(happening, { maxLength: 80 });

function inputsOf(story: readonly Happening[]): readonly PolicyInput[] {
  let at = start;
  return story.map((event): PolicyInput => {
    at += event.after;
    switch (event.kind) {
      case 'tick':
        return { kind: 'tick', at };
      case 'gone':
        return { kind: 'gone', container: event.container };
      case 'finding': {
        const { id, workload, container: of, severity, status, owner } = event;
        const kind = findingKinds[0];
        const labels: Record<string, string> = owner === undefined ? {} : { owner };
        return {
          kind: 'finding',
          finding: findingWith({ id, kind, workload, container: of, severity, status, at }),
          workload: workloadWith({ key: workload, container: of, labels }),
        };
      }
    }
  });
}

/** A decision with what was known when it was made. */
interface Made {
  readonly decision: Decision;
  readonly severity: Severity;
  readonly step: number;
}

function run(inputs: readonly PolicyInput[], through: (state: PolicyState) => PolicyState) {
  let state = initialPolicyState();
  const steps: PolicyStep[] = [];
  const made: Made[] = [];
  const severityOf = new Map<string, Severity>();
  for (const [index, input] of inputs.entries()) {
    if (input.kind === 'finding') severityOf.set(input.finding.id, input.finding.severity);
    const step = stepPolicy(policy, through(state), input);
    state = step.state;
    steps.push(step);
    for (const decision of step.decisions) {
      made.push({ decision, severity: severityOf.get(decision.finding) ?? 'info', step: index });
    }
  }
  return { steps, made };
}

describe('whatever happens', () => {
  it('nothing is decided before the condition has held for the hold, version after version', () => {
    fc.assert(
      fc.property(happenings, (story) => {
        const inputs = inputsOf(story);
        for (const { decision, step } of run(inputs, (state) => state).made) {
          if (decision.rule !== 'contain') continue;
          expect(decision.at - decision.heldSince).toBeGreaterThanOrEqual(holdMs);
          // Every version of the finding since then was open and severe.
          for (const input of inputs.slice(0, step + 1)) {
            if (input.kind !== 'finding' || input.finding.id !== decision.finding) continue;
            if (input.finding.at <= decision.heldSince) continue;
            expect(input.finding.status).toBe('open');
            expect(severityRank(input.finding.severity)).toBeGreaterThanOrEqual(4);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nobody is told twice within a cool-down, but of something worse', () => {
    fc.assert(
      fc.property(happenings, (story) => {
        const told = new Map<string, Made>();
        for (const made of run(inputsOf(story), (state) => state).made) {
          if (!made.decision.actions.some(({ kind }) => kind === 'notify')) continue;
          const key = `${made.decision.rule} ${made.decision.workload}`;
          const last = told.get(key);
          if (last !== undefined && made.decision.at - last.decision.at < cooldownMs) {
            expect(severityRank(made.severity)).toBeGreaterThan(severityRank(last.severity));
          }
          told.set(key, made);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a container is not acted on twice within a cool-down, but for something worse', () => {
    fc.assert(
      fc.property(happenings, (story) => {
        // A removed container's id does not come back: what happens to it after that is not asked.
        const removed = new Set<string>();
        const inputs = inputsOf(story).filter((input) => {
          if (input.kind === 'gone') removed.add(input.container);
          return input.kind !== 'finding' || !removed.has(input.finding.container);
        });
        const acted = new Map<string, Made>();
        for (const made of run(inputs, (state) => state).made) {
          if (made.decision.rule === 'tell') continue;
          const { rule, workload, container: of } = made.decision;
          const key = `${rule} ${workload} ${of}`;
          const last = acted.get(key);
          if (last !== undefined && made.decision.at - last.decision.at < cooldownMs) {
            expect(severityRank(made.severity)).toBeGreaterThan(severityRank(last.severity));
          }
          acted.set(key, made);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('no two decisions have one id, and within a step they have the order of the rules', () => {
    const order = policy.rules.map(({ name }) => name);
    fc.assert(
      fc.property(happenings, (story) => {
        const { steps, made } = run(inputsOf(story), (state) => state);
        const ids = made.map(({ decision }) => decision.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { decisions } of steps) {
          const indexes = decisions.map(({ rule }) => order.indexOf(rule));
          expect(indexes).toEqual(indexes.toSorted((left, right) => left - right));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a state that was stored and read back decides the same', () => {
    fc.assert(
      fc.property(happenings, (story) => {
        const inputs = inputsOf(story);
        const stored = (state: PolicyState): PolicyState => {
          const restored = restorePolicyState(JSON.parse(JSON.stringify(state)));
          expect(restored).toEqual(state);
          return restored ?? initialPolicyState();
        };
        expect(run(inputs, stored).steps).toEqual(run(inputs, (state) => state).steps);
      }),
    );
  });

  it('the state given is left as it was', () => {
    fc.assert(
      fc.property(happenings, (story) => {
        let state = initialPolicyState();
        for (const input of inputsOf(story)) {
          const before = JSON.stringify(state);
          const { state: next } = stepPolicy(policy, state, input);
          expect(JSON.stringify(state)).toBe(before);
          state = next;
        }
      }),
    );
  });
});

describe('a stored state', () => {
  it.each([undefined, null, {}, [], { version: 2 }, { ...initialPolicyState(), findings: [1] }])(
    'that is none is not read: %j',
    (stored) => {
      expect(restorePolicyState(stored)).toBeUndefined();
    },
  );
});

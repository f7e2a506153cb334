import { expect, test } from 'vitest';
import type { Action } from '../../../monitor/model/action.ts';
import type { Decision } from '../../../monitor/model/decision.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { createLosses } from '../../../monitor/pipeline/losses.ts';
import { followPolicyFile } from '../../../monitor/pipeline/policy/policy-file.ts';
import { openPolicyMemory } from '../../../monitor/pipeline/policy/stored-policy-state.ts';
import { createReaction } from '../../../monitor/pipeline/reaction.ts';
import { loadPolicy } from '../../../monitor/policy/load.ts';
import type { Store } from '../../../monitor/record/store.ts';
import type { Responder } from '../../../monitor/respond/responder.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { action, finding, openForTest, workload } from '../record/examples.ts';

interface Around {
  readonly mode: 'observe' | 'enforce';
  readonly actions: string;
  readonly hold?: string;
  readonly isMuted?: boolean;
  /** When what is carried out has ended; by default at once. */
  readonly ended?: Promise<readonly Action[]>;
  readonly store?: Store;
  readonly workloadOf?: () => Workload | undefined;
}

/** A reaction with one rule; what it records and has carried out. */
function standWith(around: Around) {
  const { mode, actions, hold = '0s', isMuted = false } = around;
  const loaded = loadPolicy(
    `version: 1\nmode: ${mode}\nrules:\n  - name: rule\n    when: finding.score > 0\n    hold: ${hold}\n    do: ${actions}\n`,
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const { policy } = loaded.value;
  const recorded: Decision[] = [];
  const carriedOut: Decision[] = [];
  const responder: Pick<Responder, 'carryOut'> = {
    carryOut(decision) {
      carriedOut.push(decision);
      return around.ended ?? Promise.resolve([]);
    },
  };
  const losses = createLosses(silentLogger);
  const reaction = createReaction({
    policy: { ...followPolicyFile('/nowhere', false, undefined, 0), policy: () => policy },
    memory: openPolicyMemory(around.store ?? openForTest(':memory:'), losses),
    responder: responder as Responder,
    workloadOf: around.workloadOf ?? (() => workload()),
    isMuted: () => isMuted,
    onDecision: (decision) => recorded.push(decision),
    logger: silentLogger,
    losses,
  });
  return { reaction, recorded, carriedOut };
}

/** What is recorded, and what is carried out, when the rule decides on a muted or unmuted finding. */
function react(rule: Pick<Around, 'mode' | 'actions'>, isMuted: boolean) {
  const { reaction, recorded, carriedOut } = standWith({ ...rule, isMuted });
  reaction.finding(finding(), workload());
  return { recorded, carriedOut };
}

const kindsOf = (decisions: readonly Decision[]) =>
  decisions.map(({ actions }) => actions.map(({ kind }) => kind));

test('A muted finding is decided on and recorded as muted; nobody is told.', () => {
  const { recorded, carriedOut } = react({ mode: 'enforce', actions: '[notify]' }, true);
  expect(recorded).toMatchObject([{ muted: true, actions: [{ kind: 'notify' }] }]);
  expect(carriedOut).toEqual([]);
});

test('In observe mode what would have been done is still recorded, without telling.', () => {
  const { recorded, carriedOut } = react({ mode: 'observe', actions: '[notify, pause]' }, true);
  expect(recorded).toMatchObject([{ muted: true }]);
  expect(kindsOf(carriedOut)).toEqual([['pause']]);
});

test('A mute does not tie hands: an enforced action is carried out and told.', () => {
  const { recorded, carriedOut } = react({ mode: 'enforce', actions: '[notify, pause]' }, true);
  expect(recorded[0]).not.toHaveProperty('muted');
  expect(kindsOf(carriedOut)).toEqual([['notify', 'pause']]);
});

test('Without a mute everything is told.', () => {
  const { recorded, carriedOut } = react({ mode: 'observe', actions: '[notify]' }, false);
  expect(recorded[0]).not.toHaveProperty('muted');
  expect(kindsOf(carriedOut)).toEqual([['notify']]);
});

test('What is to be decided before the container is known again after a start is decided then.', () => {
  const rule = { mode: 'enforce', actions: '[notify, pause]', hold: '5s' } as const;
  const store = openForTest(':memory:');
  const before = standWith({ ...rule, store });
  before.reaction.finding(finding(), workload());
  let isKnown = false;
  before.reaction.keep();
  const after = standWith({ ...rule, store, workloadOf: () => (isKnown ? workload() : undefined) });
  after.reaction.tick(finding().at + 6_000);
  expect(after.recorded).toEqual([]);
  isKnown = true;
  after.reaction.tick(finding().at + 7_000);
  expect(kindsOf(after.carriedOut)).toEqual([['notify', 'pause']]);
  after.reaction.tick(finding().at + 8_000);
  expect(after.carriedOut).toHaveLength(1);
});

test('What a killed monitor had begun is not decided anew by the next one; what it had not begun is.', () => {
  const rule = { mode: 'enforce', actions: '[pause]' } as const;
  const later = finding({ at: finding().at + 1_000 });
  const begun = (state: 'started' | 'would-have') =>
    action({
      requester: { kind: 'policy', decision: 'rule:finding-1:1', rule: 'rule' },
      outcome: { state },
    });
  for (const { first, decisions } of [
    { first: begun('started'), decisions: 0 },
    { first: begun('would-have'), decisions: 0 },
    { first: undefined, decisions: 1 },
  ]) {
    const store = openForTest(':memory:');
    const before = standWith({ ...rule, store, ended: new Promise(() => undefined) });
    before.reaction.finding(finding(), workload());
    expect(before.recorded).toHaveLength(1);
    if (first !== undefined) before.reaction.action(first);
    before.reaction.tick(finding().at + 500);
    const after = standWith({ ...rule, store });
    after.reaction.finding(later, workload());
    expect(after.recorded).toHaveLength(decisions);
  }
});

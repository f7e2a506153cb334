import { expect, test } from 'vitest';
import type { Decision } from '../../../monitor/model/decision.ts';
import { createLosses } from '../../../monitor/pipeline/losses.ts';
import { followPolicyFile } from '../../../monitor/pipeline/policy/policy-file.ts';
import { createReaction } from '../../../monitor/pipeline/reaction.ts';
import { loadPolicy } from '../../../monitor/policy/load.ts';
import { initialPolicyState } from '../../../monitor/policy/state.ts';
import type { Responder } from '../../../monitor/respond/responder.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { finding, workload } from '../record/examples.ts';

/** What is recorded, and what is carried out, when one rule decides on a muted or unmuted finding. */
function react(
  rule: { readonly mode: 'observe' | 'enforce'; readonly actions: string },
  isMuted: boolean,
): { readonly recorded: Decision[]; readonly carriedOut: Decision[] } {
  const loaded = loadPolicy(
    `version: 1\nmode: ${rule.mode}\nrules:\n  - name: rule\n    when: finding.score > 0\n    do: ${rule.actions}\n`,
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const { policy } = loaded.value;
  const recorded: Decision[] = [];
  const carriedOut: Decision[] = [];
  const responder: Pick<Responder, 'carryOut'> = {
    carryOut(decision) {
      carriedOut.push(decision);
      return Promise.resolve([]);
    },
  };
  const reaction = createReaction({
    policy: { ...followPolicyFile('/nowhere', false, undefined, 0), policy: () => policy },
    state: initialPolicyState(),
    responder: responder as Responder,
    workloadOf: () => workload(),
    isMuted: () => isMuted,
    onDecision: (decision) => recorded.push(decision),
    logger: silentLogger,
    losses: createLosses(silentLogger),
  });
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

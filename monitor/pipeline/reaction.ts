import type { Action } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import type { Finding } from '../model/finding.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import { stepPolicy, type PolicyInput } from '../policy/evaluate.ts';
import type { Responder } from '../respond/responder.ts';
import type { Logger } from '../runtime/logger.ts';
import { messageOf } from '../runtime/logger.ts';
import type { Losses } from './losses.ts';
import type { PolicyFile } from './policy/policy-file.ts';
import type { PolicyMemory } from './policy/stored-policy-state.ts';

/** From findings to actions: the policy decides, the responder carries out. */
export interface Reaction {
  finding(finding: Finding, workload: Workload): void;
  tick(at: Moment): void;
  gone(container: ContainerId): void;
  /** An action was written down: begun or ended. */
  action(action: Action): void;
  /** Writes down what the policy remembers now. */
  keep(): void;
  /** Another policy is in force: what is open is judged by it. */
  policyChanged(open: readonly { readonly finding: Finding; readonly workload: Workload }[]): void;
}

/** What a reaction works with. */
export interface ReactionOptions {
  readonly policy: PolicyFile;
  /** What the policy remembers from an earlier run, and where it is kept for the next one. */
  readonly memory: PolicyMemory;
  readonly responder: Responder;
  readonly workloadOf: (container: ContainerId) => Workload | undefined;
  /** Whether the person does not want to be told of the finding that the decision is about. */
  readonly isMuted: (decision: Decision) => boolean;
  readonly onDecision: (decision: Decision) => void;
  readonly logger: Logger;
  readonly losses: Losses;
}

/** That goes on from what `options.memory` restored. */
export function createReaction(options: ReactionOptions): Reaction {
  const { policy, responder, memory, logger, losses } = options;
  let state = memory.restored;
  /** Decisions of which no action has begun, or been noted as observed, yet. */
  const waiting = new Set<string>();
  /** Whether an action has begun since the state was kept. */
  let hasBegun = false;
  /** The severity of each open finding: the responder may escalate for grave ones. */
  const severities = new Map<string, Finding['severity']>();

  function severityOf(id: string): Finding['severity'] | undefined {
    return severities.get(id) ?? state.findings.find((finding) => finding.id === id)?.severity;
  }

  function carryOut(decided: Decision): void {
    const isMuted = onlyTells(decided) && options.isMuted(decided);
    options.onDecision(isMuted ? { ...decided, muted: true } : decided);
    const actions = isMuted
      ? decided.actions.filter(({ kind }) => kind !== 'notify')
      : decided.actions;
    if (actions.length === 0) return;
    const decision = { ...decided, actions };
    const workload = options.workloadOf(decision.container);
    if (workload === undefined) {
      losses.count('decisions about containers that were gone');
      return;
    }
    waiting.add(decision.id);
    // Never rejects for the engine's or the record's sake; what else it throws is a bug to be seen.
    responder
      .carryOut(decision, workload, severityOf(decision.finding))
      .catch((error: unknown) => {
        losses.count('decisions not carried out');
        logger.error(`A decision of ${decision.rule} was not carried out: ${messageOf(error)}`);
      })
      .finally(() => waiting.delete(decision.id));
  }

  function step(input: PolicyInput): void {
    const stepped = stepPolicy(policy.policy(), state, input);
    state = stepped.state;
    for (const problem of stepped.problems) {
      losses.count('rules not evaluated, or findings forgotten by the policy');
      logger.warn(
        problem.kind === 'condition-failed'
          ? `Rule ${problem.rule} (line ${problem.line}) could not be evaluated: ${problem.message}`
          : `The policy forgot ${problem.total} ${problem.what}: too many at once.`,
      );
    }
    for (const decision of stepped.decisions) carryOut(decision);
  }

  function keep(): void {
    hasBegun = false;
    memory.keep(state);
  }

  /** Of open findings; after a start their containers become known again one by one. */
  function awaited(): ReadonlySet<ContainerId> {
    return new Set(
      state.findings
        .filter(({ status }) => status === 'open')
        .map(({ container }) => container)
        .filter((container) => options.workloadOf(container) === undefined),
    );
  }

  return {
    finding(finding, workload) {
      if (finding.status === 'closed') severities.delete(finding.id);
      else severities.set(finding.id, finding.severity);
      step({ kind: 'finding', finding, workload });
    },
    action({ requester, outcome }) {
      const { state: stage } = outcome;
      if (requester.kind !== 'policy' || (stage !== 'started' && stage !== 'would-have')) return;
      waiting.delete(requester.decision);
      hasBegun = true;
    },
    keep,
    tick(at) {
      // A monitor that is killed now must not have it decided anew against whoever let the container
      // go since; what has not begun by then, the next one has to decide.
      if (hasBegun && waiting.size === 0) keep();
      // What nobody can carry out must not be decided: it would count as done for the cool-down.
      step({ kind: 'tick', at, awaited: awaited() });
    },
    gone: (container) => step({ kind: 'gone', container }),
    policyChanged(open) {
      for (const { finding, workload } of open) step({ kind: 'finding', finding, workload });
    },
  };
}

/** Whether nothing is done to the container, and only told. */
function onlyTells({ mode, actions }: Decision): boolean {
  return mode === 'observe' || actions.every(({ kind }) => kind === 'notify');
}

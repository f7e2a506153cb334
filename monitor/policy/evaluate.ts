import type { Decision } from '../model/decision.ts';
import type { Finding } from '../model/finding.ts';
import { selects } from '../model/selector.ts';
import type { Moment } from '../model/time.ts';
import { isRunning } from '../model/workload.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import { keptFindings, keptSilences } from './bounds.ts';
import { severityRank, subjectOf } from './condition-subject.ts';
import { passTime, pruned, withoutContainer, withoutHolds } from './passage.ts';
import type { Policy, Rule } from './policy.ts';
import { isHigher, permittedActions, silenceAfter } from './silence.ts';
import type { Decided, KnownFinding, PolicyState, RuleMatch, Standing } from './state.ts';

/** Twice the rules of a policy: those that are, and those that decided before they were renamed. */
const mostMatches = 400;

/** What moves the policy on. */
export type PolicyInput =
  /** A version of a finding, open or closed, with its workload as it is now. */
  | { readonly kind: 'finding'; readonly finding: Finding; readonly workload: Workload }
  /**
   * The time; at least once a second, or holds run out late. Containers that are `awaited` are not
   * known again yet after a start: what is about them is decided when they are.
   */
  | { readonly kind: 'tick'; readonly at: Moment; readonly awaited?: ReadonlySet<ContainerId> }
  /** The container was removed. */
  | { readonly kind: 'gone'; readonly container: ContainerId };

/** What the person has to know: a rule that cannot be evaluated, memory that ran out. */
export type EvaluationProblem =
  | {
      readonly kind: 'condition-failed';
      readonly rule: string;
      /** The rule's line in the policy. */
      readonly line: number;
      readonly finding: string;
      readonly message: string;
      readonly at: Moment;
    }
  /** Told at the first, and whenever the total has doubled. */
  | {
      readonly kind: 'forgotten';
      readonly what: 'findings' | 'silences';
      readonly total: number;
      readonly at: Moment;
    };

export interface PolicyStep {
  readonly state: PolicyState;
  /** In the order of the rules; of one rule, the more severe finding first. */
  readonly decisions: readonly Decision[];
  readonly problems: readonly EvaluationProblem[];
}

/**
 * Moves the policy on by one input. A rule decides on a finding when its selector fits, its
 * condition holds, has held for `hold`, and its cool-down (see silence.ts) lets an action through.
 * Conditions are judged with each version of a finding; between versions they count as unchanged,
 * and ticks let holds run out. A finding that closes, a condition that stops holding or cannot be
 * evaluated, a gap of more than 30 s: each drops the hold. After another policy was loaded, every
 * open finding has to be handed in again, so that changed rules judge it.
 *
 * Every rule is evaluated. Decisions are made for protected workloads too: whoever carries them
 * out asks `isProtected`. The id of a decision is `rule:finding:attempt`. Never throws.
 */
export function stepPolicy(policy: Policy, state: PolicyState, input: PolicyInput): PolicyStep {
  switch (input.kind) {
    case 'finding': {
      const passed = passTime(state, input.finding.at, false);
      const now = passed.now ?? input.finding.at;
      const taken = take(policy, passed, input.finding, input.workload, now);
      const decided = decide(policy, taken.state, now, ({ id }) => id === input.finding.id);
      return { ...decided, problems: [...taken.problems, ...decided.problems] };
    }
    case 'tick': {
      const passed = passTime(state, input.at, true);
      const now = passed.now ?? input.at;
      const { awaited } = input;
      return decide(policy, pruned(policy, passed, now), now, (finding) => {
        return awaited?.has(finding.container) !== true;
      });
    }
    case 'gone':
      return { state: withoutContainer(state, input.container), decisions: [], problems: [] };
  }
}

/** Puts a version of a finding into the state, with how each rule's condition stands with it. */
function take(
  policy: Policy,
  state: PolicyState,
  finding: Finding,
  workload: Workload,
  now: Moment,
): { readonly state: PolicyState; readonly problems: readonly EvaluationProblem[] } {
  const before = state.findings.find(({ id }) => id === finding.id);
  const others = state.findings.filter(({ id }) => id !== finding.id);
  const latest: KnownFinding = {
    id: finding.id,
    workload: finding.workload,
    container: finding.container,
    status: finding.status,
    severity: finding.severity,
    at: finding.status === 'open' ? finding.at : now,
    running: isRunning(workload.state),
    matches: before?.matches ?? [],
  };
  if (finding.status === 'closed') {
    // What was never known open needs no memory.
    const findings = before === undefined ? others : [...others, withoutHolds(latest)];
    return { state: { ...state, findings }, problems: [] };
  }
  const judged = judge(policy, latest, finding, workload, now);
  const findings = [...others, { ...latest, matches: judged.matches }];
  const kept = keptFindings(findings);
  const dropped = findings.length - kept.length;
  const total = state.dropped.findings + dropped;
  return {
    state: {
      ...state,
      findings: kept,
      conditionErrors: state.conditionErrors + judged.errors,
      dropped: { ...state.dropped, findings: total },
    },
    problems: [...judged.problems, ...forgotten('findings', state.dropped.findings, total, now)],
  };
}

function judge(
  policy: Policy,
  known: KnownFinding,
  finding: Finding,
  workload: Workload,
  now: Moment,
): {
  readonly matches: readonly RuleMatch[];
  readonly errors: number;
  readonly problems: readonly EvaluationProblem[];
} {
  const subject = subjectOf(finding, workload);
  const problems: EvaluationProblem[] = [];
  let errors = 0;
  const standingOf = (rule: Rule, last: Standing): Standing => {
    if (!selects(rule.workloads, workload)) return { kind: 'waiting' };
    const outcome = rule.condition.evaluate(subject);
    if (outcome.ok) {
      if (!outcome.value) return { kind: 'waiting' };
      return last.kind === 'holding' ? last : { kind: 'holding', since: now };
    }
    errors += 1;
    if (last.kind !== 'failing') {
      const { name, line } = rule;
      const { error: message } = outcome;
      const problem = { rule: name, line, finding: finding.id, message, at: now };
      problems.push({ kind: 'condition-failed', ...problem });
    }
    return { kind: 'failing' };
  };
  const last = new Map(known.matches.map((match) => [match.rule, match]));
  const matches = policy.rules.map((rule): RuleMatch => {
    const match = last.get(rule.name);
    last.delete(rule.name);
    const { fingerprint } = rule;
    // What held under another condition says nothing about this one.
    const standing = match?.fingerprint === fingerprint ? match.standing : undefined;
    return {
      rule: rule.name,
      fingerprint,
      standing: standingOf(rule, standing ?? { kind: 'waiting' }),
      decided: match?.decided ?? null,
    };
  });
  const worthKeeping = [...last.values(), ...matches].filter(
    ({ standing, decided }) => decided !== null || standing.kind !== 'waiting',
  );
  return { matches: worthKeeping.slice(-mostMatches), errors, problems };
}

/** Lets every rule decide that may, on the findings that `fits` picks. */
function decide(
  policy: Policy,
  state: PolicyState,
  now: Moment,
  fits: (finding: KnownFinding) => boolean,
): PolicyStep {
  const findings = new Map(state.findings.map((finding) => [finding.id, finding]));
  const silences = new Map(state.silences.map((silence) => [silence.workload, silence]));
  const decisions: Decision[] = [];
  let droppedSilences = 0;
  const ready = readyMatches(policy, state, now, fits);
  for (const { rule, finding: id, since } of ready) {
    const finding = findings.get(id);
    const match = finding?.matches.find((candidate) => candidate.rule === rule.name);
    if (finding === undefined || match === undefined) continue;
    const rules = silences.get(finding.workload)?.rules ?? [];
    const silence = rules.find((entry) => entry.rule === rule.name);
    const actions = permittedActions(rule, finding, match.decided, silence, now);
    if (actions.length === 0) continue;
    const decided = decidedAfter(match.decided, finding);
    decisions.push({
      id: `${rule.name}:${finding.id}:${decided.attempts}`,
      rule: rule.name,
      finding: finding.id,
      workload: finding.workload,
      container: finding.container,
      mode: rule.mode,
      actions,
      heldSince: since,
      at: now,
    });
    findings.set(id, {
      ...finding,
      matches: finding.matches.map((other) => (other === match ? { ...match, decided } : other)),
    });
    const after = silenceAfter(rule, finding, actions, silence, now);
    droppedSilences += after.dropped;
    // Deleted first, so that the order is that of the last decision.
    silences.delete(finding.workload);
    silences.set(finding.workload, {
      workload: finding.workload,
      rules: [...rules.filter((entry) => entry !== silence), after.silence],
    });
  }
  if (decisions.length === 0) return { state, decisions, problems: [] };
  const kept = keptSilences([...silences.values()]);
  const total = state.dropped.silences + droppedSilences + silences.size - kept.length;
  return {
    state: {
      ...state,
      findings: [...findings.values()],
      silences: kept,
      dropped: { ...state.dropped, silences: total },
    },
    decisions,
    problems: forgotten('silences', state.dropped.silences, total, now),
  };
}

/** Rules and findings whose hold has run out, in the order of `PolicyStep.decisions`. */
function readyMatches(
  policy: Policy,
  state: PolicyState,
  now: Moment,
  fits: (finding: KnownFinding) => boolean,
): readonly { readonly rule: Rule; readonly finding: string; readonly since: Moment }[] {
  const order = new Map(policy.rules.map((rule, index) => [rule.name, { rule, index }]));
  const ready = state.findings
    .filter((finding) => finding.status === 'open' && fits(finding))
    .flatMap((finding) =>
      finding.matches.flatMap(({ rule: name, fingerprint, standing }) => {
        const found = order.get(name);
        if (found?.rule.fingerprint !== fingerprint || standing.kind !== 'holding') return [];
        if (now - standing.since < found.rule.hold) return [];
        return [{ ...found, finding, since: standing.since }];
      }),
    );
  return ready
    .toSorted(
      (left, right) =>
        left.index - right.index ||
        severityRank(right.finding.severity) - severityRank(left.finding.severity),
    )
    .map(({ rule, finding, since }) => ({ rule, finding: finding.id, since }));
}

function decidedAfter(decided: Decided | null, finding: KnownFinding): Decided {
  if (decided === null) return { attempts: 1, severity: finding.severity };
  const severity = isHigher(finding.severity, decided.severity)
    ? finding.severity
    : decided.severity;
  return { attempts: decided.attempts + 1, severity };
}

function forgotten(
  what: 'findings' | 'silences',
  before: number,
  total: number,
  at: Moment,
): readonly EvaluationProblem[] {
  const doubled = total > before && Math.floor(Math.log2(total)) > Math.floor(Math.log2(before));
  return doubled ? [{ kind: 'forgotten', what, total, at }] : [];
}

import type { Milliseconds, Moment } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Policy } from './policy.ts';
import { pruneSilence } from './silence.ts';
import type { KnownFinding, PolicyState, RuleMatch, Told, WorkloadSilence } from './state.ts';

/** A longer step of time than this was not watched: the machine slept, or the monitor was away. */
const longestGap: Milliseconds = 30_000;

/** So long a closed finding is known, so that reopening it does not repeat the id of a decision. */
const closedMemory: Milliseconds = 3_600_000;

/**
 * The state at a later moment. After a gap every hold begins anew with the finding's next version,
 * since nobody saw whether the condition went on holding. `byClock` is true for ticks: only they
 * may say that the clock was set back, and then everything remembered moves with it; a finding that
 * is merely late counts as of now.
 */
export function passTime(state: PolicyState, at: Moment, byClock: boolean): PolicyState {
  if (state.now === null) return { ...state, now: at };
  const passed = at - state.now;
  if (passed > longestGap) {
    return { ...state, now: at, findings: state.findings.map(withoutHolds) };
  }
  if (byClock && passed < -longestGap) return shifted(state, passed);
  return { ...state, now: Math.max(state.now, at) };
}

/** The state without what has cooled down, what closed long ago, and rules that are no more. */
export function pruned(policy: Policy, state: PolicyState, now: Moment): PolicyState {
  const rules = new Map(policy.rules.map((rule) => [rule.name, rule]));
  const findings = state.findings.filter(
    (finding) => finding.status === 'open' || now - finding.at < closedMemory,
  );
  const open = new Set<ContainerId>();
  for (const finding of findings) if (finding.status === 'open') open.add(finding.container);
  const silences = state.silences.flatMap((silence): readonly WorkloadSilence[] => {
    const kept = silence.rules.flatMap((entry) => {
      const rule = rules.get(entry.rule);
      if (rule === undefined) return [];
      return pruneSilence(rule, entry, (container) => open.has(container), now) ?? [];
    });
    return kept.length === 0 ? [] : [{ workload: silence.workload, rules: kept }];
  });
  return { ...state, findings, silences };
}

/** The state after the container was removed: its findings are over, its id never comes back. */
export function withoutContainer(state: PolicyState, container: ContainerId): PolicyState {
  return {
    ...state,
    findings: state.findings.map((finding) =>
      finding.container === container && finding.status === 'open'
        ? { ...withoutHolds(finding), status: 'closed', at: state.now ?? finding.at }
        : finding,
    ),
    silences: state.silences.map((silence) => ({
      workload: silence.workload,
      rules: silence.rules.map((rule) => ({
        ...rule,
        acted: rule.acted.filter((entry) => entry.container !== container),
      })),
    })),
  };
}

/** The finding with every rule waiting; what was decided is kept. */
export function withoutHolds(finding: KnownFinding): KnownFinding {
  return {
    ...finding,
    matches: finding.matches
      .filter(({ decided }) => decided !== null)
      .map((match) => ({ ...match, standing: { kind: 'waiting' } })),
  };
}

function shifted(state: PolicyState, by: Milliseconds): PolicyState {
  const move = <Entry extends Told>(entry: Entry): Entry => ({ ...entry, at: entry.at + by });
  return {
    ...state,
    now: (state.now ?? 0) + by,
    findings: state.findings.map((finding) => ({
      ...finding,
      at: finding.at + by,
      matches: finding.matches.map((match) => shiftedMatch(match, by)),
    })),
    silences: state.silences.map((silence) => ({
      workload: silence.workload,
      rules: silence.rules.map((rule) => ({
        rule: rule.rule,
        told: rule.told === null ? null : move(rule.told),
        acted: rule.acted.map(move),
      })),
    })),
  };
}

function shiftedMatch(match: RuleMatch, by: Milliseconds): RuleMatch {
  if (match.standing.kind !== 'holding') return match;
  return { ...match, standing: { kind: 'holding', since: match.standing.since + by } };
}

import type { PlannedAction } from '../model/decision.ts';
import type { Severity } from '../model/finding.ts';
import type { Moment } from '../model/time.ts';
import { severityRank } from './condition-subject.ts';
import { containingActions, enforcesContainment } from './policy.ts';
import type { Rule } from './policy.ts';
import type { Acted, Decided, KnownFinding, RuleSilence, Told } from './state.ts';

const mostContainers = 64;

/**
 * Which of the rule's actions its cool-down lets through for this finding now; none when empty.
 *
 * Telling cools down per rule and workload, acting per rule and container: a container created
 * anew under the same name is acted on again, without another word; one that flaps is neither told
 * of nor acted on twice. Two things break either silence: a severity higher than any within it,
 * and a rule that was switched to enforce after it only observed. Once the cool-down is over a rule
 * that only tells says nothing more of the same finding, and one that acts does so again only when
 * a running container has shown a newer version of the finding, so that what is frozen already is
 * not frozen every ten minutes.
 */
export function permittedActions(
  rule: Rule,
  finding: KnownFinding,
  decided: Decided | null,
  silence: RuleSilence | undefined,
  now: Moment,
): readonly PlannedAction[] {
  const mayTell = !cools(silence?.told ?? null, rule, finding.severity, now);
  const containing = containingActions(rule);
  if (containing.length === 0) {
    const toldBefore = decided !== null && !isHigher(finding.severity, decided.severity);
    return mayTell && !toldBefore ? rule.actions : [];
  }
  const acted = silence?.acted.find(({ container }) => container === finding.container);
  if (acted !== undefined) {
    if (cools(acted, rule, finding.severity, now)) return [];
    const goesOn = finding.running && finding.at > acted.at;
    if (!goesOn && !breaksSilence(acted, rule, finding.severity)) return [];
  }
  return mayTell ? rule.actions : containing;
}

/** The silence after the rule has decided, and how many older entries it had no room for. */
export function silenceAfter(
  rule: Rule,
  finding: KnownFinding,
  actions: readonly PlannedAction[],
  silence: RuleSilence | undefined,
  now: Moment,
): { readonly silence: RuleSilence; readonly dropped: number } {
  const told = silence?.told ?? null;
  const acted = silence?.acted ?? [];
  const others = acted.filter(({ container }) => container !== finding.container);
  const before = acted.find(({ container }) => container === finding.container) ?? null;
  const tells = actions.some((action) => action.kind === 'notify');
  const acts = actions.some((action) => action.kind !== 'notify');
  const entry = (last: Told | null): Told => ({
    at: now,
    severity:
      last !== null && withinCooldown(last, rule, now) && isHigher(last.severity, finding.severity)
        ? last.severity
        : finding.severity,
    enforced: enforcesContainment(rule) || (last?.enforced ?? false),
  });
  const kept: readonly Acted[] = acts
    ? [...others, { ...entry(before), container: finding.container }]
    : acted;
  return {
    silence: {
      rule: rule.name,
      told: tells ? entry(told) : told,
      acted: kept.slice(-mostContainers),
    },
    dropped: Math.max(0, kept.length - mostContainers),
  };
}

/**
 * The silence without what no longer matters: what has cooled down, but for the containers of which
 * a finding is still open. Undefined when nothing is left.
 */
export function pruneSilence(
  rule: Rule,
  silence: RuleSilence,
  hasOpenFinding: (container: string) => boolean,
  now: Moment,
): RuleSilence | undefined {
  const told =
    silence.told !== null && withinCooldown(silence.told, rule, now) ? silence.told : null;
  const acted = silence.acted.filter(
    (entry) => withinCooldown(entry, rule, now) || hasOpenFinding(entry.container),
  );
  if (told === null && acted.length === 0) return undefined;
  if (told === silence.told && acted.length === silence.acted.length) return silence;
  return { rule: silence.rule, told, acted };
}

/** Whether `severity` is above `other`. */
export function isHigher(severity: Severity, other: Severity): boolean {
  return severityRank(severity) > severityRank(other);
}

function cools(last: Told | null, rule: Rule, severity: Severity, now: Moment): boolean {
  if (last === null || !withinCooldown(last, rule, now)) return false;
  return !breaksSilence(last, rule, severity);
}

function breaksSilence(last: Told, rule: Rule, severity: Severity): boolean {
  return isHigher(severity, last.severity) || (enforcesContainment(rule) && !last.enforced);
}

function withinCooldown(last: Told, rule: Rule, now: Moment): boolean {
  return now - last.at < rule.cooldown;
}

import type { EgressLockdown, EgressMode } from '../../model/egress.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { planNames } from '../wall/name-plan.ts';
import { ruleKey, targetText, type EgressRule } from './rule.ts';
import { distinctClasses } from './traffic-class.ts';

/** The list of one workload. */
export interface WorkloadRules {
  readonly mode: EgressMode;
  /** Its own rules. */
  readonly rules: readonly EgressRule[];
  /** Names of profiles whose rules hold for it besides. */
  readonly profiles: readonly string[];
}

/** Rules with a name, that workloads share. */
export interface EgressProfile {
  readonly name: string;
  readonly note: string | undefined;
  readonly rules: readonly EgressRule[];
}

/** All lists, by workload, and the profiles, by name. */
export interface RuleBook {
  /** Addresses of the name servers that allowed names are asked of; empty means the host's own. */
  readonly nameServers: readonly string[];
  readonly profiles: ReadonlyMap<string, EgressProfile>;
  readonly workloads: ReadonlyMap<WorkloadKey, WorkloadRules>;
  /** Everything is cut off, without a change to any list; undefined while lists hold. */
  readonly lockdown?: EgressLockdown | undefined;
}

/** Every workload is only observed. */
export const emptyBook: RuleBook = { nameServers: [], profiles: new Map(), workloads: new Map() };

/** To leave a workload untouched is somebody's choice, and written down like any other. */
const noRules: WorkloadRules = { mode: 'observe', rules: [], profiles: [] };

/** Of one list, those of its profiles included. */
export const mostRules = 20_000;
/** Combinations of protocol and port in one list: each is a set and a rule in the kernel. */
const mostClasses = 64;
/** In a book. */
export const mostProfiles = 200;
/** In a book; a list that says nothing is not written down, and does not count. */
export const mostWorkloads = 1000;

/** Whether the list is as good as none. */
export function saysNothing({ mode, rules, profiles }: WorkloadRules): boolean {
  return mode === noRules.mode && rules.length === 0 && profiles.length === 0;
}

/** The list of a workload; for one that has none it is empty, and only observes. */
export function rulesOf(book: RuleBook, workload: WorkloadKey): WorkloadRules {
  return book.workloads.get(workload) ?? noRules;
}

/** The book with another list for one workload. Fails with a sentence when it cannot be kept. */
export function withRules(
  book: RuleBook,
  workload: WorkloadKey,
  rules: WorkloadRules,
): Result<RuleBook, string> {
  const problem = problemOf(book, rules);
  if (problem !== undefined) return failed(problem);
  const workloads = new Map(book.workloads).set(workload, rules);
  const count = [...workloads.values()].filter((list) => !saysNothing(list)).length;
  if (count > mostWorkloads) {
    return failed(
      `At most ${mostWorkloads} workloads have a list. Empty one that is needed no more, and set its mode to observe.`,
    );
  }
  return ok({ ...book, workloads });
}

/**
 * The book with a profile put in, or in place of one of the same name; `undefined` takes it away.
 * Fails with a sentence when a workload that has it could not keep its list, or would lose it.
 */
export function withProfile(
  book: RuleBook,
  name: string,
  profile: EgressProfile | undefined,
): Result<RuleBook, string> {
  const profiles = new Map(book.profiles);
  if (profile === undefined) profiles.delete(name);
  else profiles.set(name, profile);
  if (profiles.size > mostProfiles) return failed(`There are at most ${mostProfiles} profiles.`);
  const next = { ...book, profiles };
  for (const [workload, list] of book.workloads) {
    if (!list.profiles.includes(name)) continue;
    if (profile === undefined) {
      return failed(`The profile ${name} is used by ${workload}: take it out there first.`);
    }
    const problem = problemOf(next, list);
    if (problem !== undefined) return failed(`${workload} has this profile. ${problem}`);
  }
  return ok(next);
}

/** The list with the rule in it, and without what said otherwise about the same traffic. */
export function withRule(list: WorkloadRules, rule: EgressRule): WorkloadRules {
  return { ...list, rules: [...list.rules.filter((other) => !isReplacedBy(other, rule)), rule] };
}

/** Whether `rule` says all over again what `other` said about the same traffic. */
function isReplacedBy(other: EgressRule, rule: EgressRule): boolean {
  if (targetText(other.target) !== targetText(rule.target)) return false;
  // A name is denied as a whole, so what allowed or denied it before is all replaced.
  if (rule.target.kind === 'name' && other.verdict !== rule.verdict) return true;
  return other.protocol === rule.protocol && other.port === rule.port;
}

/** The list's own rules, and those of its profiles that they do not replace. */
export function combinedRules(book: RuleBook, list: WorkloadRules): readonly EgressRule[] {
  if (list.profiles.length === 0) return list.rules;
  const own = new Map<string, EgressRule[]>();
  for (const rule of list.rules) {
    const text = targetText(rule.target);
    const known = own.get(text);
    if (known === undefined) own.set(text, [rule]);
    else known.push(rule);
  }
  const shared = new Map<string, EgressRule>();
  for (const name of list.profiles) {
    for (const rule of book.profiles.get(name)?.rules ?? []) {
      const mine = own.get(targetText(rule.target)) ?? [];
      if (mine.some((each) => isReplacedBy(rule, each))) continue;
      shared.set(`${rule.verdict} ${ruleKey(rule)}`, rule);
    }
  }
  return [...list.rules, ...shared.values()];
}

/** Why the list cannot be kept, as a sentence; undefined when it can. */
export function problemOf(book: RuleBook, list: WorkloadRules): string | undefined {
  const missing = list.profiles.find((name) => !book.profiles.has(name));
  if (missing !== undefined) return `There is no profile ${JSON.stringify(missing)}.`;
  const rules = combinedRules(book, list);
  if (rules.length > mostRules) return `A list has at most ${mostRules} rules.`;
  if (distinctClasses(rules).length > mostClasses) {
    return `A list has at most ${mostClasses} combinations of protocol and port.`;
  }
  const planned = planNames(rules);
  return planned.ok ? undefined : planned.error;
}

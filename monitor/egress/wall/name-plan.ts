import { failed, ok, type Result } from '../../runtime/result.ts';
import { dohHosts } from '../list/doh-hosts.ts';
import type { EgressRule } from '../list/rule.ts';
import { classKey, distinctClasses, type TrafficClass } from '../list/traffic-class.ts';

/** What may be sent to the addresses of a name; `denied` when it is not even resolved. */
export type NameVerdict =
  | { readonly kind: 'denied' }
  | {
      readonly kind: 'allowed';
      readonly classes: readonly TrafficClass[];
      /** Whether private addresses are taken for an answer. */
      readonly local: boolean;
    };

/** What is decided about a name that a rule names, and about the names below it. */
export interface NamePlan {
  readonly name: string;
  readonly itself: NameVerdict;
  readonly below: NameVerdict;
}

const denied: NameVerdict = { kind: 'denied' };

/** Names by the rules about exactly them, and about what is below them. */
interface NameIndex {
  readonly itself: ReadonlyMap<string, readonly EgressRule[]>;
  readonly below: ReadonlyMap<string, readonly EgressRule[]>;
}

/**
 * The decision about every name that is mentioned. Of the patterns that fit a name the most specific
 * one decides: the name itself, else the longest `*.` above it; where nothing fits it is denied. No
 * `*.` above it fits a public resolver (doh-hosts.ts). Rules with the same pattern add up, and a deny
 * among them wins.
 *
 * Fails with a sentence where the resolver could not tell a name from those below it: both allowed,
 * but for different ports or protocols.
 */
export function planNames(rules: readonly EgressRule[]): Result<readonly NamePlan[], string> {
  const index = indexNames(rules);
  // A public resolver below an allowed `*.` is to be told from its neighbours.
  const apart = [...dohHosts].filter((host) => isBelowAny(index, host));
  const names = [...new Set([...index.itself.keys(), ...index.below.keys(), ...apart])].sort();
  const plans: NamePlan[] = [];
  for (const name of names) {
    const plan = { name, itself: decideName(index, name), below: decideBelow(index, name) };
    const conflict = conflictOf(plan);
    if (conflict !== undefined) return failed(conflict);
    plans.push(plan);
  }
  return ok(plans);
}

/** The decision about any one name, in punycode and lower case. */
export function decideNameBy(rules: readonly EgressRule[]): (name: string) => NameVerdict {
  const index = indexNames(rules);
  return (name) => decideName(index, name);
}

function indexNames(rules: readonly EgressRule[]): NameIndex {
  const itself = new Map<string, EgressRule[]>();
  const below = new Map<string, EgressRule[]>();
  for (const rule of rules) {
    if (rule.target.kind !== 'name') continue;
    const map = rule.target.below ? below : itself;
    const known = map.get(rule.target.name);
    if (known === undefined) map.set(rule.target.name, [rule]);
    else known.push(rule);
  }
  return { itself, below };
}

/** The rules that decide about any one name; none where nothing fits it and it is denied. */
export function rulesAboutName(
  rules: readonly EgressRule[],
): (name: string) => readonly EgressRule[] {
  const index = indexNames(rules);
  return (name) => aboutName(index, name);
}

function decideName(index: NameIndex, name: string): NameVerdict {
  return verdictOf(aboutName(index, name));
}

/** The decision about names below `name` that nothing more specific mentions. */
function decideBelow(index: NameIndex, name: string): NameVerdict {
  return verdictOf(aboutBelow(index, name));
}

function aboutName(index: NameIndex, name: string): readonly EgressRule[] {
  const own = index.itself.get(name);
  if (own !== undefined) return own;
  const dot = name.indexOf('.');
  return dot < 0 || dohHosts.has(name) ? [] : aboutBelow(index, name.slice(dot + 1));
}

/** Stops at a public resolver: what allows its neighbours says nothing about it. */
function aboutBelow(index: NameIndex, name: string): readonly EgressRule[] {
  for (let at = name; ; at = at.slice(at.indexOf('.') + 1)) {
    const rules = index.below.get(at);
    if (rules !== undefined) return rules;
    if (!at.includes('.') || dohHosts.has(at)) return [];
  }
}

function isBelowAny({ below }: NameIndex, name: string): boolean {
  for (let at = name; at.includes('.');) {
    at = at.slice(at.indexOf('.') + 1);
    if (below.has(at)) return true;
  }
  return false;
}

function verdictOf(rules: readonly EgressRule[]): NameVerdict {
  if (rules.length === 0) return denied;
  if (rules.some(({ verdict }) => verdict === 'deny')) return denied;
  return {
    kind: 'allowed',
    classes: distinctClasses(rules),
    local: rules.some(({ local }) => local),
  };
}

function conflictOf({ name, itself, below }: NamePlan): string | undefined {
  if (itself.kind === 'denied' || below.kind === 'denied') return undefined;
  const [one, other] = [itself, below].map(
    ({ classes, local }) => `${classes.map(classKey).join(' ')} ${local}`,
  );
  if (one === other) return undefined;
  return `${name} and the names below it are both allowed, but not for the same ports, protocols and private addresses, which the resolver cannot hold apart: give both the same.`;
}

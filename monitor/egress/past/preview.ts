import type { SeenName, SeenDestination } from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import { decideBy } from '../list/decide.ts';
import type { EgressRule } from '../list/rule.ts';
import { decideNameBy } from '../wall/name-plan.ts';

/** What a list would have done with what was seen. */
export interface ListPreview {
  readonly since: Moment;
  readonly destinations: number;
  readonly wouldRefuse: readonly SeenDestination[];
  readonly wouldRefuseCount: number;
  readonly unnamed: number;
  readonly wouldAllowCount: number;
  readonly stillRefused: readonly SeenName[];
  readonly stillRefusedCount: number;
}

const mostShown = 100;

/**
 * Tries the rules, as they hold for one container, on what was seen since `since`, and on the `names`
 * that led nowhere because they were refused.
 */
export function previewRules(
  rules: readonly EgressRule[],
  seen: readonly SeenDestination[],
  names: readonly SeenName[],
  since: Moment,
): ListPreview {
  const decide = decideBy(rules);
  const refused: SeenDestination[] = [];
  let unnamed = 0;
  let wouldAllowCount = 0;
  for (const each of seen) {
    const passed = each.sentPackets > each.refusedPackets;
    const { verdict, rules: deciding } = decide(each);
    if (verdict === 'deny' && passed) {
      refused.push(each);
      if (each.name === undefined && deciding.length === 0) unnamed += 1;
    }
    if (verdict === 'allow' && !passed && each.refusedPackets > 0) wouldAllowCount += 1;
  }
  const decideName = decideNameBy(rules);
  const stillRefused = names.filter(({ name }) => decideName(name).kind === 'denied');
  refused.sort((one, other) => bytesOf(other) - bytesOf(one));
  return {
    since,
    destinations: seen.length + names.length,
    wouldRefuse: refused.slice(0, mostShown),
    wouldRefuseCount: refused.length,
    unnamed,
    wouldAllowCount: wouldAllowCount + names.length - stillRefused.length,
    stillRefused: stillRefused.slice(0, mostShown),
    stillRefusedCount: stillRefused.length,
  };
}

/** Both ways. */
export function bytesOf({ sentBytes, receivedBytes }: SeenDestination): number {
  return sentBytes + receivedBytes;
}

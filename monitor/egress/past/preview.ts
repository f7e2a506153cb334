import type { SeenDestination } from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import { decideBy } from '../list/decide.ts';
import type { EgressRule } from '../list/rule.ts';

/** What a list would have done with what was seen. */
export interface ListPreview {
  readonly since: Moment;
  readonly destinations: number;
  readonly wouldRefuse: readonly SeenDestination[];
  readonly wouldRefuseCount: number;
  readonly unnamed: number;
  readonly wouldAllowCount: number;
}

const mostShown = 100;

/** Tries the rules, as they hold for one container, on what was seen since `since`. */
export function previewRules(
  rules: readonly EgressRule[],
  seen: readonly SeenDestination[],
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
  refused.sort((one, other) => bytesOf(other) - bytesOf(one));
  return {
    since,
    destinations: seen.length,
    wouldRefuse: refused.slice(0, mostShown),
    wouldRefuseCount: refused.length,
    unnamed,
    wouldAllowCount,
  };
}

/** Both ways. */
export function bytesOf({ sentBytes, receivedBytes }: SeenDestination): number {
  return sentBytes + receivedBytes;
}

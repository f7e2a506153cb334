import { decideBy, isIn } from '../list/decide.ts';
import { rulesAboutName } from '../wall/name-plan.ts';
import type { EgressRule } from '../list/rule.ts';
import type { HeldPacket } from './hold-line.ts';

/**
 * What a list says of a held packet. A name decides by itself where one is known: nobody has asked yet
 * where it leads. A port that no rule about the name mentions is undecided.
 */
export function decideHeld(
  rules: readonly EgressRule[],
  packet: HeldPacket,
): 'allow' | 'deny' | 'undecided' {
  const { name } = packet;
  if (name === undefined) {
    const { verdict, rules: deciding } = decideBy(rules)(packet);
    return deciding.length === 0 ? 'undecided' : verdict;
  }
  const about = rulesAboutName(rules)(name);
  if (about.some(({ verdict }) => verdict === 'deny')) return 'deny';
  return about.some((rule) => isIn(rule, packet)) ? 'allow' : 'undecided';
}

import { addressValue, isGroup, isPrivate } from '../list/address.ts';
import { decideBy, isIn } from '../list/decide.ts';
import { rulesAboutName } from '../wall/name-plan.ts';
import type { EgressRule } from '../list/rule.ts';
import type { HeldPacket } from './hold-line.ts';

/** What a list says of a held packet. */
export type HeldVerdict = 'allow' | 'deny' | 'undecided';

const deciders = new WeakMap<readonly EgressRule[], (packet: HeldPacket) => HeldVerdict>();

/**
 * Decides about held packets by a list; kept as long as the list is. A name decides by itself where one
 * is known: nobody has asked yet where it leads. A port that no rule about the name mentions is
 * undecided.
 */
export function heldDecider(rules: readonly EgressRule[]): (packet: HeldPacket) => HeldVerdict {
  const known = deciders.get(rules);
  if (known !== undefined) return known;
  const byAddress = decideBy(rules);
  const aboutName = rulesAboutName(rules);
  const decide = (packet: HeldPacket): HeldVerdict => {
    const { name } = packet;
    if (name === undefined) {
      const value = addressValue(packet.address);
      // No rule lets anything out to a group, so nobody is asked about it.
      if (value !== undefined && isGroup(value)) return 'deny';
      const { verdict, rules: deciding } = byAddress(packet);
      return deciding.length === 0 ? 'undecided' : verdict;
    }
    const about = aboutName(name);
    if (about.some(({ verdict }) => verdict === 'deny')) return 'deny';
    return about.some((rule) => isIn(rule, packet)) ? 'allow' : 'undecided';
  };
  deciders.set(rules, decide);
  return decide;
}

/** See `heldDecider`. */
export function decideHeld(rules: readonly EgressRule[], packet: HeldPacket): HeldVerdict {
  return heldDecider(rules)(packet);
}

/** Whether what led to the address last may be taken for what is meant by it: no list leads inside so. */
export function isMeantBy(rules: readonly EgressRule[], name: string, address: string): boolean {
  const value = addressValue(address);
  if (value === undefined || !isPrivate(value)) return true;
  const about = rulesAboutName(rules)(name);
  return about.length === 0 || about.some(({ local }) => local);
}

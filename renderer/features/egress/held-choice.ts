import type { HeldQuestion } from '../../state/model.ts';
import { ruleWords } from './rule-words.ts';

type Offer = HeldQuestion['offers'][number];

/** Which kind of rule a person chooses among. */
export type Verdict = 'allow' | 'deny';

/**
 * What is chosen before a person chooses: the first offer of each kind as the question is seen first,
 * in the words of its rule. Not by its place: while a person reads, the container may try other ports,
 * and a place would then stand for another rule than the one that was read.
 */
export function firstOffers({ offers }: HeldQuestion): Readonly<Record<Verdict, string>> {
  const first = (verdict: Verdict): string => {
    const offer = offers.find(({ rule }) => rule.verdict === verdict);
    return offer === undefined ? '' : ruleWords(offer.rule);
  };
  return { allow: first('allow'), deny: first('deny') };
}

/** The offer of that choice; undefined where it is offered no more. */
export function offerOf({ offers }: HeldQuestion, choice: string): Offer | undefined {
  return offers.find(({ rule }) => ruleWords(rule) === choice);
}

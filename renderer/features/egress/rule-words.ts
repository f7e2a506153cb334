import { timeOfDay } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import { lifetimes } from '../../state/egress-draft.ts';
import type { EgressRule } from '../../state/model.ts';

/** A rule in a line: `allow example.com, TCP 443`. */
export function ruleWords({ verdict, target, protocol, port, local }: EgressRule): string {
  const narrow = [protocol?.toUpperCase(), port].filter((each) => each !== undefined).join(' ');
  const inside = local === true ? ', private addresses too' : '';
  return `${verdict} ${oneLine(target, 260)}${narrow === '' ? '' : `, ${narrow}`}${inside}`;
}

/** What a rule is about, in a line: `example.com, TCP 443`. */
export function whatOf(rule: EgressRule): string {
  return ruleWords(rule).slice(rule.verdict.length + 1);
}

/** When a rule ends, as it was asked for or as it was tied. */
export function lifetimeWords(lifetime: EgressRule['lifetime']): string {
  if (lifetime === undefined) return 'for ever';
  if (typeof lifetime === 'string') {
    return lifetimes.find(({ value }) => value === lifetime)?.label ?? lifetime;
  }
  switch (lifetime.kind) {
    case 'once':
      return lifetime.usedAt === undefined ? 'for one use' : 'for the use under way';
    case 'until':
      return `until ${timeOfDay(lifetime.at)}`;
    case 'container':
      return `until ${lifetime.container.slice(0, 8)} stops`;
    case 'image':
      return 'until the image changes';
  }
}

import { rulesAboutName } from '../wall/name-plan.ts';
import type { NameAlias } from '../resolver/resolver-log.ts';
import type { EgressRule } from '../list/rule.ts';

/**
 * Says which allowed name stands for one that a rule denies, a sentence; undefined for none. The wall
 * lets such a name through, since it decides by the name that is asked. Looks again only when either
 * is another one than before.
 */
export function createAliasSight(): (
  aliases: readonly NameAlias[],
  rules: readonly EgressRule[],
) => string | undefined {
  let last: { aliases: readonly NameAlias[]; rules: readonly EgressRule[]; said?: string } = {
    aliases: [],
    rules: [],
  };
  return (aliases, rules) => {
    if (last.aliases === aliases && last.rules === rules) return last.said;
    const said = strayed(aliases, rules);
    last = { aliases, rules, ...(said !== undefined && { said }) };
    return said;
  };
}

function strayed(aliases: readonly NameAlias[], rules: readonly EgressRule[]): string | undefined {
  if (aliases.length === 0) return;
  if (!rules.some(({ verdict, target }) => verdict === 'deny' && target.kind === 'name')) return;
  const about = rulesAboutName(rules);
  const isDenied = (name: string): boolean => about(name).some(({ verdict }) => verdict === 'deny');
  const found = aliases.find(({ name, to }) => isDenied(to) && !isDenied(name));
  if (found === undefined) return undefined;
  return `${found.name} is allowed and stands for ${found.to}, which a rule denies: by that name it is reached. Deny ${found.name} as well to close it.`;
}

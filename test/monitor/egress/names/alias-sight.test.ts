import { describe, expect, test } from 'vitest';
import { createAliasSight } from '../../../../monitor/egress/names/alias-sight.ts';
import {
  createNameTable,
  type NameAlias,
} from '../../../../monitor/egress/resolver/resolver-log.ts';
import { readRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';

function rules(...written: readonly (readonly ['allow' | 'deny', string])[]): EgressRule[] {
  return written.map(([verdict, target]) => {
    const rule = readRule({ verdict, target });
    if (!rule.ok) throw new Error(rule.error);
    return rule.value;
  });
}

/** What is known after the resolver has logged these lines of one question. */
function heard(...lines: readonly string[]): readonly NameAlias[] {
  const table = createNameTable();
  for (const line of lines) table.line(`dnsmasq[7]: 1 127.0.0.1/40000 ${line}`, 0);
  return table.aliases();
}

const chain = [
  'forwarded far.test to 192.0.2.53',
  'reply far.test is <CNAME>',
  'reply Alias.test is <CNAME>',
  'reply inside.test is 10.1.2.3',
];

describe('An allowed name that stands for a denied one', () => {
  test('is told, with both names, however long the chain between them.', () => {
    const said = createAliasSight()(
      heard(...chain),
      rules(['allow', 'far.test'], ['deny', 'inside.test']),
    );
    expect(said).toMatch(/^far\.test is allowed and stands for inside\.test, which a rule denies/);
  });

  test('is told where the denied one lies below a denied domain.', () => {
    const list = rules(['allow', 'far.test'], ['deny', '*.test']);
    expect(createAliasSight()(heard(...chain), list)).toContain('stands for alias.test');
  });

  test.each([
    ['no rule denies a name', rules(['allow', 'far.test'])],
    ['what is denied is none of them', rules(['allow', 'far.test'], ['deny', 'other.test'])],
    ['the first one is denied itself', rules(['deny', 'far.test'], ['deny', 'inside.test'])],
    ['it is allowed by a rule of its own', rules(['allow', 'inside.test'], ['deny', 'a.test'])],
  ])('is not told of where %s.', (_, list) => {
    expect(createAliasSight()(heard(...chain), list)).toBeUndefined();
  });

  test('is told of no more once its rules are others.', () => {
    const [sight, aliases] = [createAliasSight(), heard(...chain)];
    const before = rules(['allow', 'far.test'], ['deny', 'inside.test']);
    expect(sight(aliases, before)).toBeDefined();
    expect(sight(aliases, before)).toBeDefined();
    expect(sight(aliases, rules(['allow', 'far.test']))).toBeUndefined();
  });

  test('is not made up of a failure, of a plain answer, or of another question.', () => {
    expect(heard('forwarded a.test to 192.0.2.53', 'reply error is REFUSED')).toEqual([]);
    expect(heard('forwarded a.test to 192.0.2.53', 'reply a.test is 192.0.2.9')).toEqual([]);
    expect(heard('reply inside.test is 10.1.2.3')).toEqual([]);
  });

  test('is one of at most a thousand that are kept.', () => {
    const table = createNameTable();
    for (let index = 0; index < 3000; index += 1) {
      table.line(`dnsmasq[7]: ${index} 127.0.0.1/1 forwarded n${index}.test to 192.0.2.53`, 0);
      table.line(`dnsmasq[7]: ${index} 127.0.0.1/1 reply t${index}.test is 192.0.2.9`, 0);
    }
    expect(table.aliases().length).toBeLessThanOrEqual(1024);
    expect(table.aliases().at(-1)).toEqual({ name: 'n2999.test', to: 't2999.test' });
  });
});

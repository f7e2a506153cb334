import { describe, expect, test } from 'vitest';
import { readRule } from '../../../../monitor/egress/list/rule.ts';
import { createNameTable } from '../../../../monitor/egress/resolver/resolver-log.ts';
import { decideNameBy, type NameVerdict } from '../../../../monitor/egress/wall/name-plan.ts';
import type { WrittenEgressRule } from '../../../../monitor/model/egress.ts';

function decide(...written: readonly WrittenEgressRule[]): (name: string) => NameVerdict {
  return decideNameBy(
    written.map((each) => {
      const rule = readRule(each);
      if (!rule.ok) throw new Error(rule.error);
      return rule.value;
    }),
  );
}

/** Where names have led, as the resolver's log told it, in the sets of that time. */
function heard(...led: readonly (readonly [name: string, set: string, address: string])[]) {
  const table = createNameTable();
  for (const [index, [name, set, address]] of led.entries()) {
    const said = `dnsmasq[7]: ${index} 127.0.0.1/40000`;
    table.line(`${said} forwarded ${name} to 192.0.2.53`, index);
    table.line(`${said} nftset add 4 inet sentra ${set} ${address} ${name}`, index);
  }
  return table;
}

const sets = (table: ReturnType<typeof heard>, by: (name: string) => NameVerdict) =>
  table.known(by, 1000).map(({ set, address }) => `${set} ${address}`);

describe('What a new wall takes over of the addresses that names led to', () => {
  test('is let through for the ports of the rule as it is now, not for those of before', () => {
    const table = heard(
      ['narrow.test', 'n4_public_any_any', '198.51.100.1'],
      ['wide.test', 'n4_public_any_any', '198.51.100.2'],
    );
    const now = decide(
      { verdict: 'allow', target: 'narrow.test', protocol: 'tcp', port: 443 },
      { verdict: 'allow', target: 'wide.test' },
    );
    expect(sets(table, now)).toEqual([
      'n4_public_tcp_443 198.51.100.1',
      'n4_public_any_any 198.51.100.2',
    ]);
  });

  test('is nothing by a name that is denied now, and stays by another that led to the same address', () => {
    const table = heard(
      ['stays.test', 'n4_public_tcp_443', '198.51.100.1'],
      ['goes.test', 'n4_public_any_any', '198.51.100.1'],
    );
    const now = decide(
      { verdict: 'allow', target: 'stays.test', protocol: 'tcp', port: 443 },
      { verdict: 'allow', target: 'other.test' },
      { verdict: 'deny', target: 'goes.test' },
    );
    expect(sets(table, now)).toEqual(['n4_public_tcp_443 198.51.100.1']);
  });

  test('is no private address, once the rule does not say that the name may lead there', () => {
    const table = heard(['inside.test', 'n4_public_any_any', '10.1.2.3']);
    expect(sets(table, decide({ verdict: 'allow', target: 'inside.test', local: true }))).toEqual([
      'n4_any_any 10.1.2.3',
    ]);
    expect(sets(table, decide({ verdict: 'allow', target: 'inside.test' }))).toEqual([]);
  });
});

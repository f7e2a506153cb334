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
  table.known(by, 1000, 300).map(({ set, address }) => `${set} ${address}`);

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
      'k4_public_tcp_443 198.51.100.1',
      'k4_public_any_any 198.51.100.2',
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
    expect(sets(table, now)).toEqual(['k4_public_tcp_443 198.51.100.1']);
  });

  test('is there for what is left of twice the greatest time to live, and not at all beyond it', () => {
    const table = heard(['a.test', 'n4_public_any_any', '198.51.100.1']);
    const by = decide({ verdict: 'allow', target: 'a.test' });
    expect(table.known(by, 1000, 300)).toMatchObject([{ seconds: 599 }]);
    expect(table.known(by, 9000, 5)).toMatchObject([{ seconds: 1 }]);
    expect(table.known(by, 10_000, 5)).toEqual([]);
  });

  test('is no private address, once the rule does not say that the name may lead there', () => {
    const table = heard(['inside.test', 'n4_public_any_any', '10.1.2.3']);
    expect(sets(table, decide({ verdict: 'allow', target: 'inside.test', local: true }))).toEqual([
      'k4_any_any 10.1.2.3',
    ]);
    expect(sets(table, decide({ verdict: 'allow', target: 'inside.test' }))).toEqual([]);
  });
});

test('A question that a proof asks is not told as the container’s, and what it led to is known', () => {
  const table = createNameTable();
  const ask = (serial: number): void => {
    table.line(`dnsmasq[7]: ${serial} 10.0.0.2/4 forwarded a.test to 198.51.100.53`, 1);
    table.line(
      `dnsmasq[7]: ${serial} 10.0.0.2/4 nftset add 4 inet sentra n4_any_any 203.0.113.7 a.test`,
      1,
    );
  };
  table.expectOwn('a.test');
  table.expectOwn('a.test');
  ask(1);
  ask(3);
  expect(table.asked.take()).toEqual([]);
  expect(table.nameOf('203.0.113.7')).toBe('a.test');
  ask(2);
  expect(table.asked.take()).toEqual([{ name: 'a.test', refused: false, count: 1, answered: 0 }]);
});

test('Questions are told as asked, answered and refused; each once, whatever is logged of it', () => {
  const table = createNameTable();
  const log = (serial: number, words: string): void =>
    table.line(`dnsmasq[7]: ${serial} 10.0.0.2/4 ${words}`, 1);
  // Sent to two servers, answered by a chain and two addresses.
  log(1, 'forwarded a.test to 198.51.100.53');
  log(1, 'forwarded a.test to 198.51.100.54');
  log(1, 'reply a.test is <CNAME>');
  log(1, 'reply b.test is 203.0.113.7');
  log(1, 'reply b.test is 203.0.113.8');
  log(2, 'forwarded A.test to 198.51.100.53');
  log(2, 'reply A.test is NODATA-IPv6');
  log(3, 'forwarded none.test to 198.51.100.53');
  log(3, 'reply none.test is NXDOMAIN');
  log(4, 'forwarded broken.test to 198.51.100.53');
  log(4, 'reply error is SERVFAIL');
  log(5, 'config far.test is 241.0.0.1');
  log(6, 'forwarded late.test to 198.51.100.53');
  const passed = { refused: false, count: 1, answered: 0 };
  expect(table.asked.take()).toEqual([
    { name: 'a.test', refused: false, count: 2, answered: 2 },
    { name: 'none.test', ...passed },
    { name: 'broken.test', ...passed },
    { name: 'far.test', refused: true, count: 1, answered: 0 },
    { name: 'late.test', ...passed },
  ]);
  // What comes later is told then; a resolver that is started anew counts from 1 again.
  log(6, 'reply late.test is 203.0.113.9');
  log(1, 'forwarded a.test to 198.51.100.53');
  expect(table.asked.take()).toEqual([
    { name: 'late.test', refused: false, count: 0, answered: 1 },
    { name: 'a.test', ...passed },
  ]);
});

describe('Entries of the log that nobody read in time', () => {
  test('are counted as the resolver says, and one by one where they were passed over', () => {
    const table = createNameTable();
    expect([table.lost(), table.isIncomplete()]).toEqual([0, false]);
    table.line('dnsmasq[7]: overflow: 524 log entries lost', 1);
    table.line('', 1);
    expect([table.lost(), table.isIncomplete()]).toEqual([525, true]);
    table.acceptAll([]);
    expect([table.lost(), table.isIncomplete()]).toEqual([525, false]);
  });

  test('are none where a name only speaks of them', () => {
    const table = createNameTable();
    const name = 'overflow:524logentrieslost.test';
    table.line(`dnsmasq[7]: 3 127.0.0.1/40000 config ${name} is 241.0.0.1`, 1);
    expect(table.lost()).toBe(0);
    expect(table.asked.take()).toMatchObject([{ name }]);
  });
});

import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressValue,
  indexRanges,
  isPrivate,
  isSpecial,
} from '../../../../monitor/egress/list/address.ts';
import { decideBy, type Destination } from '../../../../monitor/egress/list/decide.ts';
import { readRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import { compileResolver } from '../../../../monitor/egress/resolver/resolver-config.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';
import type { WrittenEgressRule } from '../../../../monitor/model/egress.ts';

function rules(...written: WrittenEgressRule[]): EgressRule[] {
  return written.map((each) => {
    const read = readRule(each);
    if (!read.ok) throw new Error(read.error);
    return read.value;
  });
}

const to = (address: string, name?: string, port = 443, protocol = 'tcp'): Destination => ({
  address,
  name,
  port,
  protocol,
});

test('An address lies in the ranges that Node’s own block list says it lies in.', () => {
  const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
  const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(v4, v6), { maxLength: 8 }),
      fc.oneof(fc.ipV4(), fc.ipV6()),
      (ranges, address) => {
        const family = (text: string) => (text.includes(':') ? 'ipv6' : 'ipv4');
        const expected = ranges.filter(([start, length]) => {
          const list = new BlockList();
          list.addSubnet(start, length, family(start));
          // The list also compares IPv4 addresses with those mapped into IPv6, which the kernel does not.
          return family(start) === family(address) && list.check(address, family(address));
        });
        const index = indexRanges(ranges.map((item) => ({ range: item.join('/'), item })));
        const value = addressValue(address);
        if (value === undefined) throw new Error(address);
        expect(index.at(value)).toHaveLength(expected.length);
        expect(new Set(index.at(value))).toEqual(new Set(expected));
      },
    ),
    { numRuns: 500 },
  );
});

test.each(['10.1.2.3', '192.168.0.1', '100.64.0.1', '127.0.0.1', '::1', 'fd12::1', 'fe80::1'])(
  '%s is no address of the internet.',
  (address) => expect(isPrivate(addressValue(address)!)).toBe(true),
);

test.each([
  ...['169.254.169.254', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
  ...['fd00:ec2::254', 'fd20:ce::254', '64:ff9b::a9fe:a9fe'],
])(
  '%s, where a cloud tells its secrets, is reached by no name, whatever its rule says.',
  (address) => {
    const list = rules({ verdict: 'allow', target: 'a.test', local: true });
    expect(decideBy(list)(to(address, 'a.test')).verdict).toBe('deny');
  },
);

test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1', '::ffff:1.2.3.4', '1::'])(
  '%s may be one.',
  (address) =>
    expect([isPrivate(addressValue(address)!), isSpecial(addressValue(address)!)]).toEqual([
      false,
      false,
    ]),
);

test.each([
  ['an exact name', to('192.0.2.1', 'a.test'), 'allow'],
  ['a name below an exact one', to('192.0.2.1', 'x.a.test'), 'deny'],
  ['a name below a wildcard', to('192.0.2.1', 'x.w.test'), 'allow'],
  ['the wildcard’s own name', to('192.0.2.1', 'w.test'), 'deny'],
  ['a denied name below it', to('192.0.2.1', 'bad.w.test'), 'deny'],
  ['another port', to('192.0.2.1', 'a.test', 80), 'deny'],
  ['another protocol', to('192.0.2.1', 'a.test', 443, 'udp'), 'deny'],
  ['no name, no range', to('192.0.2.1'), 'deny'],
  ['an allowed range', to('198.51.100.7'), 'allow'],
  ['a denied range in it', to('198.51.100.200'), 'deny'],
  ['an allowed name in a denied range', to('198.51.100.200', 'a.test'), 'deny'],
  ['an allowed name that leads inside', to('10.0.0.1', 'a.test'), 'deny'],
  ['one that may', to('10.0.0.1', 'db.local.test'), 'allow'],
  ['a name that leads to the metadata address', to('169.254.169.254', 'db.local.test'), 'deny'],
  ['a group in an allowed range', to('239.1.2.3', undefined, 1900, 'udp'), 'deny'],
  ['ICMP to an allowed range', to('198.51.100.7', undefined, undefined, 'icmp'), 'allow'],
])('%s is decided as by the wall.', (_, destination, verdict) => {
  const decide = decideBy(
    rules(
      { verdict: 'allow', target: 'a.test', protocol: 'tcp', port: 443 },
      { verdict: 'allow', target: '*.w.test' },
      { verdict: 'deny', target: 'bad.w.test' },
      { verdict: 'allow', target: '198.51.100.0/24' },
      { verdict: 'deny', target: '198.51.100.128/25' },
      { verdict: 'allow', target: 'db.local.test', local: true },
      { verdict: 'allow', target: '239.0.0.0/8' },
    ),
  );
  expect(decide(destination).verdict).toBe(verdict);
});

test.each([
  ['a public resolver below an allowed domain', 'dns.google.com', 'deny'],
  ['what is below that', 'x.dns.google.com', 'deny'],
  ['its neighbour', 'www.google.com', 'allow'],
  ['a public resolver that a rule names', 'dns.quad9.net', 'allow'],
  ['those below one that a rule names', 'abc.dns.nextdns.io', 'allow'],
  ['a public resolver below a whole top-level domain', 'dns.google', 'deny'],
])('%s is decided alike by the list and by the resolver.', (_, name, verdict) => {
  const list = rules(
    { verdict: 'allow', target: '*.google.com' },
    { verdict: 'allow', target: '*.google' },
    { verdict: 'allow', target: '*.quad9.net' },
    { verdict: 'allow', target: 'dns.quad9.net' },
    { verdict: 'allow', target: '*.dns.nextdns.io' },
  );
  expect(decideBy(list)(to('192.0.2.1', name)).verdict).toBe(verdict);
  const plan = planWall('enforce', { rules: list }, ['192.0.2.53'], []);
  if (!plan.ok) throw new Error(plan.error);
  // In dnsmasq the longest pattern that fits decides; `/name/` fits what is below it, too.
  const patterns = [...compileResolver(plan.value, false).matchAll(/^(local|server)=\/(\S+?)\//gm)];
  const fitting = patterns
    .map(([, word, pattern = '']) => ({ word, pattern }))
    .filter(({ pattern }) =>
      pattern.startsWith('*.')
        ? name.endsWith(pattern.slice(1))
        : name === pattern || name.endsWith(`.${pattern}`),
    )
    .sort((one, other) => other.pattern.length - one.pattern.length);
  expect(fitting[0]?.word).toBe(verdict === 'allow' ? 'server' : 'local');
});

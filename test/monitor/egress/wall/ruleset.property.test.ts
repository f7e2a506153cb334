import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planNames } from '../../../../monitor/egress/wall/name-plan.ts';
import { compileResolver } from '../../../../monitor/egress/resolver/resolver-config.ts';
import { readRule, writeRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import { compileRuleset, type WallSite } from '../../../../monitor/egress/wall/ruleset.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';

const site: WallSite = {
  devices: ['eth0'],
  cgroup: { path: 'sentra-egress/c', level: 2 },
  mark: 0x1234_5678,
  known: [],
};

/** Texts that try to be more than a name: whole statements, ends of line, comments, look-alikes. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom('', '*.', '10.0.0.1', '10.0.0.0/8', 'a.test', '::1', 'xn--a', '*'),
      fc.constantFrom(
        ...['\n', ' ', ';', '}', '{', '"', '#', '/', '\\\n', '\u2028', '\0', '%eth0', ',', '@all'],
        ...[
          '/1.2.3.4',
          '\nserver=9.9.9.9',
          ' } accept',
          '; flush ruleset',
          '\r\naddress=/#/1.1.1.1',
        ],
      ),
      fc.string({ maxLength: 20 }),
    )
    .map((parts) => parts.join('')),
  fc.domain(),
  fc.ipV4(),
  fc.ipV6(),
);

const written = fc.record(
  {
    verdict: fc.constantFrom('allow' as const, 'deny' as const),
    target: hostile,
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    port: fc.integer({ min: 1, max: 65_535 }),
    local: fc.boolean(),
  },
  { requiredKeys: ['verdict', 'target'] },
);

function readAll(list: readonly Parameters<typeof readRule>[0][]): EgressRule[] {
  return list.flatMap((each) => {
    const rule = readRule(each);
    return rule.ok ? [rule.value] : [];
  });
}

describe('What a rule says', () => {
  test('never gets into the ruleset or the configuration but as a name, an address or a number.', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 6 }), (list) => {
        const rules = readAll(list);
        const plan = planWall('enforce', { rules }, ['192.0.2.53'], []);
        if (!plan.ok) return;
        for (const line of compileRuleset(plan.value, site).split('\n')) {
          // Only sets hold anything of a rule's text, and that is addresses alone.
          const set = /^set (\w+) \{(.*)\}$/.exec(line);
          if (set === null) continue;
          expect(line).toMatch(/^set [a-z0-9_]+ \{ [a-z0-9_.:;,/ ={}-]+ \}$/);
        }
        const fixed = compileRuleset({ ...plan.value, ranges: [], nameClasses: [] }, site);
        const rest = compileRuleset(plan.value, site)
          .split('\n')
          .filter((line) => !/^set [adnk][46]_|daddr @[adnk][46]_/.test(line));
        expect(rest.map(withoutMark)).toEqual(
          fixed
            .split('\n')
            .filter((line) => !/^set [adnk][46]_/.test(line))
            .map(withoutMark),
        );
        for (const line of compileResolver(plan.value, true).split('\n')) {
          expect(line).toMatch(/^(?:[a-z-]+(?:=[A-Za-z0-9_.:/#*,-]*)?)?$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is the same after it was written down and read again.', () => {
    fc.assert(
      fc.property(written, (each) => {
        const rule = readRule(each);
        if (!rule.ok) return;
        expect(readRule(writeRule(rule.value))).toEqual(rule);
      }),
    );
  });

  test.each([
    ['bücher.example', 'xn--bcher-kva.example'],
    ['GitHub.COM.', 'github.com'],
    // A Cyrillic letter among Latin ones: shown as what it is.
    ['gіthub.com', 'xn--gthub-n2e.com'],
    ['*.Example.org', '*.example.org'],
    ['2001:DB8:0:0::1', '2001:db8::1/128'],
    ['10.1.0.0/16', '10.1.0.0/16'],
  ])('%s is kept as %s.', (target, kept) => {
    const rule = readRule({ verdict: 'allow', target });
    expect(rule.ok && writeRule(rule.value).target).toBe(kept);
  });

  test.each([
    ['a\u0007b.com', 'control characters'],
    ['', 'empty'],
    ['10.0.0.0/33', 'prefix'],
    ['1.2.3', 'neither a name nor a whole address'],
    [`${'a'.repeat(64)}.com`, 'each part'],
    ['a..b', 'each part'],
    ['fe80::1%eth0', 'each part'],
  ])('%j is refused with the reason.', (target, reason) => {
    const rule = readRule({ verdict: 'allow', target });
    expect(rule).toMatchObject({ ok: false, error: expect.stringContaining(reason) as string });
  });
});

describe('Which rule decides about a name', () => {
  const allow = (target: string, port?: number): EgressRule => {
    const rule = readRule({ verdict: 'allow', target, port });
    if (!rule.ok) throw new Error(rule.error);
    return rule.value;
  };

  test('An exact name says nothing about those below it, and the other way round.', () => {
    expect(planNames([allow('a.test')])).toMatchObject({
      value: [{ name: 'a.test', itself: { kind: 'allowed' }, below: { kind: 'denied' } }],
    });
    expect(planNames([allow('*.a.test')])).toMatchObject({
      value: [{ name: 'a.test', itself: { kind: 'denied' }, below: { kind: 'allowed' } }],
    });
  });

  test('What the resolver could not hold apart is refused with the name.', () => {
    const planned = planNames([allow('a.test', 443), allow('*.a.test', 80)]);
    expect(planned).toMatchObject({
      ok: false,
      error: expect.stringContaining('a.test') as string,
    });
    expect(planNames([allow('b.a.test', 443), allow('*.a.test', 80)]).ok).toBe(false);
    expect(planNames([allow('a.test', 443), allow('*.a.test', 443)]).ok).toBe(true);
  });
});

test('What goes to a group, and comes back to its sender, bears no mark.', () => {
  const rules = readAll([{ verdict: 'allow', target: '0.0.0.0/0' }]);
  const plan = planWall('enforce', { rules }, ['192.0.2.53'], []);
  if (!plan.ok) throw new Error(plan.error);
  const lines = compileRuleset(plan.value, site).split('\n');
  const outbound = lines.slice(lines.indexOf('chain outbound {'));
  const passing = outbound.findIndex((line) => line.endsWith('goto pass'));
  for (const group of ['ip daddr 224.0.0.0/4', 'ip6 daddr ff00::/8', 'fib daddr type broadcast']) {
    const refusing = outbound.indexOf(`${group} goto refuse`);
    expect(refusing).toBeGreaterThan(0);
    expect(refusing).toBeLessThan(passing);
  }
  const toGroups = lines.filter((line) => line.includes('ff02:'));
  expect(toGroups.length).toBeGreaterThan(0);
  expect(toGroups.filter((line) => line.includes('mark'))).toEqual([]);
});

test('Ten thousand rules come to few rules in the kernel, and to a line each for the resolver.', () => {
  const list = Array.from({ length: 10_000 }, (_, index) => ({
    verdict: 'allow' as const,
    target: index % 2 === 0 ? `host-${index}.example.com` : `10.${index % 200}.${index >> 8}.0/24`,
    ...(index % 3 === 0 ? { port: 443 } : {}),
  }));
  const plan = planWall('enforce', { rules: readAll(list) }, ['192.0.2.53'], []);
  if (!plan.ok) throw new Error(plan.error);
  expect(plan.value.names).toHaveLength(5000);
  expect(compileRuleset(plan.value, site).split('\n').length).toBeLessThan(200);
  expect(compileResolver(plan.value, false)).toContain(
    '\nserver=/host-42.example.com/192.0.2.53\n',
  );
});

function withoutMark(line: string): string {
  return line.replaceAll(/0x54[0-9a-f]{6}/g, 'the flow’s mark');
}

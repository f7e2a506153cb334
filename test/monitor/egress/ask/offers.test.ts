import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideHeld } from '../../../../monitor/egress/ask/decide-held.ts';
import { addressValue, isGroup } from '../../../../monitor/egress/list/address.ts';
import { offersFor } from '../../../../monitor/egress/ask/offers.ts';
import type { SeenDestination } from '../../../../monitor/model/egress.ts';
import { packet, rules } from './ask-stage.ts';

function seen(change: Partial<SeenDestination> = {}): SeenDestination {
  return {
    ...{ address: '192.0.2.7', name: 'api.corp.test', protocol: 'tcp', port: 443, looks: 2 },
    ...{ sentPackets: 1, sentBytes: 60, receivedPackets: 1, receivedBytes: 60, refusedPackets: 0 },
    ...{ firstSeenAt: 1, lastSeenAt: 2 },
    ...change,
  };
}

test('A name of three parts is offered by port, whole, and with its neighbours; then to deny.', () => {
  expect(offersFor(packet({ name: 'api.corp.test' }), []).map(({ rule }) => rule)).toEqual([
    { verdict: 'allow', target: 'api.corp.test', protocol: 'tcp', port: 443 },
    { verdict: 'allow', target: 'api.corp.test' },
    { verdict: 'allow', target: '*.corp.test' },
    { verdict: 'deny', target: 'api.corp.test' },
    { verdict: 'deny', target: '*.corp.test' },
  ]);
});

test('No "*." is offered that would let a whole top-level domain through.', () => {
  for (const name of ['api.test', 'db']) {
    for (const { rule } of offersFor(packet({ name }), [])) expect(rule.target).toBe(name);
  }
});

test('A name without a dot is of another container, and may lead to private addresses.', () => {
  expect(offersFor(packet({ name: 'db', port: 5432 }), []).map(({ rule }) => rule)).toEqual([
    { verdict: 'allow', target: 'db', protocol: 'tcp', port: 5432, local: true },
    { verdict: 'allow', target: 'db', local: true },
    { verdict: 'deny', target: 'db' },
  ]);
});

test('An address is offered by port and whole, to allow and to deny.', () => {
  const held = packet({ name: undefined, address: '192.0.2.7', protocol: 'udp', port: 123 });
  expect(offersFor(held, []).map(({ rule }) => rule)).toEqual([
    { verdict: 'allow', target: '192.0.2.7', protocol: 'udp', port: 123 },
    { verdict: 'allow', target: '192.0.2.7' },
    { verdict: 'deny', target: '192.0.2.7', protocol: 'udp', port: 123 },
    { verdict: 'deny', target: '192.0.2.7' },
  ]);
});

test('What was tried besides is offered too; a port over TCP and UDP also as both.', () => {
  const quic = {
    ...packet({ name: 'api.test' }),
    others: [{ protocol: 'udp', port: 443 }] as const,
  };
  expect(offersFor(quic, []).map(({ rule }) => rule)).toEqual([
    { verdict: 'allow', target: 'api.test', port: 443 },
    { verdict: 'allow', target: 'api.test', protocol: 'tcp', port: 443 },
    { verdict: 'allow', target: 'api.test', protocol: 'udp', port: 443 },
    { verdict: 'allow', target: 'api.test' },
    { verdict: 'deny', target: 'api.test' },
  ]);
  const scan = Array.from({ length: 8 }, (_, index) => ({
    protocol: 'tcp' as const,
    port: index + 1,
  }));
  expect(offersFor({ ...packet(), others: scan }, []).length).toBeLessThan(9);
});

test('Each offer says how many destinations of the past it would have matched.', () => {
  const past = [
    seen(),
    seen({ port: 80 }),
    seen({ name: 'www.corp.test' }),
    seen({ name: 'corp.test' }),
    seen({ name: undefined }),
    seen({ name: undefined, protocol: 'udp' }),
    seen({ protocol: 'icmp', port: undefined }),
    seen({ address: '2001:db8::1' }),
  ];
  const counts = (held = packet()) => offersFor(held, past).map(({ matched }) => matched);
  expect(counts(packet({ name: 'api.corp.test' }))).toEqual([2, 3, 4, 3, 4]);
  // By address all that went there, whatever name led to it.
  expect(counts(packet({ name: undefined, address: '192.0.2.7' }))).toEqual([4, 6, 4, 6]);
});

test('Every offered rule is one that a list takes, and decides about what is held.', () => {
  const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}[a-z0-9]$/);
  const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(
      fc.option(name, { nil: undefined }),
      fc.oneof(fc.ipV4(), fc.ipV6()),
      fc.constantFrom('tcp', 'udp'),
      fc.integer({ min: 1, max: 65_535 }),
      (wanted, address, protocol, port) => {
        const held = { name: wanted, address, protocol, port };
        const value = addressValue(address);
        const toGroup = wanted === undefined && value !== undefined && isGroup(value);
        for (const { rule } of offersFor(held, [])) {
          expect(decideHeld(rules(rule), held)).toBe(toGroup ? 'deny' : rule.verdict);
        }
      },
    ),
    { numRuns: 300 },
  );
});

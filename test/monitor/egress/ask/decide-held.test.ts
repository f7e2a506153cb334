import { expect, test } from 'vitest';
import { decideHeld } from '../../../../monitor/egress/ask/decide-held.ts';
import type { WrittenEgressRule } from '../../../../monitor/model/egress.ts';
import { packet, rules } from './ask-stage.ts';

const allow = (target: string, more: Partial<WrittenEgressRule> = {}): WrittenEgressRule => ({
  verdict: 'allow',
  target,
  ...more,
});
const deny = (target: string): WrittenEgressRule => ({ verdict: 'deny', target });

const byName: [string, WrittenEgressRule[], string][] = [
  ['nothing', [], 'undecided'],
  ['another name', [allow('b.test'), allow('*.api.test')], 'undecided'],
  ['the name', [allow('api.test')], 'allow'],
  ['all names above it', [allow('*.test')], 'allow'],
  ['its port', [allow('api.test', { port: 443, protocol: 'tcp' })], 'allow'],
  ['another port', [allow('api.test', { port: 80 })], 'undecided'],
  ['another protocol', [allow('api.test', { protocol: 'udp' })], 'undecided'],
  ['a denial', [deny('api.test')], 'deny'],
  ['a denial below an allowance', [allow('*.test'), deny('api.test')], 'deny'],
  ['an allowance below a denial', [deny('*.test'), allow('api.test')], 'allow'],
  ['a denial and an allowance of one name', [deny('api.test'), allow('api.test')], 'deny'],
  ['the range of its placeholder', [allow('240.0.0.0/8')], 'undecided'],
];

test.each(byName)('By name, %s: %j comes to "%s".', (_, list, verdict) => {
  expect(decideHeld(rules(...list), packet())).toBe(verdict);
});

const byAddress: [string, WrittenEgressRule[], string][] = [
  ['nothing', [], 'undecided'],
  ['a name', [allow('api.test'), deny('*.test')], 'undecided'],
  ['its range', [allow('192.0.2.0/24')], 'allow'],
  ['its port', [allow('192.0.2.7', { port: 443 })], 'allow'],
  ['another port', [allow('192.0.2.7', { port: 80 })], 'undecided'],
  ['another range', [allow('198.51.100.0/24')], 'undecided'],
  ['a denied range', [deny('192.0.2.0/24'), allow('192.0.2.7')], 'deny'],
];

test.each(byAddress)('By address, %s: %j comes to "%s".', (_, list, verdict) => {
  const to = packet({ name: undefined, address: '192.0.2.7' });
  expect(decideHeld(rules(...list), to)).toBe(verdict);
});

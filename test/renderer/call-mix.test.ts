import { describe, expect, test } from 'vitest';
import { callShare, callTrend } from '../../renderer/state/call-mix.ts';
import { callsView } from './behaviour.ts';

const rate = (perSecond: number, usualPerSecond: number) => ({
  name: 'read',
  perSecond,
  usualPerSecond,
  refusedPerSecond: 0,
});

describe('The mix of calls', () => {
  test.each([
    [rate(5, 0), 'new'],
    [rate(0, 0), 'usual'],
    [rate(30, 10), 'more'],
    [rate(29, 10), 'usual'],
    [rate(3, 10), 'less'],
    [rate(0.9, 0.1), 'usual'],
  ] as const)('says of %j that it is %s', (call, trend) => {
    expect(callTrend(call, 60_000)).toBe(trend);
  });

  test('says nothing against less than a minute', () => {
    expect(callTrend(rate(5, 0), 59_000)).toBe('usual');
  });

  test('has shares that add up to one, and none where nothing is called', () => {
    const { calls } = callsView();
    const shares = calls.map((call) => callShare(call, calls));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    expect(callShare(rate(0, 1), [rate(0, 1)])).toBe(0);
  });
});

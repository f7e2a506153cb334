import { expect, test } from 'vitest';

import { runKillLoop } from './kill-loop.ts';

test(
  'what was acknowledged survives 20 kills at random moments',
  { timeout: 120_000 },
  async () => {
    const { random } = Math;
    const report = await runKillLoop({ rounds: 20, mostAcknowledged: 60, latestMs: 10, random });
    expect(report.missing).toEqual([]);
    expect(report.integrity).toEqual([]);
    expect(report.kills).toBe(20);
    // The writer really was at it.
    expect(report.acknowledged).toBeGreaterThan(20 * 10);
  },
);

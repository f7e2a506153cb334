import { expect, it } from 'vitest';
import { run } from '../detectors.bench.ts';

it('the short form of the bench of the detectors: promises kept on quiet series, and a small state', async ({
  signal,
}) => {
  const lines: string[] = [];
  const { results } = await run({ short: true, signal, say: (line) => void lines.push(line) });
  const value = (name: string): number =>
    results.find((result) => result.name === name)?.value ?? Number.NaN;
  // Fifty thousand values hold five of one in ten thousand.
  expect(value('largest ratio of false to promised')).toBeLessThan(4);
  expect(value('one series, noisy, p below 1e-1')).toBeGreaterThan(0.05);
  expect(value('state of a workload')).toBeLessThan(50);
  expect(value('observations a second')).toBeGreaterThan(0);
  expect(lines.join('\n')).toContain('six together, bursty');
});

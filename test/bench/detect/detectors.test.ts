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
  // What is judged live: the level's probabilities promise no more than is so, and claim something.
  for (const kind of ['noisy', 'bursty', 'heavy-tailed', 'autocorrelated']) {
    const below = (k: number): number => value(`level, ${kind}, p below 1e-${k}`) * 10 ** k;
    expect(below(1), kind).toBeGreaterThan(0.5);
    for (const k of [1, 2, 3]) expect(below(k), `${kind}, ${k}`).toBeLessThan(1.3);
  }
  // Nor does any source that draws on the budget.
  for (const sense of ['levels', 'calls', 'names', 'places']) {
    for (const kind of ['heavy-tailed', 'autocorrelated']) {
      for (const k of [1, 2]) {
        const share = value(`claims by ${sense}, ${kind}, p below 1e-${k}`);
        expect(share, `${sense}, ${kind}, ${k}`).toBeLessThan(1.5 * 10 ** -k);
      }
    }
  }
  expect(value('state of a workload')).toBeLessThan(50);
  expect(value('observations a second')).toBeGreaterThan(0);
  expect(lines.join('\n')).toContain('six together, bursty');
});

import { expect, test } from 'vitest';
import { describeWith } from '../engine/capabilities.ts';
import * as overhead from './overhead.bench.ts';
import * as quiet from './quiet.bench.ts';
import * as reaction from './reaction.bench.ts';
import type { BenchResult } from './result.ts';
import * as scale from './scale.bench.ts';

const lines: string[] = [];
const say = (line: string): void => void lines.push(line);

function figure(results: readonly BenchResult[], name: string): number {
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`No figure "${name}".`);
  return found.value;
}

/** The short forms run the code of the benches; what is a matter of speed they only bound loosely. */
describeWith(['engine', 'debian-image', 'root'], 'The short form of the bench', () => {
  test('quiet: builds, tests, archives, downloads and installs raise nothing above info', async ({
    signal,
  }) => {
    const { results } = await quiet.run({ short: true, signal, say });
    expect(lines).toEqual([]);
    expect(figure(results, 'alarms above info')).toBe(0);
  }, 240_000);

  test('reaction: every villain is contained, finding before decision before containment', async ({
    signal,
  }) => {
    const { results } = await reaction.run({ short: true, signal, say });
    for (const villain of ['fork-strong', 'leak-strong', 'send-strong']) {
      const at = (step: string): number => figure(results, `${villain} ${step} p50`);
      expect(at('finding')).toBeGreaterThan(0);
      expect(at('decision')).toBeGreaterThanOrEqual(at('finding'));
      expect(at('contained')).toBeGreaterThan(at('decision'));
    }
  }, 240_000);

  test('overhead: Sentra by cgroup files costs a fraction of docker stats', async ({ signal }) => {
    const { results } = await overhead.run({ short: true, signal, say });
    expect(figure(results, 'ratio by cgroup files')).toBeLessThan(0.5);
    expect(figure(results, 'resident memory by cgroup files')).toBeLessThan(150);
  }, 240_000);

  test('scale: a hundred simulated workloads, and memory flat over an hour', async ({ signal }) => {
    const { results } = await scale.run({ short: true, signal, say });
    expect(figure(results, 'share of a core')).toBeLessThan(0.3);
    expect(figure(results, 'memory growth over ten hours')).toBeLessThan(1.1);
  }, 240_000);
});

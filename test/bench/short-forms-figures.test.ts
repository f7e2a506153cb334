import { expect, test } from 'vitest';
import { describeWith } from '../engine/capabilities.ts';
import { figure } from './figure.ts';
import * as overhead from './overhead.bench.ts';
import * as scale from './scale.bench.ts';
import * as ui from './ui.bench.ts';

const say = (): void => undefined;

/** What they measure is CPU time of single processes: what runs beside them hardly changes it. */
describeWith(['engine', 'root'], 'The short form of the benches of what Sentra costs', () => {
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

describeWith(['chromium'], 'The short form of the bench of the window', () => {
  test('ui: a window with a hundred live rows, beside a bare page', async ({ signal }) => {
    const { results } = await ui.run({ short: true, signal, say });
    const bare = figure(results, 'a page with two rows and nothing else');
    expect(bare).toBeGreaterThan(0);
    expect(figure(results, 'window to first meaningful paint')).toBeGreaterThan(0);
    expect(figure(results, 'scripting with all rows live')).toBeGreaterThan(0);
    expect(figure(results, 'bundle gzipped')).toBeLessThan(350);
  }, 240_000);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

const count = 10_000;

/** What nobody notices, milliseconds; and what a busy machine makes of it. */
const mostMs = 400;

describeWith(['chromium'], `A list of ${count} rules in the window`, () => {
  let folder: string;
  let simulator: Simulator;
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-long-'));
    simulator = await startSimulator({
      socketPath: join(folder, 'engine.sock'),
      plan: { containers: [{ name: 'coder', agent: 'idle', image: 'example/coder:1' }], networks: [] },
    });
    desktop = startDesktop({
      monitor: { engine: `unix://${simulator.socketPath}` },
      reducedMotion: true,
    });
    page = await desktop.openPage();
    await page.getByRole('row').filter({ hasText: 'coder' }).waitFor();
    const saved = await page.evaluate(async (most) => {
      const { sentra } = globalThis as unknown as {
        sentra: Record<
          'egressList' | 'egressSave',
          (of: object) => Promise<{ ok: boolean; value: { version: string } }>
        >;
      };
      const { value } = await sentra.egressList({ target: 'coder' });
      const rules = Array.from({ length: most }, (_, index) => ({
        verdict: 'allow',
        target: index % 2 === 0 ? `host-${index}.example.com` : `10.${index >> 8}.${index & 255}.1`,
        protocol: 'tcp',
        port: 443,
        note: `rule ${index}`,
      }));
      const target = 'coder';
      return sentra.egressSave({ target, basedOn: value.version, profiles: [], rules });
    }, count);
    expect(saved).toMatchObject({ ok: true });
    await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
    await page.getByRole('list', { name: 'Containers' }).getByText('coder').click();
    await page.getByRole('radio', { name: 'Allow-list' }).check();
    await page.getByText(/^10.000 rules$/).first().waitFor();
    await page.evaluate(() => {
      const all: number[] = [];
      Object.assign(globalThis, { longTasks: all });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) all.push(Math.round(duration));
      }).observe({ type: 'longtask', buffered: false });
    });
  });

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The longest of which the page did nothing else since the last call, milliseconds. */
  const longest = (): Promise<number> =>
    page.evaluate(() => {
      const { longTasks: all } = globalThis as unknown as { longTasks: number[] };
      return Math.max(0, ...all.splice(0));
    });

  test('is searched, edited, taken back and read anew without the window standing still', async () => {
    const figures: Record<string, number> = {};
    const measure = async (what: string, act: () => Promise<unknown>): Promise<void> => {
      await act();
      await delay(100);
      figures[what] = await longest();
    };
    const filter = page.getByLabel('Filter rules');
    const target = () => page.getByRole('textbox', { name: 'Target' });
    await measure('reading anew', () => delay(6000));
    await measure('search', async () => {
      await filter.pressSequentially('host-9998', { delay: 20 });
      await until(async () => ((await target().count()) === 1 ? true : undefined), 'one rule');
    });
    await measure('edit', () => page.getByLabel(/^Note on/).pressSequentially('changed', { delay: 20 }));
    await measure('check', () => page.getByText(/It would have refused|would pass|seen/).first().waitFor());
    await measure('undo', () => page.getByRole('button', { name: 'Undo' }).click());
    await measure('search end', () => filter.fill(''));
    await measure('scroll', async () => {
      const list = page.getByRole('list', { name: 'Rules of the list' });
      for (const top of [100_000, 300_000, 579_000]) await list.evaluate((all, to) => all.scrollTo(0, to), top);
    });
    await measure('choose all', () => page.getByLabel('All shown').check());
    await measure('add', () => page.getByRole('button', { name: 'Add rule' }).click());
    console.log(JSON.stringify(figures));
    for (const [what, ms] of Object.entries(figures)) expect(ms, what).toBeLessThan(mostMs);
  });
});

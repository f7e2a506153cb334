import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator } from '../../monitor/simulator/simulator.ts';
import type { Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { buildShell, startDesktop } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { screens } from './screens.ts';

const markup = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';

/** No real engine takes such a name; what answers on the socket may be no real engine. */
describeWith(['chromium'], 'An engine whose names and images are markup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-hostile-'));
  const socketPath = join(folder, 'engine.sock');
  let simulator: Simulator;
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    const plan = demoPlan(1);
    const containers = plan.containers.map((container, index) => ({
      ...container,
      name: index === 0 ? markup : container.name,
      image: markup,
    }));
    simulator = await startSimulator({ socketPath, plan: { ...plan, containers } });
    desktop = startDesktop({ monitor: { engine: `unix://${socketPath}`, learnMs: 3000 } });
    page = await desktop.openPage();
    await page.getByRole('row').nth(1).waitFor();
  });

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is shown as text on every screen.', async () => {
    await page.getByRole('grid').getByText('<img src=x').first().waitFor();
    for (const { go } of screens) await go(page);
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => 'owned' in window)).toBe(false);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
  });
});

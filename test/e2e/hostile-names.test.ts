import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { testContainers } from '../engine/containers.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { buildShell, startDesktop } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { screens } from './screens.ts';

const markup = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';

describeWith(['engine', 'chromium'], 'A container whose labels and command are markup', () => {
  const containers = testContainers(engineSocket());
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    await containers.start({
      args: ['sh', '-c', `: '${markup}'; sleep 600`],
      labels: {
        'com.docker.compose.project': markup,
        'com.docker.compose.service': markup,
        note: markup,
      },
    });
    desktop = startDesktop({ monitor: { engine: `unix://${engineSocket()}`, learnMs: 3000 } });
    page = await desktop.openPage();
  });

  afterAll(async () => {
    await desktop.end();
    await containers.removeAll();
  });

  test('is shown as text on every screen.', async () => {
    const violations: string[] = [];
    await page.exposeFunction('violated', (what: string) => violations.push(what));
    await page.evaluate(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        (globalThis as unknown as { violated: (what: string) => void }).violated(event.blockedURI);
      });
    });
    await page.getByRole('row').nth(1).waitFor();
    for (const { go } of screens) await go(page);
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => 'owned' in window)).toBe(false);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(violations).toEqual([]);
  });
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startDesktop } from './desktop.ts';

const folder = join(import.meta.dirname, '../../docs/screenshots');

/** A screen, and what leads to it from the overview. */
export interface ScreenVisit {
  readonly name: string;
  /** Goes there and waits until it is drawn. */
  readonly go: (page: Page) => Promise<void>;
}

async function byNavigation(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Every screen of the window. */
export const screens: readonly ScreenVisit[] = [
  { name: 'overview', go: (page) => byNavigation(page, 'Overview') },
  {
    name: 'container',
    async go(page) {
      await byNavigation(page, 'Overview');
      await page.getByRole('row').nth(1).getByRole('button').first().click();
      await page.locator('canvas').first().waitFor();
    },
  },
  {
    name: 'findings',
    async go(page) {
      await byNavigation(page, 'Findings');
    },
  },
  { name: 'policy', go: (page) => byNavigation(page, 'Policy') },
  { name: 'first-steps', go: (page) => byNavigation(page, 'First steps') },
  { name: 'settings', go: (page) => byNavigation(page, 'Settings') },
];

/** Takes a picture of every screen, light and dark, of the simulated engine a while after its start. */
export async function takeScreenshots(say: (text: string) => void): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const desktop = startDesktop({ monitor: { simulate: true, learnMs: 20_000 } });
  try {
    const page = await desktop.openPage();
    say('Letting the simulated containers run for 75 seconds, so that there is something to see …');
    await page.waitForTimeout(75_000);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const { name, go } of screens) {
        await go(page);
        // Charts are drawn in the next frame.
        await page.waitForTimeout(1200);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
        say(`docs/screenshots/${name}-${colorScheme}.png`);
      }
    }
  } finally {
    await desktop.end();
  }
}

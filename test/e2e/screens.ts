import type { Page } from 'playwright-core';

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

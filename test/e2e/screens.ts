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
  {
    name: 'egress',
    async go(page) {
      await byNavigation(page, 'Egress');
      await page.getByRole('radio', { name: 'Who talks to whom' }).check();
    },
  },
  { name: 'policy', go: (page) => byNavigation(page, 'Policy') },
  { name: 'first-steps', go: (page) => byNavigation(page, 'First steps') },
  { name: 'settings', go: (page) => byNavigation(page, 'Settings') },
];

async function policyPart(page: Page, name: string): Promise<void> {
  await byNavigation(page, 'Policy');
  await page.getByRole('radio', { name, exact: true }).check();
}

async function openList(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await byNavigation(page, 'Egress');
  await page.getByRole('radio', { name: 'Allow-list' }).check();
  await page.getByRole('button', { name: 'Add rule' }).waitFor();
}

/** What is in the window besides: the other parts of the policy, and a question. */
export const furtherViews: readonly ScreenVisit[] = [
  { name: 'egress-list', go: openList },
  {
    name: 'egress-rules',
    async go(page) {
      await openList(page);
      await page.getByRole('button', { name: 'Add rule' }).click();
      await page.getByRole('textbox', { name: 'Target' }).last().fill('not a name');
      await page.getByText('1 problem').waitFor();
    },
  },
  {
    name: 'egress-learn',
    async go(page) {
      await byNavigation(page, 'Egress');
      await page.getByRole('radio', { name: 'Learn' }).check();
    },
  },
  {
    name: 'egress-text',
    async go(page) {
      await openList(page);
      const discard = page.getByRole('button', { name: 'Discard changes' });
      if (await discard.isEnabled()) await discard.click();
      await page.getByRole('button', { name: 'As text…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'policy-text',
    async go(page) {
      await page.keyboard.press('Escape');
      await policyPart(page, 'Text');
      await page.getByRole('textbox').first().waitFor();
    },
  },
  {
    name: 'overview-legend',
    async go(page) {
      await byNavigation(page, 'Overview');
      await page.getByRole('button', { name: /^Sees/ }).click();
      await page.getByRole('group', { name: 'What the badges mean' }).waitFor();
    },
  },
  { name: 'policy-preview', go: (page) => policyPart(page, 'Preview') },
  { name: 'policy-versions', go: (page) => policyPart(page, 'Versions') },
  {
    name: 'question',
    async go(page) {
      await byNavigation(page, 'Overview');
      await page
        .getByRole('button', { name: /^Kill / })
        .first()
        .click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
];

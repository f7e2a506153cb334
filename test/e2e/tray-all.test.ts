import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith } from '../engine/capabilities.ts';
import { findItem } from '../host/menu.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

const observing = 'Mode: observe (says what it would do)';
const enforcing = 'Mode: enforce (does what the rules say)';

describeWith(['chromium'], 'What the tray does for all containers', () => {
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    desktop = startDesktop({ monitor: { simulate: true } });
    page = await desktop.openPage();
    await page.getByRole('row').nth(1).waitFor();
  });

  afterAll(async () => {
    await desktop.end();
  });

  const menu = () => desktop.trays[0]!.menu;
  const mode = (label: string) =>
    until(
      () => (menu().some((item) => item.label === label) ? label : undefined),
      `"${label}" in the menu`,
    );

  test('Enforce is done at once, told, and shown in the window.', async () => {
    await mode(observing);
    const told = desktop.notifications.length;
    findItem(menu(), observing, 'Enforce all rules now').click();
    await mode(enforcing);
    await page.getByText('Watching · enforce').waitFor();
    const titles = () => desktop.notifications.slice(told).map(({ title }) => title);
    await until(() => (titles().includes('Sentra enforces') ? true : undefined), 'the word of it');
  });

  test('Only observe asks in the window first: no is no, and yes is yes.', async () => {
    findItem(menu(), enforcing, 'Only observe …').click();
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(menu().some((item) => item.label === enforcing)).toBe(true);
    findItem(menu(), enforcing, 'Only observe …').click();
    await question.getByRole('button', { name: 'Only observe' }).click();
    await mode(observing);
    await page.getByText('Watching · observe').waitFor();
  });

  test('Lock down is done at once and stands in the window; to lift it is asked there first.', async () => {
    const told = desktop.notifications.length;
    findItem(menu(), 'Lock down all (cut all egress)').click();
    await mode('Lift lock down …');
    await page.getByText('Locked down.').waitFor();
    await page.getByText(/is cut since \d\d:\d\d:\d\d, by/).waitFor();
    // Days later it says since which day.
    const passDays = (days: number) =>
      page.evaluate((span) => {
        const { now } = Date;
        Date.now = () => now() + span;
      }, days * 86_400_000);
    await passDays(2);
    await page.getByText(/is cut since \d+ [A-Z][a-z]+ \d\d:\d\d:\d\d, by/).waitFor();
    await passDays(-2);
    const titles = () => desktop.notifications.slice(told).map(({ title }) => title);
    await until(
      () => (titles().some((title) => title.startsWith('Locked down')) ? true : undefined),
      'the word of it',
    );
    findItem(menu(), 'Lift lock down …').click();
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    await page.getByText('Locked down.').waitFor();
    findItem(menu(), 'Lift lock down …').click();
    await question.waitFor();
    expect(await objections(page)).toEqual([]);
    await question.getByRole('button', { name: 'Lift lock down' }).click();
    await page.getByText('Locked down.').waitFor({ state: 'detached' });
    await mode('Lock down all (cut all egress)');
  });

  test('The record of where a container talked to is erased after a question, with how much went.', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
    await page.getByRole('radio', { name: 'Observe' }).click();
    await page.getByRole('row').nth(1).waitFor();
    await page.getByRole('button', { name: 'Erase history' }).click();
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Erase history' }).click();
    await page.getByText(/^[1-9]\d* rows? erased\.$/).waitFor();
  });
});

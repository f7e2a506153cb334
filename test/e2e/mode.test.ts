import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith } from '../engine/capabilities.ts';
import { findItem } from '../host/menu.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

const observing = 'Mode: observe (says what it would do)';
const enforcing = 'Mode: enforce (does what the rules say)';

describeWith(['chromium'], 'The mode in the menu of the tray', () => {
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
});

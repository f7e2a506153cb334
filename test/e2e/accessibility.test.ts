import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith } from '../engine/capabilities.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { furtherViews, screens } from './screens.ts';

describeWith(['chromium'], 'The window', () => {
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    desktop = startDesktop({ monitor: { simulate: true, learnMs: 5000 }, reducedMotion: true });
    page = await desktop.openPage();
    await page.getByRole('row').nth(1).waitFor();
    // Something to see where egress is shown.
    await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
    await page.getByRole('radio', { name: 'Observe' }).click();
    await page.getByRole('rowheader').first().waitFor();
  });

  afterAll(async () => {
    await desktop.end();
  });

  test.each(['light', 'dark'] as const)(
    'has nothing that axe objects to on any screen, %s.',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const found: string[] = [];
      for (const { name, go } of [...screens, ...furtherViews]) {
        await go(page);
        await page.waitForTimeout(150);
        for (const objection of await objections(page)) found.push(`${name}: ${objection}`);
      }
      await page.keyboard.press('Escape');
      await page.getByRole('alertdialog').waitFor({ state: 'detached' });
      expect(found).toEqual([]);
    },
  );

  test('lets a person pause a container and resume it by keyboard alone.', async () => {
    await screens[0]?.go(page);
    const focused = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    /** Tab until the focus is in the list, then through its cells by arrows. */
    async function reach(label: RegExp): Promise<void> {
      for (let step = 0; step < 60; step += 1) {
        if (label.test(await focused())) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`The keyboard does not lead to ${String(label)}.`);
    }
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await reach(/^Pause /);
    const name = (await focused()).replace('Pause ', '');
    const outline = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement as HTMLElement);
      return `${style.outlineStyle} ${style.boxShadow}`;
    });
    expect(outline).not.toBe('none none');
    await page.keyboard.press('Enter');
    await page
      .getByRole('log')
      .getByText(new RegExp(`Paused ${name}`))
      .waitFor();
    await reach(new RegExp(`^(Resume|Release) ${name}`));
    await page.keyboard.press('Enter');
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    await until(
      () =>
        question.evaluate((dialog) => (dialog.contains(document.activeElement) ? true : undefined)),
      'the focus in the question',
    );
    // Escape lets it be; asked again, the second button does it.
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await reach(new RegExp(`^(Resume|Release) ${name}`));
    await page.keyboard.press('Enter');
    await question.waitFor();
    for (let step = 0; step < 6; step += 1) {
      const text = await page.evaluate(() => document.activeElement?.textContent ?? '');
      if (/^(Resume|Release)/.test(text)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page
      .getByRole('log')
      .getByText(new RegExp(`(Resumed|Released) ${name}`))
      .waitFor();
  });
});

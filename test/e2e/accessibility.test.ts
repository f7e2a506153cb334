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

  test('moves nothing for a person who wants less motion.', async () => {
    await screens[0]?.go(page);
    const moving = (): Promise<number> =>
      page.evaluate(
        () =>
          [...document.querySelectorAll('*')].filter((element) => {
            const { transitionDuration, animationName } = getComputedStyle(element);
            const lasts = transitionDuration.split(', ').some((each) => parseFloat(each) > 0);
            return lasts || animationName !== 'none';
          }).length,
      );
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await moving()).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await moving()).toBe(0);
  });

  test('has what the badges mean under the list, and gives its room to the rows where they need it.', async () => {
    await screens[0]?.go(page);
    const legend = page.getByRole('group', { name: 'The badges' });
    const height = (): Promise<number> =>
      legend.evaluate((element) => element.parentElement?.clientHeight ?? -1);
    const size = page.viewportSize() ?? { width: 1180, height: 800 };
    await legend.getByText('Network egress').waitFor();
    expect(await height()).toBeGreaterThan(15);
    await page.setViewportSize({ width: size.width, height: 480 });
    await expect.poll(height).toBe(0);
    // Nothing is out of reach where the window is as small as it gets.
    await page.setViewportSize({ width: 720, height: 480 });
    const kill = page.getByRole('button', { name: /^Kill / }).first();
    const box = await kill.boundingBox();
    expect((box?.x ?? 720) + (box?.width ?? 0)).toBeLessThan(720);
    await page.setViewportSize(size);
    await expect.poll(height).toBeGreaterThan(15);
  });

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

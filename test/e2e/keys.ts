import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

/** A person's hands on the keyboard, and nothing else. */
export interface Keys {
  press(...keys: readonly string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Presses Tab until this has the focus, which must be seen; Shift+Tab when `back`. */
  tabTo(target: Locator, back?: boolean): Promise<void>;
  /** Tabs there and presses Enter. */
  enter(target: Locator): Promise<void>;
  /** Tabs to the group of radio buttons and moves to one of them with the arrow keys. */
  choose(group: string | RegExp, option: string): Promise<void>;
  /** Waits until the focus is within. */
  isWithin(target: Locator): Promise<void>;
  /** Says yes to the question that stands, by the button of this name. */
  answer(button: string | RegExp): Promise<void>;
  /** Fails if anything was done with a pointer since the hands were made. */
  expectNoPointer(): Promise<void>;
}

/** More than there is to tab through on any screen. */
const mostTabs = 150;

/** Hands for a page; from now on it is noticed when a pointer is used. */
export async function keysOf(page: Page): Promise<Keys> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { pointers: seen });
    for (const kind of ['pointerdown', 'pointermove', 'mousedown', 'mousemove', 'wheel']) {
      window.addEventListener(kind, () => seen.push(kind), { capture: true });
    }
  });
  const has = (target: Locator) =>
    target.evaluate((element) => element === document.activeElement).catch(() => false);

  async function press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await page.keyboard.press(key);
  }

  /** What has the focus must look so: by an outline or a shadow, of itself or of what it stands in. */
  async function isSeen(): Promise<void> {
    const look = await page.evaluate(() => {
      const looks: string[] = [];
      const [focused] = [document.activeElement];
      for (let element = focused, steps = 0; element && steps < 3; steps += 1) {
        const { outlineStyle, boxShadow } = getComputedStyle(element);
        looks.push(outlineStyle, boxShadow);
        element = element.nextElementSibling ?? element.parentElement;
      }
      return looks;
    });
    expect(look.some((part) => part !== 'none')).toBe(true);
  }

  async function tabTo(target: Locator, back = false): Promise<void> {
    await target.first().waitFor();
    for (let step = 0; step < mostTabs; step += 1) {
      if (await has(target.first())) {
        await isSeen();
        return;
      }
      await press(back ? 'Shift+Tab' : 'Tab');
    }
    throw new Error(`The keyboard does not lead to ${String(target)}.`);
  }

  async function choose(group: string | RegExp, option: string): Promise<void> {
    const radios = page.getByRole('radiogroup', { name: group });
    await radios.waitFor();
    await tabTo(radios.locator('input:checked'));
    const wanted = radios.getByRole('radio', { name: option, exact: true });
    for (let step = 0; step < 8 && !(await wanted.isChecked()); step += 1) {
      await press('ArrowRight');
      // What is chosen may have to be carried out before it is shown as chosen.
      const focused = radios.locator('input:focus');
      await expect.poll(() => focused.isChecked(), { timeout: 10_000 }).toBe(true);
    }
    expect(await wanted.isChecked()).toBe(true);
  }

  async function isWithin(target: Locator): Promise<void> {
    await target.waitFor();
    await expect
      .poll(() => target.evaluate((element) => element.contains(document.activeElement)))
      .toBe(true);
  }

  return {
    press,
    type: (text) => page.keyboard.type(text),
    tabTo,
    async enter(target) {
      await tabTo(target);
      await press('Enter');
    },
    choose,
    isWithin,
    async answer(button) {
      const question = page.getByRole('alertdialog');
      await isWithin(question);
      await tabTo(question.getByRole('button', { name: button, exact: true }));
      await press('Enter');
      await question.waitFor({ state: 'detached' });
    },
    async expectNoPointer() {
      expect(
        await page.evaluate(() => (window as unknown as { pointers: string[] }).pointers),
      ).toEqual([]);
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

const names = ['coder', 'queue', 'tests'];

/** What the monitor itself has of the person's word on findings. */
interface Said {
  readonly words: readonly { readonly finding: string; readonly says: string }[];
  readonly mutes: readonly { readonly workload: string; readonly kind: string }[];
}

describeWith(['chromium'], 'Several findings at once', () => {
  let folder: string;
  let simulator: Simulator;
  let desktop: Desktop;
  let page: Page;

  const options = () => page.getByRole('listbox', { name: 'Findings' }).getByRole('option');
  const group = () => page.getByRole('group', { name: 'The chosen findings' });
  const button = (name: string) => group().getByRole('button', { name });
  const question = () => page.getByRole('alertdialog');

  async function said(): Promise<Said> {
    return page.evaluate(async () => {
      const { sentra } = globalThis as unknown as {
        sentra: { snapshot(of: object): Promise<{ value: { triage: Said } }> };
      };
      return (await sentra.snapshot({})).value.triage;
    });
  }

  /** Whether every container has been read. */
  async function areRead(): Promise<boolean> {
    return page.evaluate(async () => {
      const { sentra } = globalThis as unknown as {
        sentra: {
          snapshot(of: object): Promise<{ value: { workloads: { resource?: object }[] } }>;
        };
      };
      const { workloads } = (await sentra.snapshot({})).value;
      return workloads.every(({ resource }) => resource !== undefined);
    });
  }

  /** For three seconds: one incident may come to several findings, and tests count them. */
  async function untilNoMoreCome(): Promise<void> {
    let [count, since] = [await options().count(), performance.now()];
    await until(async () => {
      const now = await options().count();
      if (now !== count) [count, since] = [now, performance.now()];
      return performance.now() - since > 3000 ? true : undefined;
    }, 'the last finding');
  }

  async function focusIsOn(label: string): Promise<boolean> {
    return page.evaluate(
      (wanted) => document.activeElement?.getAttribute('aria-label') === wanted,
      label,
    );
  }

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-bulk-'));
    simulator = await startSimulator({
      socketPath: join(folder, 'engine.sock'),
      plan: {
        containers: names.map((name) => ({ name, agent: 'idle', image: `example/${name}:1` })),
        networks: [],
      },
    });
    desktop = startDesktop({
      monitor: { engine: `unix://${simulator.socketPath}` },
      reducedMotion: true,
    });
    page = await desktop.openPage();
    await page.getByRole('row').nth(names.length).waitFor();
    // A bomb is known by its growth: whoever has not been read yet has none.
    await until(async () => ((await areRead()) ? true : undefined), 'readings of all');
    for (const name of names) simulator.begin(name, { kind: 'fork-bomb', strength: 'strong' });
    await page.getByRole('navigation').getByRole('button', { name: 'Findings' }).click();
    for (const name of names) await options().filter({ hasText: name }).first().waitFor();
    await untilNoMoreCome();
  });

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('are chosen by their boxes, counted, and acknowledged by one yes.', async () => {
    const box = (name: string) => options().filter({ hasText: name }).first().locator('[data-box]');
    await box('coder').click();
    await group().getByText('1 finding chosen').waitFor();
    await box('queue').click();
    await group().getByText('2 findings chosen').waitFor();
    await box('queue').click();
    await group().getByText('1 finding chosen').waitFor();
    await box('queue').click();
    // What is chosen is another thing than what is shown.
    expect(await options().and(page.locator('[aria-selected="true"]')).count()).toBe(1);
    await button('Acknowledge…').click();
    await question().getByText('2 findings to acknowledge').waitFor();
    await question()
      .getByText('In coder, queue.')
      .or(question().getByText('In queue, coder.'))
      .waitFor();
    expect((await said()).words).toEqual([]);
    await question().getByRole('button', { name: 'Yes, learn them as normal' }).click();
    await group().getByText('2 findings acknowledged.').waitFor();
    await until(
      async () =>
        (await said()).words.filter(({ says }) => says === 'normal').length === 2
          ? true
          : undefined,
      'the word on both',
    );
    await group().getByText('0 findings chosen').waitFor();
    expect(await options().filter({ hasText: '· acknowledged' }).count()).toBe(2);
  });

  test('are taken back by one undo.', async () => {
    await button('Take all back').click();
    await until(
      async () => ((await said()).words.length === 0 ? true : undefined),
      'the end of both',
    );
    await options().filter({ hasText: '· acknowledged' }).first().waitFor({ state: 'detached' });
    await button('Take all back').waitFor({ state: 'detached' });
  });

  test('are chosen, muted and unmuted by keyboard alone.', async () => {
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    async function tabTo(isThere: () => Promise<boolean>, key = 'Tab'): Promise<void> {
      for (let step = 0; step < 60; step += 1) {
        if (await isThere()) return;
        await page.keyboard.press(key);
      }
      throw new Error('The keyboard does not lead there.');
    }
    const focusedText = (text: string) => () =>
      page.evaluate((wanted) => document.activeElement?.textContent === wanted, text);
    await tabTo(() => focusIsOn('Findings'));
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await group().getByText('1 finding chosen').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await group().getByText('2 findings chosen').waitFor();
    await page.keyboard.press('Control+a');
    const all = await options().count();
    await group().getByText(`${all} findings chosen`).waitFor();
    expect(await group().getByRole('checkbox', { name: 'All shown' }).isChecked()).toBe(true);
    await tabTo(focusedText('Mute…'), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await question().waitFor();
    await tabTo(focusedText('Mute'));
    await page.keyboard.press('Enter');
    await group()
      .getByText(/kinds? of findings? muted\./)
      .waitFor();
    const { mutes } = await said();
    expect(new Set(mutes.map(({ workload }) => workload)).size).toBe(names.length);
    await options().filter({ hasText: '· muted' }).first().waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await tabTo(focusedText('Take all back'));
    await page.keyboard.press('Enter');
    await until(async () => ((await said()).mutes.length === 0 ? true : undefined), 'no mute');
  });

  test('are all that the filter shows, and no other.', async () => {
    await page.getByRole('checkbox', { name: 'All shown' }).check();
    await page.getByRole('searchbox', { name: 'Filter findings' }).fill('queue');
    const shown = await until(async () => {
      const texts = await options().allInnerTexts();
      return texts.every((text) => text.includes('queue')) ? texts.length : undefined;
    }, 'the filtered list');
    await group()
      .getByText(`${shown} finding${shown === 1 ? '' : 's'} chosen`)
      .waitFor();
    await button('Acknowledge…').click();
    await question().getByText('In queue.').waitFor();
    await question().getByRole('button', { name: 'Cancel' }).click();
    await question().waitFor({ state: 'detached' });
  });

  test.each(['light', 'dark'] as const)('leave axe nothing to object to, %s.', async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await options().first().waitFor();
    expect(await objections(page)).toEqual([]);
  });
});

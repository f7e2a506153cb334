import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { buildShell, startDesktop, type Desktop } from './desktop.ts';
import { keysOf, type Keys } from './keys.ts';

const names = ['alpha', 'beta', 'gamma'];

describeWith(['chromium'], 'The focus of a person who has a keyboard alone', () => {
  let folder: string;
  let simulator: Simulator;
  let desktop: Desktop;
  let page: Page;
  let keys: Keys;

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-focus-'));
    simulator = await startSimulator({
      socketPath: join(folder, 'engine.sock'),
      plan: {
        containers: names.map((name) => ({ name, agent: 'idle', image: `example/${name}:1` })),
        networks: [],
      },
    });
    desktop = startDesktop({
      monitor: { engine: `unix://${simulator.socketPath}`, learnMs: 1000 },
      reducedMotion: true,
    });
    page = await desktop.openPage();
    await page.getByRole('row').nth(names.length).waitFor();
    keys = await keysOf(page);
  });

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const goTo = async (screen: string) => {
    await keys.enter(page.getByRole('navigation').getByRole('button', { name: screen }));
    await page.getByRole('heading', { level: 1, name: screen }).waitFor();
  };
  const main = () => page.getByRole('main');
  const rows = () => page.getByRole('row').filter({ has: page.getByRole('gridcell') });
  const options = () => page.getByRole('option');
  const button = (name: string) => main().getByRole('button', { name, exact: true });
  /** What has the focus, in words. */
  const focus = () =>
    page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      const words = element.getAttribute('aria-label') ?? element.textContent.slice(0, 40);
      return `${element.tagName} ${words}`;
    });
  /** Waits until nothing moves any more, for what is lost is lost with a later drawing. */
  const settled = async () => {
    await page.waitForTimeout(600);
    return focus();
  };

  test('goes to the heading when the last container of a filtered list goes.', async () => {
    await keys.tabTo(page.locator('[role="row"][tabindex="0"]'));
    await keys.press('Home');
    await keys.press('p');
    await page.getByText('frozen').first().waitFor();
    await keys.choose('Which containers', 'Held');
    await expect.poll(() => rows().count()).toBe(1);
    await keys.tabTo(page.locator('[role="row"][tabindex="0"]'));
    await keys.press('p');
    await keys.answer(/^(Resume|Release)/);
    await main().getByText('No container matches').waitFor();
    expect(await settled()).toBe('H1 Overview');
  });

  test('stays near when several findings are acknowledged at once.', async () => {
    simulator.begin('alpha', { kind: 'fork-bomb', strength: 'strong' });
    await goTo('Findings');
    await options().first().waitFor();
    await keys.tabTo(page.getByRole('listbox', { name: 'Findings' }));
    await keys.press('Control+a');
    await keys.tabTo(button('Acknowledge…'), true);
    await keys.press('Enter');
    await keys.answer('Yes, learn them as normal');
    await button('Take all back').waitFor();
    expect(await settled()).toBe('DIV The chosen findings');
    await keys.enter(button('Take all back'));
    await button('Take all back').waitFor({ state: 'detached' });
    expect(await settled()).toBe('DIV The chosen findings');
  });

  test('stays near when the last finding is over while it is acknowledged.', async () => {
    await keys.tabTo(button('Acknowledge'));
    await keys.press('Enter');
    await keys.answer('Yes, learn it as normal');
    await button('Take back').waitFor();
    expect(await settled()).toBe('BUTTON Take back');
    simulator.end('alpha', 'fork-bomb');
    await main().getByText('It is over').waitFor();
    expect(await settled()).toMatch(/^ARTICLE .*, alpha$/);
  });

  test('goes to the next rule when one is removed, and stays near when it was the last.', async () => {
    await goTo('Egress');
    await keys.choose('Part of its egress', 'Allow-list');
    for (const name of ['a.test', 'b.test']) {
      await keys.enter(button('Add rule'));
      await expect.poll(focus).toBe('INPUT Target');
      await keys.type(name);
    }
    await keys.enter(button('Remove a.test'));
    expect(await settled()).toBe('BUTTON Remove b.test');
    await keys.press('Enter');
    await main().getByText('No rule of its own.').waitFor();
    expect(await settled()).toBe('H1 Egress');
  });

  test('goes on in the list of containers when one goes.', async () => {
    const list = page.getByRole('list', { name: 'Containers' });
    await keys.tabTo(list.getByRole('button', { name: 'beta' }));
    simulator.remove('beta');
    await list.getByRole('button', { name: 'beta' }).waitFor({ state: 'detached' });
    expect(await settled()).toContain('gamma');
  });
});

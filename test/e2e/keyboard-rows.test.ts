import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { buildShell, startDesktop, type Desktop } from './desktop.ts';

const names = ['alpha', 'beta', 'gamma', 'delta'];

describeWith(['chromium'], 'The list of containers, by keyboard', () => {
  let folder: string;
  let simulator: Simulator;
  let desktop: Desktop;
  let page: Page;

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-rows-'));
    simulator = await startSimulator({
      socketPath: join(folder, 'engine.sock'),
      plan: {
        containers: names.map((name) => ({ name, agent: 'idle', image: `example/${name}:1` })),
        networks: [],
      },
    });
    desktop = startDesktop({ monitor: { engine: `unix://${simulator.socketPath}` } });
    page = await desktop.openPage();
    await page.getByRole('row').nth(names.length).waitFor();
  });

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const head = (name: string) =>
    page.getByRole('columnheader', { name }).getByRole('button', { name });
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');

  test('the keys of a row do nothing on a column head.', async () => {
    await head('Container').focus();
    await page.keyboard.press('p');
    await page.keyboard.press('n');
    await page.keyboard.press('k');
    await page.waitForTimeout(1000);
    expect(await page.getByRole('alertdialog').count()).toBe(0);
    expect(await page.getByText(/^(frozen|cut off|paused)$/).count()).toBe(0);
  });

  test('the way down from a column head leads to the first row.', async () => {
    await head('Container').click();
    await head('Container').focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toContain('alpha');
  });

  test('when the row with the focus goes, no other has it, and the arrow leads to the next.', async () => {
    await row('beta').focus();
    simulator.remove('beta');
    await row('beta').waitFor({ state: 'detached' });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('role')))
      .toBe('grid');
    // What was meant for the one that is gone is not done to another.
    await page.keyboard.press('p');
    await page.waitForTimeout(1000);
    expect(await page.getByText(/^(frozen|paused)$/).count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toContain('delta');
  });
});

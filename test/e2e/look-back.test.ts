import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { findItem } from '../host/menu.ts';
import { playedClock } from '../main/played-clock.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until, type Desktop } from './desktop.ts';

const day = 86_400_000;
const entry = 'A day was watched: look back …';

describeWith(['chromium'], 'A day after Sentra first watched', () => {
  const clock = playedClock();
  let folder: string;
  let simulator: Simulator;
  let desktop: Desktop;

  const start = (isHidden: boolean, at = folder) =>
    startDesktop({
      folder: at,
      clock,
      isHidden,
      reducedMotion: true,
      monitor: { engine: `unix://${simulator.socketPath}`, learnMs: 1000 },
    });
  const isOffered = () => desktop.trays[0]!.menu.some(({ label }) => label === entry);
  const isWatching = () =>
    until(
      () => (/Watching \d+ containers/.test(desktop.trays[0]?.tooltip ?? '') ? true : undefined),
      'the tray to say that it watches',
    );

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-look-back-'));
    const plan = demoPlan(1, { firstIncidentAfterSeconds: 4 });
    simulator = await startSimulator({ socketPath: join(folder, 'engine.sock'), plan });
    desktop = start(true);
    await isWatching();
  }, 240_000);

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the look back is offered in the tray, and no window is opened for it.', async () => {
    clock.pass(day - 60_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isOffered()).toBe(false);
    const told = desktop.notifications.length;
    clock.pass(60_000);
    await until(() => (isOffered() ? true : undefined), 'the offer in the tray');
    expect(desktop.windows.length).toBe(0);
    const about = desktop.notifications.slice(told).filter(({ title }) => /day/i.test(title));
    expect(about).toEqual([]);
  });

  test('the window, once it is opened, offers it too, in the place of the first hint.', async () => {
    findItem(desktop.trays[0]!.menu, 'Open Sentra').click();
    const page = await desktop.openPage();
    await page.getByText('A day was watched.').waitFor();
    expect(await page.getByText('New here?').count()).toBe(0);
    expect(await objections(page)).toEqual([]);
    expect(isOffered()).toBe(true);
  });

  test('the tray leads to the page, which says by itself what would have been done, to whom.', async () => {
    const page = await desktop.openPage();
    await page.getByRole('navigation').getByRole('button', { name: 'Findings' }).click();
    await page.getByRole('option').first().waitFor({ timeout: 120_000 });
    findItem(desktop.trays[0]!.menu, entry).click();
    await page.getByRole('heading', { level: 1, name: 'First steps' }).waitFor();
    await page.getByText(/^Tried on [1-9]\d* recorded findings?\.$/).waitFor();
    const rule = page.getByRole('listitem').filter({ has: page.getByRole('switch') });
    await rule
      .getByText(/Would have struck [1-9]\d* times?: \S+/)
      .first()
      .waitFor();
    expect(await rule.count()).toBe(2);
    // It came, and never comes again: it is promised no more.
    await page.getByText('offered by itself').waitFor({ state: 'detached' });
    await until(() => (isOffered() ? undefined : true), 'the end of the offer in the tray');
    await page.getByRole('navigation').getByRole('button', { name: 'Overview' }).click();
    await page.getByRole('row').nth(1).waitFor();
    expect(await page.getByText('A day was watched.').count()).toBe(0);
  });

  test('who waves it off in the window is offered it no more, in the window and in the tray.', async () => {
    const aside = desktop;
    const other = mkdtempSync(join(tmpdir(), 'sentra-look-back-'));
    desktop = start(false, other);
    try {
      await isWatching();
      const page = await desktop.openPage();
      const go = (screen: string) =>
        page.getByRole('navigation').getByRole('button', { name: screen }).click();
      await go('First steps');
      await page.getByText('After a day the look back is offered by itself').waitFor();
      await go('Overview');
      clock.pass(day);
      await page.getByText('A day was watched.').waitFor();
      await until(() => (isOffered() ? true : undefined), 'the offer in the tray');
      await page.getByRole('button', { name: 'Not now' }).click();
      await page.getByText('A day was watched.').waitFor({ state: 'detached' });
      await until(() => (isOffered() ? undefined : true), 'the end of the offer in the tray');
    } finally {
      await desktop.end();
      desktop = aside;
      rmSync(other, { recursive: true, force: true });
    }
  });

  test('it is offered once: not after the next start, however many days later.', async () => {
    await desktop.end();
    desktop = start(false);
    await isWatching();
    clock.pass(3 * day);
    const page = await desktop.openPage();
    await page.getByRole('row').nth(1).waitFor();
    await page.waitForTimeout(300);
    expect(isOffered()).toBe(false);
    expect(await page.getByText('A day was watched.').count()).toBe(0);
  });
});

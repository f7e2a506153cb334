import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startMonitor } from '../../monitor/monitor.ts';
import { silentLogger } from '../../monitor/runtime/logger.ts';
import { demoPlan, type DemoOptions } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { expectOk } from '../monitor/record/examples.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until, type Desktop } from './desktop.ts';

describeWith(['chromium', 'root'], 'What keeps Sentra from watching', () => {
  let folder: string;
  let simulator: Simulator | undefined;
  let desktop: Desktop;
  let page: Page;

  beforeAll(() => buildShell());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-disturbed-'));
  });

  afterEach(async () => {
    await desktop.end();
    await simulator?.close();
    simulator = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  async function startEngine(options: DemoOptions = {}): Promise<Simulator> {
    const socketPath = join(folder, 'engine.sock');
    return startSimulator({ socketPath, plan: demoPlan(1, options) });
  }

  async function openOn(engine: string, learnMs?: number): Promise<void> {
    desktop = startDesktop({ folder, monitor: { engine, learnMs }, reducedMotion: true });
    page = await desktop.openPage();
  }

  const monitorPid = (): number | undefined => desktop.children.pids('sentra-monitor')[0];

  /** Ends the monitor as a crash does, and waits until it is gone. */
  async function killMonitor(): Promise<void> {
    const pid = await until(monitorPid, 'the monitor');
    process.kill(pid, 'SIGKILL');
    await until(() => (monitorPid() === pid ? undefined : true), 'the end of the monitor');
  }

  /** Looks at the words with what axe has, while they are said; light and dark. */
  async function isToldWell(words: string, button: string | undefined): Promise<void> {
    const notice = page.getByRole('main').getByText(words);
    await notice.waitFor();
    if (button !== undefined) await page.getByRole('button', { name: button }).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await objections(page), `${words} ${colorScheme}`).toEqual([]);
    }
    // What was looked at was still what is meant.
    expect(await notice.count()).toBe(1);
  }

  /** The same on another screen, from which the list of containers is not to be seen. */
  async function isToldOnEveryScreen(words: string, button: string | undefined): Promise<void> {
    for (const screen of ['Overview', 'Findings', 'Settings']) {
      await page.getByRole('navigation').getByRole('button', { name: screen }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await isToldWell(words, button);
    }
  }

  test('no Docker: what to do, and nothing that axe objects to.', async () => {
    await openOn('unix:///nowhere/docker.sock');
    await isToldOnEveryScreen('Nothing is watched: no engine answers.', 'Look again');
    await page.getByRole('navigation').getByRole('button', { name: 'Findings' }).click();
    await page.getByText('What was found is not known yet').waitFor();
    expect(await page.getByText('Nothing is wrong now').count()).toBe(0);
    await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
    await page.getByText('Nothing is known yet').waitFor();
    // Whoever has no browser is told that the button did nothing.
    desktop.electron.shell.openExternal = () => Promise.reject(new Error('No browser.'));
    await page.getByRole('button', { name: 'Instructions' }).click();
    await page.getByRole('log').getByText('The page could not be opened.').waitFor();
  });

  test('no permission: what to do, and nothing that axe objects to.', async () => {
    simulator = await startEngine();
    chownSync(simulator.socketPath, 12_345, 12_345);
    await openOn(`unix://${simulator.socketPath}`);
    await isToldOnEveryScreen('Nothing is watched: Docker does not let Sentra in.', 'Look again');
    await page.getByText('belongs to another user (uid 12345)').waitFor();
    // It is looked for again: with the socket in order, it is watched.
    chownSync(simulator.socketPath, 0, 0);
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('Watching · observe').waitFor();
  });

  test('engine lost: it keeps trying, and nothing that axe objects to.', async () => {
    simulator = await startEngine();
    await openOn(`unix://${simulator.socketPath}`);
    await page.getByRole('row').nth(1).waitFor();
    await simulator.close();
    // What counts is not read out with it, over whatever a person reads, each second.
    const counting = page.getByText(/has not answered for \d+/);
    const before = await counting.innerText();
    const alert = page.getByRole('alert').filter({ hasText: 'The engine does not answer.' });
    const said = await alert.innerText();
    await expect.poll(() => counting.innerText()).not.toBe(before);
    expect(await alert.innerText()).toBe(said);
    await isToldOnEveryScreen('The engine does not answer.', 'Instructions');
    await page.getByRole('navigation').getByRole('button', { name: 'Overview' }).click();
    // The last known stays in sight.
    await page.getByRole('row').nth(1).waitFor();
  });

  test('an engine that is lost again after another monitor came is told again.', async () => {
    simulator = await startEngine();
    await openOn(`unix://${simulator.socketPath}`);
    await page.getByRole('row').nth(1).waitFor();
    const losses = () =>
      desktop.notifications.filter(({ title }) => title === 'Docker does not answer').length;
    for (const told of [1, 2]) {
      await simulator.close();
      await until(() => (losses() === told ? true : undefined), `the loss, ${told}`);
      await killMonitor();
      await page.getByText('Nothing is watched: no engine answers.').waitFor();
      simulator = await startEngine();
      await page.getByRole('button', { name: 'Look again' }).click();
      await page.getByText('Watching · observe').waitFor();
    }
  });

  test('watched by another monitor: it says so, and nothing that axe objects to.', async () => {
    simulator = await startEngine();
    const engine = `unix://${simulator.socketPath}`;
    const controlFolder = join(folder, 'state', 'control');
    mkdirSync(controlFolder, { recursive: true, mode: 0o700 });
    const started = await startMonitor(
      {
        engine,
        policyFile: undefined,
        learnMs: undefined,
        intervalMs: undefined,
        stateFolder: folder,
        controlFolder,
        simulate: false,
        byApi: false,
      },
      { logger: silentLogger },
    );
    const other = expectOk(started);
    try {
      await openOn(engine);
      await isToldWell('Another monitor of yours watches this engine.', 'Look again');
    } finally {
      await other.stop();
    }
  });

  test('monitor killed again and again: restarting, then stopped, each told well, and what cannot be read is not said to be nothing.', async () => {
    simulator = await startEngine({ firstIncidentAfterSeconds: 4 });
    await openOn(`unix://${simulator.socketPath}`, 1000);
    const go = (screen: string) =>
      page.getByRole('navigation').getByRole('button', { name: screen }).click();
    await go('Findings');
    const options = page.getByRole('option');
    await options.nth(1).waitFor({ timeout: 120_000 });
    await go('Overview');
    for (let end = 1; end <= 5; end += 1) await killMonitor();
    await page.getByText(/Attempt 5 in/).waitFor();
    await page.getByRole('row').nth(1).dblclick();
    const unread = ['The past cannot be read.', 'How it was made cannot be read'];
    for (const words of unread) await page.getByText(words).waitFor();
    await page.getByText('Watching · observe').waitFor();
    for (const words of unread) await page.getByText(words).waitFor({ state: 'detached' });

    await killMonitor();
    // The sixth time it waits for four seconds at least.
    await page.getByText(/Attempt 6 in/).waitFor();
    await isToldWell('Monitoring stopped; it is being started again.', undefined);
    await killMonitor();
    await isToldOnEveryScreen('Monitoring stopped. Nothing is watched.', 'Start watching');

    await go('Findings');
    await options.nth(1).click();
    await page.getByText(/^What was done cannot be read/).waitFor();
    expect(await page.getByText('Nothing was done about it.').count()).toBe(0);
    await page.getByRole('button', { name: 'Start watching' }).click();
    await page.getByText('Watching · observe').waitFor();
    await page
      .getByRole('region', { name: 'What was done' })
      .getByText(/cannot be read/)
      .waitFor({ state: 'detached' });
  });
});

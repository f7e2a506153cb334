import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { startMonitorProcess, type MonitorProcess } from '../scenarios/monitor-process.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until, type Desktop } from './desktop.ts';

describeWith(['chromium'], 'The tray app beside a monitor in a terminal', () => {
  let folder: string;
  let simulator: Simulator;
  let headless: MonitorProcess;
  let desktop: Desktop;
  let page: Page;

  const ownMonitor = (): number | undefined => desktop.children.pids('sentra-monitor')[0];
  const told = () => page.getByText('Another monitor of yours watches this engine.');

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-beside-'));
    const plan = demoPlan(1, { firstIncidentAfterSeconds: 100_000 });
    simulator = await startSimulator({ socketPath: join(folder, 'engine.sock'), plan });
    const engine = `unix://${simulator.socketPath}`;
    headless = startMonitorProcess(join(folder, 'state'), ['--engine', engine]);
    // The first line is a snapshot: it watches, and holds the lock.
    await until(() => headless.lines[0], 'the monitor in the terminal');
    desktop = startDesktop({ folder, monitor: { engine }, reducedMotion: true });
    page = await desktop.openPage();
  });

  afterAll(async () => {
    await desktop.end();
    if (headless.isRunning()) await headless.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('shows what that one sees, and says so.', async () => {
    await page.getByRole('row').nth(8).waitFor();
    await told().waitFor();
    await page.getByText(`process ${headless.pid}`).waitFor();
    await page.getByText('Watching · observe').waitFor();
    expect(ownMonitor()).toBeUndefined();
    expect(await objections(page)).toEqual([]);
    const menu = desktop.trays[0]!.menu.map(({ label }) => label);
    expect(menu).toContain('Freeze all agents');
  });

  test('acts through it.', async () => {
    const row = page.getByRole('row').nth(1);
    await row.getByRole('button', { name: /^Pause/ }).click();
    await row.getByText('frozen').waitFor();
    const done = headless.lines.filter(({ type }) => type === 'action');
    expect(JSON.stringify(done.at(-1))).toContain('"state":"proved"');
  });

  test('watches by itself when that one is gone, however it ended, and knows what is held.', async () => {
    await headless.kill9();
    await until(ownMonitor, 'a monitor of its own');
    await told().waitFor({ state: 'detached' });
    await page.getByText('Watching · observe').waitFor();
    await page.getByRole('row').filter({ hasText: 'frozen' }).waitFor();
  });
});

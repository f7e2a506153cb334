import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { ContainerPlan } from '../../monitor/simulator/plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { ask } from '../engine/engine-http.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

const agent = (name: string, image = 'example/agent:1'): ContainerPlan => ({
  name,
  agent: 'idle',
  image,
});

describeWith(['chromium'], 'In Settings', () => {
  let folder: string;
  let [here, there]: Simulator[] = [];
  let desktop: Desktop;
  let page: Page;

  const at = (simulator: Simulator | undefined): string => `unix://${simulator?.socketPath ?? ''}`;
  const monitorPid = (): number | undefined => desktop.children.pids('sentra-monitor')[0];
  const section = (name: string) => page.getByRole('region', { name, exact: true });
  const question = () => page.getByRole('alertdialog');

  async function goTo(name: 'Overview' | 'Settings'): Promise<void> {
    await page.getByRole('navigation').getByRole('button', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  }

  /** Waits until the list has these containers and no other. */
  async function seesOnly(...names: readonly string[]): Promise<void> {
    await goTo('Overview');
    const rows = page.getByRole('row').filter({ has: page.getByRole('gridcell') });
    const titles = rows.locator('[role="gridcell"]:first-child').getByRole('button');
    await expect
      .poll(async () => (await titles.allInnerTexts()).sort(), { timeout: 60_000 })
      .toEqual(names);
  }

  /** Asks for another engine, and says yes. */
  async function choose(endpoint: string): Promise<void> {
    await goTo('Settings');
    await page.getByLabel('Watch another engine').fill(endpoint);
    await page.getByRole('button', { name: 'Watch it…' }).click();
    await question().getByRole('button', { name: 'Watch it', exact: true }).click();
    await question().waitFor({ state: 'detached' });
  }

  /** Fills in a selection and asks for it; the question stands then. */
  async function select(of: { readonly only: string; readonly leaveOut: string }): Promise<void> {
    await goTo('Settings');
    const selection = section('Selection');
    await selection.getByRole('button', { name: 'Change…' }).click();
    const part = (name: string) => selection.getByRole('group', { name });
    await part('Watch only').getByLabel('Names').fill(of.only);
    await part('Leave out').getByLabel('Images').fill(of.leaveOut);
    await selection.getByRole('button', { name: 'Save…' }).click();
    await question().waitFor();
  }

  /** Ends the monitor as a crash does, and waits until it is gone. */
  async function killMonitor(): Promise<void> {
    const pid = await until(monitorPid, 'the monitor');
    process.kill(pid, 'SIGKILL');
    await until(() => (monitorPid() === pid ? undefined : true), 'the end of the monitor');
  }

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-engines-'));
    const start = (name: string, containers: readonly ContainerPlan[]): Promise<Simulator> =>
      startSimulator({
        socketPath: join(folder, `${name}.sock`),
        plan: { containers, networks: [] },
      });
    here = await start('here', [agent('here-coder'), agent('here-tests')]);
    there = await start('there', [
      agent('there-coder'),
      agent('there-tests'),
      agent('there-queue', 'example/queue:7'),
    ]);
    mkdirSync(join(folder, 'desk'));
    desktop = startDesktop({
      monitor: { engine: at(here) },
      reducedMotion: true,
      folder: join(folder, 'desk'),
    });
    page = await desktop.openPage();
  });

  afterAll(async () => {
    await desktop.end();
    await here?.close();
    await there?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('an engine that cannot be reached is refused with what to do, and nothing changes.', async () => {
    await seesOnly('here-coder', 'here-tests');
    const before = monitorPid();
    await choose(`unix://${join(folder, 'nobody.sock')}`);
    const refusal = page
      .getByRole('alert')
      .filter({ hasText: 'What was watched is watched still.' });
    await refusal.filter({ hasText: 'No engine runs at' }).waitFor();
    await refusal.filter({ hasText: 'Start the engine:' }).waitFor();
    await section('Engine').getByText('connected', { exact: true }).waitFor();
    expect(monitorPid()).toBe(before);
    await seesOnly('here-coder', 'here-tests');
  });

  test('another engine is watched in the place of the first, but only after a yes.', async () => {
    await goTo('Settings');
    await page.getByLabel('Watch another engine').fill(at(there));
    await page.getByRole('button', { name: 'Watch it…' }).click();
    await question().getByText('guarded no longer').waitFor();
    await question().getByRole('button', { name: 'Cancel' }).click();
    await question().waitFor({ state: 'detached' });
    await seesOnly('here-coder', 'here-tests');
    await choose(at(there));
    await seesOnly('there-coder', 'there-queue', 'there-tests');
    await goTo('Settings');
    await section('Engine')
      .getByText(`Chosen by you: ${at(there)}`)
      .waitFor();
  });

  test('the choice outlives the monitor.', async () => {
    await killMonitor();
    await until(monitorPid, 'another monitor');
    // The list keeps the last known; what is new tells which engine is watched now.
    there?.add(agent('there-late'));
    await seesOnly('there-coder', 'there-late', 'there-queue', 'there-tests');
    there?.remove('there-late');
    await seesOnly('there-coder', 'there-queue', 'there-tests');
  });

  test('where the chosen engine is gone it says what to do, and the first can be had back.', async () => {
    await there?.close();
    await page.getByText('The engine does not answer.').waitFor();
    await killMonitor();
    const main = page.getByRole('main');
    await main.getByText('Nothing is watched: no engine answers.').waitFor();
    await main.getByText(/No engine runs at .*there\.sock.* Start the engine:/).waitFor();
    await main.getByRole('button', { name: 'Look again' }).waitFor();
    await choose(at(here));
    await seesOnly('here-coder', 'here-tests');
    await main.getByText('Nothing is watched: no engine answers.').waitFor({ state: 'detached' });
  });

  test('only what is selected is watched, after a yes, and the rest is named as not watched.', async () => {
    here?.add(agent('here-queue', 'example/queue:7'));
    await seesOnly('here-coder', 'here-queue', 'here-tests');
    await select({ only: '*-coder, *-queue', leaveOut: 'example/queue*' });
    await question().getByText('Watched: names *-coder, *-queue.').waitFor();
    await question().getByText('Left out: images example/queue*.').waitFor();
    await question().getByRole('button', { name: 'Cancel' }).click();
    await question().waitFor({ state: 'detached' });
    await section('Selection').getByText('3 containers watched, 0 not').waitFor();
    await section('Selection').getByRole('button', { name: 'Save…' }).click();
    await question().getByRole('button', { name: 'Watch these' }).click();
    await section('Selection').getByText('1 container watched, 2 not').waitFor();
    await seesOnly('here-coder');
    await page.getByText('2 not watched').waitFor();
    for (const name of ['here-queue', 'here-tests']) {
      const answer = await page.evaluate(
        (target) =>
          (
            globalThis as unknown as { sentra: { pause(of: object): Promise<unknown> } }
          ).sentra.pause({ target }),
        name,
      );
      const message = `${name} is not watched: \`watch\` in the policy leaves it out.`;
      expect(answer).toMatchObject({ ok: false, error: { message } });
    }
    // One that comes later is held against it too.
    here?.add(agent('here-later'));
    await page.getByText('3 not watched').waitFor();
    await seesOnly('here-coder');
  });

  test('an empty selection watches everything again.', async () => {
    await select({ only: '', leaveOut: '' });
    await question().getByText('Watched: every container.').waitFor();
    await question().getByRole('button', { name: 'Watch these' }).click();
    await section('Selection').getByText('4 containers watched, 0 not').waitFor();
    await seesOnly('here-coder', 'here-later', 'here-queue', 'here-tests');
  });

  test('Sentra’s hands are taken off everything, after a yes to all that is named, and stay off.', async () => {
    await goTo('Settings');
    const atLogin = page.getByRole('switch', { name: 'Start Sentra when I log in' });
    await atLogin.click();
    const file = join(folder, 'desk', 'config', 'autostart', 'dev.sentra.app.desktop');
    await until(() => existsSync(file) || undefined, 'the autostart file');
    const idOf = (name: string): string => here?.idOf(name).slice(0, 12) ?? '';
    await page.evaluate(() =>
      (globalThis as unknown as { sentra: { pause(of: object): Promise<unknown> } }).sentra.pause({
        target: 'here-coder',
      }),
    );
    // Somebody else's doing.
    await ask(here?.socketPath ?? '', 'POST', '/containers/here-queue/pause');
    const before = monitorPid();
    const off = section('Hands off');
    const begin = off.getByRole('button', { name: 'Take Sentra’s hands off everything…' });
    await begin.click();
    await question()
      .getByText(`here-coder (${idOf('here-coder')}): paused, cut off`)
      .waitFor();
    await question().getByText('what starts Sentra when you log in').waitFor();
    await question().getByRole('button', { name: 'Cancel' }).click();
    await question().waitFor({ state: 'detached' });
    expect([monitorPid(), existsSync(file)]).toEqual([before, true]);

    await begin.click();
    await question().getByRole('button', { name: 'Take all of it away' }).click();
    await off.getByText('Sentra’s hands are off everything.').waitFor();
    await off.getByText(`here-coder (${idOf('here-coder')}): let go`).waitFor();
    await off.getByText(`docker unpause ${idOf('here-queue')}`).waitFor();
    await page.getByText('Monitoring stopped. Nothing is watched.').waitFor();
    expect(existsSync(file)).toBe(false);
    expect(await atLogin.getAttribute('aria-checked')).toBe('false');
    await until(() => monitorPid() === undefined || undefined, 'the end of the monitor');
    expect(await objections(page)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(monitorPid()).toBeUndefined();

    await page.getByRole('button', { name: 'Start watching' }).click();
    await seesOnly('here-coder', 'here-later', 'here-queue', 'here-tests');
  });
});

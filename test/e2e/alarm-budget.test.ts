import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { beginContainer, createDetection, stepDetection } from '../../monitor/detect/detection.ts';
import type { WorkloadKey } from '../../monitor/model/workload.ts';
import { startMonitor } from '../../monitor/monitor.ts';
import { toStored } from '../../monitor/pipeline/baseline/stored-baseline.ts';
import type { AlarmsView } from '../../monitor/rpc/service/service-alarms.ts';
import { silentLogger } from '../../monitor/runtime/logger.ts';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { idleSecond } from '../monitor/detect/story.ts';
import { expectOk, openForTest } from '../monitor/record/examples.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until, type Desktop } from './desktop.ts';

const day = 86_400_000;
const learnMs = 5000;

describeWith(['chromium'], 'The budget of false alarms in the window', () => {
  let folder: string;
  let simulator: Simulator;
  let desktop: Desktop;
  let page: Page;
  let queue: WorkloadKey;

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-budget-'));
    const plan = demoPlan(3, { firstIncidentAfterSeconds: 100_000 });
    simulator = await startSimulator({ socketPath: join(folder, 'engine.sock'), plan, seed: 3 });
    queue = await seeTheQueue();
    knowItForDays();
    desktop = startDesktop({
      monitor: { engine: `unix://${simulator.socketPath}`, learnMs, stateFolder: folder },
      reducedMotion: true,
    });
    page = await desktop.openPage();
    await page.getByRole('row').filter({ hasText: 'queue' }).waitFor();
  }, 240_000);

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A monitor that ran before has left a record, in which the queue is known. */
  async function seeTheQueue(): Promise<WorkloadKey> {
    const started = await startMonitor(
      {
        engine: `unix://${simulator.socketPath}`,
        policyFile: undefined,
        learnMs,
        intervalMs: undefined,
        stateFolder: folder,
        controlFolder: folder,
        simulate: false,
        byApi: false,
      },
      { logger: silentLogger },
    );
    const monitor = expectOk(started);
    const seen = await until(
      () => monitor.service.snapshot().workloads.find(({ workload }) => workload.name === 'queue'),
      'the queue to be seen',
    );
    await monitor.stop();
    return seen.workload.key;
  }

  /** What the detectors know after two quiet days: what the queue never did is rare for it. */
  function knowItForDays(): void {
    const detection = createDetection({ learnMs, hostCpus: 4 });
    const container = 'a'.repeat(64);
    beginContainer(detection, queue, container, undefined, []);
    let at = Date.now() - 3 * day;
    const live = (ms: number, intervalMs: number): void => {
      for (const end = at + ms; at < end; at += intervalMs) {
        stepDetection(detection, { ...idleSecond(at), intervalMs, workload: queue, container });
      }
    };
    live(600_000, 1000);
    live(2 * day, 10_000);
    const [engine = ''] = readdirSync(join(folder, 'engines'));
    const store = openForTest(join(folder, 'engines', engine, 'record.db'));
    const known = detection.baselines.get(queue);
    if (known === undefined) throw new Error('Nothing is known of the queue.');
    expectOk(store.baselines.put(toStored(queue, known, Date.now())));
    expectOk(store.close());
  }

  /** What the monitor says, asked beside what is drawn. */
  async function monitorSays(): Promise<AlarmsView> {
    const reply = await page.evaluate(() =>
      (globalThis as unknown as { sentra: { alarms(of: object): Promise<unknown> } }).sentra.alarms(
        {},
      ),
    );
    return expectOk(reply as { ok: true; value: AlarmsView });
  }

  const budgetBecomes = (alarmsPerDay: number) =>
    until(
      async () => ((await monitorSays()).alarmsPerDay === alarmsPerDay ? true : undefined),
      `a budget of ${alarmsPerDay} a day`,
    );
  const countedBecomes = (count: number) =>
    until(async () => {
      const own = (await monitorSays()).workloads.find(({ workload }) => workload === queue);
      return own?.markedFalse === count ? true : undefined;
    }, `${count} to be counted as false`);

  const region = () => page.getByRole('region', { name: 'False alarms' });
  const button = (name: string | RegExp, within: Page | Locator = page) =>
    within.getByRole('button', { name, exact: typeof name === 'string' });
  const choose = (name: string, within: Page | Locator = page) =>
    within.getByRole('radio', { name, exact: true }).check();
  const go = (screen: string) =>
    page.getByRole('navigation').getByRole('button', { name: screen }).click();

  /** Presses Tab until the element has the focus. */
  async function tabTo(target: Locator): Promise<void> {
    for (let step = 0; step < 80; step += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`The keyboard does not lead to ${String(target)}.`);
  }

  async function axeIsContent(): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await objections(page)).toEqual([]);
    }
  }

  test('a higher one holds at once and is undone with one key, by keyboard alone.', async () => {
    await go('Settings');
    const one = region().getByRole('radio', { name: '1', exact: true });
    await one.waitFor();
    expect(await one.isChecked()).toBe(true);
    await tabTo(one);
    await page.keyboard.press('ArrowRight');
    expect((await monitorSays()).alarmsPerDay).toBe(1);
    await tabTo(button('Set budget', region()));
    await page.keyboard.press('Enter');
    await budgetBecomes(5);
    await page.getByRole('log').getByText('The budget is 5 alarms a day now.').waitFor();
    await region().getByText('It was 1 before.').waitFor();
    await axeIsContent();
    await until(
      () =>
        button('Undo', region()).evaluate((element) =>
          element === document.activeElement ? true : undefined,
        ),
      'the focus on the button that undoes it',
    );
    await page.keyboard.press('Enter');
    await budgetBecomes(1);
    await region().getByText('It was 5 before.').waitFor();
    expect(await one.isChecked()).toBe(true);
  });

  test('one that is much lower is asked about; no leaves it, yes sets it.', async () => {
    await choose('0.2', region());
    await button('Set budget…', region()).click();
    const question = page.getByRole('alertdialog');
    await question.getByText(/It is 1 a day now/).waitFor();
    await axeIsContent();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect((await monitorSays()).alarmsPerDay).toBe(1);
    await button('Set budget…', region()).click();
    await button('Set to 0.2 a day', question).click();
    await budgetBecomes(0.2);
  });

  test('another number is taken within its bounds, and refused in words beyond them.', async () => {
    await choose('Other', region());
    const field = region().getByLabel('Another number');
    expect(await field.inputValue()).toBe('0.2');
    await field.fill('101');
    await region().getByText('Give a number from 0.01 to 100, such as 0.5.').waitFor();
    expect(await button('Set budget', region()).isDisabled()).toBe(true);
    await axeIsContent();
    await field.fill('2.5');
    await field.press('Enter');
    await budgetBecomes(2.5);
    await region().getByText('It was 0.2 before.').waitFor();
  });

  test('what is expected and what was stands there, for all and for each.', async () => {
    await region()
      .getByText(/Expected of one container by its own history|Too early to say/)
      .first()
      .waitFor();
    await region()
      .getByText(/^Container by container/)
      .click();
    const own = region().getByRole('listitem').filter({ hasText: 'queue' });
    await own.getByText(/^Expected .* a day, in fact .*: \d+ alarms? .*judged\.$/).waitFor();
    await axeIsContent();
  });

  test('an alarm is called false with one key, is counted, and is taken back.', async () => {
    simulator.begin('queue', { kind: 'exfiltration', strength: 'medium' });
    await go('Findings');
    await choose('All');
    const alarm = page
      .getByRole('option')
      .filter({ hasText: 'queue' })
      .filter({ hasText: 'Level beyond the learned range' })
      .first();
    await alarm.click();
    await countedBecomes(0);
    const mark = button('False alarm');
    await tabTo(mark);
    await page.keyboard.press('Enter');
    await countedBecomes(1);
    await page.getByText(/You called it a false alarm\. It counts against the budget/).waitFor();
    await page.getByRole('option').filter({ hasText: 'False alarm: Level beyond' }).waitFor();
    // It is normal besides, so there is nothing to acknowledge; and it is not offered once more.
    expect(await button('Acknowledge').count()).toBe(0);
    expect(await mark.count()).toBe(0);
    await axeIsContent();

    await go('Settings');
    await region()
      .getByText(/^Container by container/)
      .click();
    const own = region().getByRole('listitem').filter({ hasText: 'queue' });
    await own.getByText(/\(1 called false\)/).waitFor();

    await go('Findings');
    await choose('All');
    await page.getByRole('option').filter({ hasText: 'False alarm: Level beyond' }).click();
    await tabTo(button('Not a false alarm'));
    await page.keyboard.press('Enter');
    await countedBecomes(0);
    await mark.waitFor();
    expect(await mark.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.getByText('False alarm: Level beyond').count()).toBe(0);
  });
});

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { expectOk, finding, openForTest } from '../monitor/record/examples.ts';
import { buildShell, startDesktop, until, type Desktop } from './desktop.ts';

/** A policy of so many rules that trying it on a thousand findings takes a person's patience. */
const longPolicy = [
  'version: 1',
  'mode: observe',
  'rules:',
  ...Array.from({ length: 200 }, (_, index) => {
    const parts = Array.from({ length: 45 }, (_each, part) => `finding.age != ${index}.${part}`);
    return `- {name: rule ${index}, when: '${parts.join(' && ')}', do: [notify]}`;
  }),
].join('\n');

describeWith(['chromium'], 'A preview of the policy that takes long', () => {
  let folder: string;
  let simulator: Simulator;
  let desktop: Desktop;
  let page: Page;

  const start = () =>
    startDesktop({
      folder,
      reducedMotion: true,
      monitor: { engine: `unix://${simulator.socketPath}` },
    });

  beforeAll(async () => {
    buildShell();
    folder = mkdtempSync(join(tmpdir(), 'sentra-preview-'));
    const plan = demoPlan(1, { firstIncidentAfterSeconds: 100_000 });
    simulator = await startSimulator({ socketPath: join(folder, 'engine.sock'), plan });
    // A first run leaves a record with the workloads; what was found is put into it.
    desktop = start();
    page = await desktop.openPage();
    await page.getByRole('row').nth(8).waitFor();
    await desktop.end();
    fillRecord();
    desktop = start();
    page = await desktop.openPage();
    await page.getByRole('row').nth(8).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Policy' }).click();
    await page.getByRole('radio', { name: 'Text' }).check();
    await page.getByRole('textbox', { name: 'Policy text, YAML' }).fill(longPolicy);
    await page.getByText('No problems.').waitFor();
    await page.getByRole('radio', { name: 'Preview' }).check();
  }, 240_000);

  afterAll(async () => {
    await desktop.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function fillRecord(): void {
    const engines = join(folder, 'state', 'engines');
    const [engine = ''] = readdirSync(engines);
    const store = openForTest(join(engines, engine, 'record.db'), { now: () => Date.now() });
    const workload = expectOk(store.workloads.all())[0]!.workload;
    const begin = Date.now() - 3_600_000;
    for (let index = 0; index < 1000; index += 1) {
      const at = begin + index * 1000;
      const { key, container } = workload;
      const id = `${container}|fork-bomb|processes|${at}`;
      const over = { id, workload: key, container, onsetAt: at, at, status: 'closed' } as const;
      expectOk(store.findings.put(finding(over)));
    }
    expectOk(store.close());
  }

  const tries = () => page.getByRole('button', { name: 'Try on the past' });
  const progress = () => page.getByRole('progressbar', { name: 'Trying the policy' });

  /** How far the monitor has come, asked beside what is drawn; nothing when it tries nothing. */
  const monitorTries = (): Promise<number | undefined> =>
    page.evaluate(async () => {
      type Progress = { readonly value?: { readonly of: number; readonly done: number } };
      const { sentra } = globalThis as unknown as {
        sentra: { previewProgress(of: object): Promise<Progress> };
      };
      const { value } = await sentra.previewProgress({});
      return value === undefined || value.of === 0 ? undefined : value.done;
    });

  test('shows how far it has come, and is given up by Cancel: the monitor stops too.', async () => {
    await tries().click();
    await expect
      .poll(async () => Number(await progress().getAttribute('value')), { timeout: 30_000 })
      .toBeGreaterThan(0);
    expect(Number(await progress().getAttribute('max'))).toBeGreaterThanOrEqual(1000);
    expect(await monitorTries()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await tries().waitFor();
    await progress().waitFor({ state: 'detached' });
    await until(
      async () => ((await monitorTries()) === undefined ? true : undefined),
      'the monitor to try nothing',
      5000,
    );
    // What was given up tells nothing later.
    await page.waitForTimeout(500);
    expect(await page.getByText(/recorded finding|could not be tried/).count()).toBe(0);
  });

  test('is given up by leaving the screen, and another may be begun at once.', async () => {
    await tries().click();
    await progress().waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
    await until(
      async () => ((await monitorTries()) === undefined ? true : undefined),
      'the monitor to try nothing',
      5000,
    );
    await page.getByRole('navigation').getByRole('button', { name: 'Policy' }).click();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    await page.getByRole('radio', { name: 'Preview' }).check();
    await tries().click();
    await page.getByText(/^Over .*1000 recorded findings/).waitFor({ timeout: 30_000 });
  });
});

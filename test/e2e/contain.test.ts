import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { testContainers } from '../engine/containers.ts';
import type { TestContainer } from '../engine/containers.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { findItem } from '../host/menu.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

/** Waits for a file, and is a fork bomb then. */
const misbehaves = `while [ ! -e /begin ]; do sleep 0.1; done
b() { b | b & }; b; sleep 600`;

describeWith(['engine', 'chromium'], 'On a desktop with a real engine', () => {
  const containers = testContainers(engineSocket());
  let desktop: Desktop;
  let page: Page;
  let agent: TestContainer;

  const row = () => page.getByRole('row').filter({ hasText: agent.name });
  const isPaused = async (): Promise<boolean> => (await agent.inspect()).State.Paused;
  const tray = () => desktop.trays[0]!;

  /** A container that misbehaves once it has been seen for two readings. */
  async function startAgent(): Promise<void> {
    agent = await containers.start({ args: ['sh', '-c', misbehaves], pids: 400 });
    await row().waitFor();
    await delay(2500);
  }

  beforeAll(async () => {
    buildShell();
    desktop = startDesktop({
      monitor: { engine: `unix://${engineSocket()}`, learnMs: 3000 },
    });
    page = await desktop.openPage();
  });

  afterAll(async () => {
    await desktop.end();
    await containers.removeAll();
  });

  test('a container that is started appears.', async () => {
    await startAgent();
    const entry = await until(
      () => tray().menu.find(({ label }) => label.startsWith(agent.name)),
      'the container in the tray menu',
    );
    expect(entry.submenu.map(({ label }) => label)).toContain('Pause');
  });

  test('when it misbehaves, there are a finding, a notification and another tray icon.', async () => {
    expect(await agent.exec(['touch', '/begin'])).toBe(0);
    const notification = await until(
      () => desktop.notifications.find(({ title }) => title.includes(agent.name)),
      'the notification',
    );
    // The policy that nobody has changed only says what it would do.
    expect(notification.body).toContain('Processes multiply');
    expect(notification.body).toContain('In enforce mode it would be frozen now.');
    expect(notification.buttons).toEqual(['Freeze', 'Kill …', 'Open']);
    await until(() => (tray().icon.endsWith('/finding.png') ? true : undefined), 'the tray icon');
    expect(tray().tooltip).toContain('1 not normal');
    await row().getByText('1 finding').waitFor();
    expect(await isPaused()).toBe(false);
  });

  test('the notification leads to the finding, whichever it was about.', async () => {
    const notification = desktop.notifications.find(({ title }) => title.includes(agent.name));
    // From elsewhere: from a screen on which no finding is shown.
    await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
    notification!.click();
    await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor();
    const detail = page.getByRole('article', { name: new RegExp(agent.name) });
    await detail.getByText(/Processes multiply/).waitFor();
    const chosen = page.getByRole('option', { selected: true });
    expect(await chosen.count()).toBe(1);
    expect(await chosen.innerText()).toContain(agent.name);
    await page.getByRole('button', { name: 'Overview' }).click();
  });

  test('Pause in the window pauses it: the engine says so, and the window says proved.', async () => {
    await row()
      .getByRole('button', { name: /^Pause/ })
      .click();
    await until(async () => ((await isPaused()) ? true : undefined), 'the engine to say paused');
    await page
      .getByRole('log')
      .getByText(/Read back: paused/)
      .waitFor();
    await until(() => (tray().icon.endsWith('/contained.png') ? true : undefined), 'the tray icon');
  });

  test('Resume in its row asks first: no leaves it frozen, yes lets it run.', async () => {
    const resume = row().getByRole('button', { name: /^(Resume|Release)/ });
    await resume.click();
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await isPaused()).toBe(true);
    await resume.click();
    await question.getByRole('button', { name: /^(Resume|Release)/ }).click();
    await until(async () => ((await isPaused()) ? undefined : true), 'the engine to say running');
    await page
      .getByRole('log')
      .getByText(new RegExp(`(Resumed|Released) ${agent.name}`))
      .waitFor();
  });

  test('Pause in its row pauses it once more.', async () => {
    await row()
      .getByRole('button', { name: /^Pause/ })
      .click();
    await until(async () => ((await isPaused()) ? true : undefined), 'the engine to say paused');
    await until(
      () => (findItem(tray().menu, agent.name).submenu[0]?.label === 'Pause' ? undefined : true),
      'the tray to say so',
    );
  });

  test('Resume in the tray asks in the window first, and then resumes it.', async () => {
    findItem(tray().menu, agent.name, 'Resume').click();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    expect(await isPaused()).toBe(true);
    await question.getByRole('button', { name: /^Resume/ }).click();
    await until(async () => ((await isPaused()) ? undefined : true), 'the engine to say running');
  });

  test('Pause in the tray pauses it at once, and says with what proof.', async () => {
    const item = await until(
      () => tray().menu.find(({ label }) => label.startsWith(agent.name))?.submenu[0],
      'the menu of the container',
    );
    await until(
      () => (findItem(tray().menu, agent.name).submenu[0]?.label === 'Pause' ? true : undefined),
      'Pause in the menu',
    );
    expect(item.enabled).toBe(true);
    const before = desktop.notifications.length;
    findItem(tray().menu, agent.name, 'Pause').click();
    await until(async () => ((await isPaused()) ? true : undefined), 'the engine to say paused');
    const told = await until(() => desktop.notifications[before], 'the notification');
    expect(told.title).toBe(`${agent.name}: done`);
  });

  test('Kill in the tray asks in the window first, and then kills it.', async () => {
    findItem(tray().menu, agent.name, 'Kill').click();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    expect((await agent.inspect()).State.Running).toBe(true);
    await question.getByRole('button', { name: /^Kill/ }).click();
    await until(
      async () => ((await agent.inspect()).State.Running ? undefined : true),
      'the engine to say exited',
    );
  });

  test('Kill in its row asks first: no lets it live, yes kills it, and the proof is read back.', async () => {
    await page.getByRole('button', { name: 'Overview' }).click();
    agent = await containers.start({ args: ['sleep', '600'] });
    const kill = row().getByRole('button', { name: /^Kill/ });
    await kill.click();
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect((await agent.inspect()).State.Running).toBe(true);
    await kill.click();
    await question.getByRole('button', { name: /^Kill/ }).click();
    await until(
      async () => ((await agent.inspect()).State.Running ? undefined : true),
      'the engine to say exited',
    );
    await page
      .getByRole('log')
      .getByText(new RegExp(`Killed ${agent.name}\\. \\S+`))
      .waitFor();
  });

  test('Freeze on a notification freezes at once.', async () => {
    await page.getByRole('button', { name: 'Overview' }).click();
    await startAgent();
    expect(await agent.exec(['touch', '/begin'])).toBe(0);
    const notification = await until(
      () => desktop.notifications.find(({ title }) => title.includes(agent.name)),
      'the notification',
    );
    notification.press('Freeze');
    await until(async () => ((await isPaused()) ? true : undefined), 'the engine to say paused');
  });
});

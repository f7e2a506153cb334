import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers } from '../engine/containers.ts';
import type { TestContainer } from '../engine/containers.ts';
import { addressOf } from '../monitor/egress/egress-stage.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

/** What curl ends with when it is refused over HTTP, or at another port, and when all is well. */
const [refused, unexplained] = [22, 7];
const reached = 0;

describeWith(
  ['engine', 'debian-image', 'chromium', 'root'],
  'A connection that is held, as a person sees it',
  () => {
    const containers = testContainers(engineSocket());
    let desktop: Desktop;
    let page: Page;
    let agent: TestContainer;
    let [first, second, third] = ['', '', ''];

    beforeAll(async () => {
      buildShell();
      const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
      const [asking, ...servers] = await Promise.all([
        containers.start({ args: ['sleep', '10000'], image: 'debian' }),
        ...Array.from({ length: 3 }, () => containers.start({ args: web })),
      ]);
      agent = asking;
      [first = '', second = '', third = ''] = await Promise.all(servers.map(addressOf));
      desktop = startDesktop({
        monitor: { engine: `unix://${engineSocket()}`, learnMs: 600_000 },
        reducedMotion: true,
      });
      page = await desktop.openPage();
      await page.getByRole('row').filter({ hasText: agent.name }).waitFor();
      await page.getByRole('navigation').getByRole('button', { name: 'Egress' }).click();
      await page.getByRole('list', { name: 'Containers' }).getByText(agent.name).click();
      await page.getByRole('heading', { name: agent.name }).waitFor();
      await page.getByRole('radio', { name: 'Ask' }).click();
      await page.getByText(/^sees( all|, with limits)$/).waitFor();
    });

    afterAll(async () => {
      // The wall goes with the container.
      await desktop.end();
      await containers.removeAll();
    });

    const curl = (address: string): Promise<number> =>
      agent.exec(
        ['curl', '-sf', '-o', '/dev/null', '--max-time', '90', `http://${address}/`],
        120_000,
      );
    const question = (address: string) =>
      page.getByRole('article', { name: `${agent.name} to ${address}, TCP 80` });
    const tray = () => desktop.trays[0]!;

    test('is told by notification and tray, shown in the window, and comes up when it is allowed.', async () => {
      await page.getByRole('navigation').getByRole('button', { name: 'Overview' }).click();
      const told = desktop.notifications.length;
      const trying = curl(first);
      const notification = await until(
        () => desktop.notifications.slice(told).find(({ title }) => title.includes(agent.name)),
        'the notification',
      );
      expect(notification.body).toContain(`${first} (tcp 80)`);
      expect(notification.buttons).toEqual(['Refuse once', 'Decide …']);
      await page.getByText('1 connection held.').waitFor();
      expect(tray().tooltip).toContain('1 connection held for your answer');
      const item = await until(
        () => tray().menu.find(({ label }) => label === '1 connection held: decide …'),
        'the entry of the tray',
      );
      item.click();
      await question(first).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await objections(page)).toEqual([]);
      }
      await question(first)
        .getByText(/It was never there|Nothing is on record/)
        .waitFor();
      await question(first).getByRole('button', { name: 'Allow' }).click();
      expect(await trying).toBe(reached);
      await question(first).waitFor({ state: 'detached' });
      await page.getByRole('radio', { name: 'Allow-list' }).check();
      expect(await page.getByRole('textbox', { name: 'Target' }).inputValue()).toBe(`${first}/32`);
      expect(await curl(first)).toBe(reached);
    });

    test('Refuse once on the notification refuses it at once and makes no rule.', async () => {
      const told = desktop.notifications.length;
      const trying = curl(second);
      const notification = await until(
        () => desktop.notifications.slice(told).find(({ title }) => title.includes(agent.name)),
        'the notification',
      );
      notification.press('Refuse once');
      expect(await trying).toBe(refused);
      await question(second).waitFor({ state: 'detached' });
      expect(await page.getByRole('textbox', { name: 'Target' }).count()).toBe(1);
    });

    test('by keyboard: Deny puts a rule into the list, and refuses it.', async () => {
      const trying = agent.exec(
        ['curl', '-sf', '-o', '/dev/null', '--max-time', '90', `http://${third}:81/`],
        120_000,
      );
      const asked = page.getByRole('article', { name: `${agent.name} to ${third}, TCP 81` });
      await asked.waitFor();
      await asked.getByRole('button', { name: 'Deny' }).focus();
      await page.keyboard.press('Enter');
      expect(await trying).toBe(unexplained);
      await asked.waitFor({ state: 'detached' });
      // The focus does not go with the question.
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.tagName))
        .not.toBe('BODY');
      await until(
        async () =>
          (await page.getByRole('textbox', { name: 'Target' }).count()) === 2 ? true : undefined,
        'the rule in the list',
      );
    });

    test('to ask in place of enforcing loosens, so it is asked first.', async () => {
      await page.getByRole('radio', { name: 'Enforce' }).click();
      await page.getByText('Nothing leaves but what the list allows.').waitFor();
      await page.getByRole('radio', { name: 'Ask' }).click();
      const dialog = page.getByRole('alertdialog');
      await dialog.getByRole('button', { name: 'Hold and ask' }).click();
      await page.getByText(/is held until you answer/).waitFor();
    });
  },
);

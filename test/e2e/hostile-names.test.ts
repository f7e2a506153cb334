import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { testContainers, type TestContainer } from '../engine/containers.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { screens } from './screens.ts';

const markup = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';

/** What a program is called that a container wrote itself; a slash would end a file's name. */
const program = '<img src=x onerror=window.owned=1>';

describeWith(['engine', 'chromium'], 'A container whose labels and programs are markup', () => {
  const containers = testContainers(engineSocket());
  let desktop: Desktop;
  let page: Page;
  let agent: TestContainer;
  const violations: string[] = [];

  beforeAll(async () => {
    buildShell();
    const script = 'printf \'#!/bin/sh\\nsleep 600\\n\' > "/tmp/$1"; chmod +x "/tmp/$1"; "/tmp/$1"';
    agent = await containers.start({
      args: ['sh', '-c', `: '${markup}'; ${script}`, 'sh', program],
      labels: {
        'com.docker.compose.project': markup,
        'com.docker.compose.service': markup,
        note: markup,
        [markup]: 'note',
      },
    });
    desktop = startDesktop({ monitor: { engine: `unix://${engineSocket()}`, learnMs: 3000 } });
    page = await desktop.openPage();
    await page.exposeFunction('violated', (what: string) => violations.push(what));
    await page.evaluate(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        (globalThis as unknown as { violated: (what: string) => void }).violated(event.blockedURI);
      });
    });
    await page.getByRole('row').nth(1).waitFor();
  });

  afterAll(async () => {
    await desktop.end();
    await containers.removeAll();
  });

  async function isInert(): Promise<void> {
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => 'owned' in window)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    expect(violations).toEqual([]);
  }

  test('is harmless on every screen.', async () => {
    for (const { go } of screens) await go(page);
    await isInert();
  });

  test('its labels are text on its page, and so are the names of its processes.', async () => {
    await page.getByRole('button', { name: 'Overview' }).click();
    await page.getByRole('gridcell').getByRole('button', { name: agent.name }).first().click();
    const docker = page.getByRole('region', { name: 'What Docker says' });
    await docker.getByText(`note=${markup}`).waitFor();
    await docker.getByText(`${markup}=note`).waitFor();
    await docker.getByText(`: '${markup}';`).waitFor();
    const processes = page.getByRole('region', { name: 'Processes', exact: true });
    await processes.getByRole('button', { name: 'List processes' }).click();
    await processes.getByText(`/tmp/${program}`).first().waitFor();
    await isInert();
  });

  test('a command with markup is text in the finding about it, told and shown.', async () => {
    await page.getByText(/what is normal has been known/).waitFor();
    expect(await agent.exec(['sh', '-c', `: '${markup}'; sleep 2`])).toBe(0);
    // A desktop on Linux reads markup in notifications: there it must not be any.
    const told = await until(
      () => desktop.notifications.find(({ body }) => body.includes('&lt;img src=x')),
      'the notification',
    );
    expect(told.body).not.toContain('<');
    told.click();
    const detail = page.getByRole('article');
    await detail.getByText('<img src=x onerror="window.owned=1">').first().waitFor();
    await isInert();
  });
});

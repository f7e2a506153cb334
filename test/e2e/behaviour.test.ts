import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { testContainers, type TestContainer } from '../engine/containers.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { hostileNames, steeringCharacters } from '../monitor/cli/memory-terminal.ts';
import { objections } from './axe.ts';
import { buildShell, startDesktop, type Desktop } from './desktop.ts';

/** Starts programs all the time, tries to mount, and has a name that would steer a terminal. */
const works = `while :; do /bin/ls / "$0" >/dev/null; mount -t tmpfs none /mnt; sleep 0.5; done`;

describeWith(
  ['engine', 'root', 'chromium', 'kernel-sensor'],
  'What a container calls and starts',
  () => {
    const containers = testContainers(engineSocket());
    let desktop: Desktop;
    let page: Page;
    let agent: TestContainer;

    const region = (name: string) => page.getByRole('region', { name });

    beforeAll(async () => {
      buildShell();
      desktop = startDesktop({
        monitor: { engine: `unix://${engineSocket()}`, learnMs: 600_000 },
        reducedMotion: true,
      });
      page = await desktop.openPage();
      agent = await containers.start({ args: ['sh', '-c', works, hostileNames[0]] });
      const row = page.getByRole('row').filter({ hasText: agent.name });
      await row.waitFor();
      // In the list first: how many calls a second.
      await row.getByText(/\d\/s$/).waitFor({ timeout: 30_000 });
      await row.getByRole('button').first().click();
    }, 240_000);

    afterAll(async () => {
      await desktop.end();
      await containers.removeAll();
    });

    test('stands on its page: the mix of calls, the rare ones, the tree of starts.', async () => {
      await region('System calls now').getByText('execve').waitFor();
      await region('Rare calls').getByText('mount', { exact: true }).first().waitFor();
      const tree = region('Tree of process starts');
      await tree.getByText('/bin/busybox').first().waitFor();
      expect(await tree.innerText()).not.toMatch(steeringCharacters);
    });

    test.each(['light', 'dark'] as const)(
      'leaves axe nothing to object to, %s.',
      async (scheme) => {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await region('System calls now').waitFor();
        expect(await objections(page)).toEqual([]);
      },
    );
  },
);

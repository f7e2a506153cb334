import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { ContainerPlan } from '../../monitor/simulator/plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';
import { describeWith } from '../engine/capabilities.ts';
import { clientOf } from '../monitor/simulator/stage.ts';
import { iconOf, itemOf } from './carrier/carrier.ts';
import type { Carrier, CarrierOptions, SeenDesktop } from './carrier/carrier.ts';
import { programHere } from './carrier/chosen-program.ts';
import { startInProcess } from './carrier/in-process.ts';
import { startInProgram } from './carrier/program.ts';
import { buildShell, until } from './desktop.ts';

const program = await programHere();

/** The hosts that the scenarios run on: nothing below asks which it is. */
const hosts: readonly [string, (options: CarrierOptions) => Promise<Carrier>][] = [
  ['the stand-in in this process', startInProcess],
  ['a program driven by Playwright', (options) => startInProgram(program, options)],
];

const names = ['coder', 'queue', 'worker', 'spare'];

/** Few processes may run in each, so that it is soon sure that they multiply. */
const containers = names.map((name): ContainerPlan => ({
  name,
  agent: 'idle',
  image: `example/${name}:1`,
  pidsLimit: 64,
}));

/** A simulated engine with Sentra over it. */
interface Stage extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly desktop: Carrier;
}

async function openStage(start: (options: CarrierOptions) => Promise<Carrier>): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'sentra-host-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'engine.sock');
  const simulator = await startSimulator({ socketPath, plan: { containers, networks: [] } });
  stack.defer(() => simulator.close());
  const desktop = await start({ engine: `unix://${socketPath}`, folder });
  stack.defer(() => desktop.end());
  const opened = stack.move();
  return { simulator, desktop, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describeWith(['chromium'], 'Sentra', () => {
  const opening = new Map<string, Promise<Stage>>();

  beforeAll(() => {
    buildShell();
    console.log(program.reason);
    // All at once: a program takes its time to start, and the scenarios of another run meanwhile.
    for (const [host, start] of hosts) {
      const stage = openStage(start);
      // Awaited further down: until then its failure is nobody's.
      stage.catch(() => undefined);
      opening.set(host, stage);
    }
  });

  // Also of a host whose scenarios were left out: it was started with the others.
  afterAll(async () => {
    const opened = await Promise.allSettled(opening.values());
    for (const stage of opened) {
      if (stage.status === 'fulfilled') await stage.value[Symbol.asyncDispose]();
    }
  });

  describe.each(hosts)('on %s', (host) => {
    let simulator: Simulator;
    let desktop: Carrier;
    let page: Page;

    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    const question = () => page.getByRole('alertdialog');
    const stateOf = async (name: string) =>
      (await clientOf(simulator).getContainer(name).inspect()).State;
    const monitors = (seen: SeenDesktop): readonly number[] =>
      seen.children.flatMap(({ pid, name }) => (name === 'sentra-monitor' ? [pid] : []));

    /** The place of the notification of the finding; -1 before there is one. */
    const placeOf = ({ notifications }: SeenDesktop): number =>
      notifications.findIndex(({ title }) => title.includes('coder'));
    /** What a container's own menu offers first. */
    const firstOf = (seen: SeenDesktop, name: string): string =>
      itemOf(seen, name)?.submenu[0]?.label ?? '';

    async function monitorPid(): Promise<number> {
      const [pid] = monitors(await sees('the monitor', (now) => monitors(now).length === 1));
      // A signal to 0 would go to all of the test's own group.
      if (pid === undefined || pid <= 1) throw new Error('The monitor has no pid.');
      return pid;
    }

    /** Waits until the desktop is so. */
    async function sees(what: string, isSo: (seen: SeenDesktop) => boolean): Promise<SeenDesktop> {
      return until(async () => {
        const seen = await desktop.look();
        return isSo(seen) ? seen : undefined;
      }, what);
    }

    async function engineSays(
      name: string,
      isSo: (state: { Paused: boolean; Running: boolean }) => boolean,
    ): Promise<void> {
      await until(async () => (isSo(await stateOf(name)) ? true : undefined), `${name} to be so`);
    }

    async function goTo(screen: 'Overview' | 'Settings'): Promise<void> {
      await page.getByRole('navigation').getByRole('button', { name: screen }).click();
      await page.getByRole('heading', { level: 1, name: screen }).waitFor();
    }

    beforeAll(async () => {
      const stage = await opening.get(host);
      if (stage === undefined) throw new Error(`${host} was not started.`);
      ({ simulator, desktop } = stage);
      console.log(`Seen on: ${desktop.seenOn}.`);
      page = await desktop.openPage();
    });

    test('is never said to be Electron where it is the stand-in.', () => {
      const isElectron = /^Electron \d/.test(desktop.seenOn);
      expect(isElectron).toBe(program.isElectron && host !== 'the stand-in in this process');
      if (!isElectron) expect(desktop.seenOn).toContain('not on Electron itself');
    });

    test('starts: window, rows, icon and menu.', async () => {
      for (const name of names) await row(name).waitFor();
      const seen = await sees('a menu with the containers', (now) =>
        names.every((name) => itemOf(now, name) !== undefined),
      );
      expect(seen.trays).toHaveLength(1);
      expect(iconOf(seen)).toMatch(/^(learning|calm)\.png$/);
      expect(itemOf(seen, 'coder')?.submenu.map(({ label }) => label)).toContain('Pause');
      expect(seen.windows).toEqual([{ isVisible: true }]);
      expect(monitors(seen)).toHaveLength(1);
      // It takes the monitor some readings to be sure; what follows next is seen meanwhile.
      simulator.begin('coder', { kind: 'fork-bomb', strength: 'strong' });
    });

    test('stays where it is, opens no window, and hands out no address.', async () => {
      const before = page.url();
      await page.evaluate(() => {
        location.href = 'https://evil.example/';
      });
      await sees('the refusal to go elsewhere', () =>
        desktop.output().includes('A page wanted to go elsewhere and was kept.'),
      );
      await page.evaluate(() => void window.open('https://evil.example/'));
      await sees('the refusal to open a window', () =>
        desktop.output().includes('A page wanted to open a window and was refused.'),
      );
      expect(page.url()).toBe(before);
      await until(
        () => (page.context().pages().length === 1 ? true : undefined),
        'no page but that',
      );
      const seen = await desktop.look();
      expect(seen.windows).toHaveLength(1);
      expect(seen.opened).toEqual([]);
      const inPage = await page.evaluate(() => ({
        node: ['require', 'process', 'module', 'ipcRenderer'].filter((name) => name in globalThis),
        bridge: Object.isFrozen((globalThis as { sentra?: object }).sentra),
      }));
      expect(inPage).toEqual({ node: [], bridge: true });
    });

    test('pauses by the window, and says with what proof.', async () => {
      await goTo('Overview');
      await row('queue')
        .getByRole('button', { name: /^Pause/ })
        .click();
      await engineSays('queue', ({ Paused }) => Paused);
      await page
        .getByRole('log')
        .getByText(/Read back: paused/)
        .waitFor();
    });

    test('pauses by the tray at once, and says so by a notification that leads to the window.', async () => {
      expect(firstOf(await desktop.look(), 'worker')).toBe('Pause');
      await desktop.choose('worker', 'Pause');
      await engineSays('worker', ({ Paused }) => Paused);
      const isIt = ({ title }: { title: string }) => title === 'worker: done';
      const { notifications } = await sees('the word of it', (now) => now.notifications.some(isIt));
      await goTo('Settings');
      await desktop.clickNotification(notifications.findIndex(isIt));
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    });

    test('resumes and kills by the window after a question, and says with what proof.', async () => {
      const deed = async (name: RegExp): Promise<void> => {
        await row('worker').getByRole('button', { name }).click();
        await question().getByRole('button', { name }).click();
        await question().waitFor({ state: 'detached' });
      };
      await deed(/^(Resume|Release)/);
      await engineSays('worker', ({ Paused }) => !Paused);
      await deed(/^Kill/);
      await engineSays('worker', ({ Running }) => !Running);
      await page
        .getByRole('log')
        .getByText(/Killed worker\. \S+/)
        .waitFor();
    });

    test('tells a container that misbehaves, also a page that was kept from leaving.', async () => {
      const seen = await sees('the icon', (now) => iconOf(now) === 'finding.png');
      expect(seen.trays[0]?.tooltip).toContain('1 not normal');
      const { notifications } = await sees('the notification', (now) => placeOf(now) >= 0);
      const told = notifications.find(({ title }) => title.includes('coder'));
      expect(told?.body).toContain('Processes multiply');
      expect(told?.body).toContain('In enforce mode it would be frozen now.');
      expect(told?.buttons).toEqual(['Freeze', 'Kill …', 'Open']);
      await row('coder').getByText('1 finding').waitFor();
      expect((await stateOf('coder')).Paused).toBe(false);
    });

    test('freezes by the button of the notification at once; resumes by the tray after a question.', async () => {
      await desktop.press(placeOf(await desktop.look()), 'Freeze');
      await engineSays('coder', ({ Paused }) => Paused);
      await sees('the icon', (now) => iconOf(now) === 'contained.png');
      await sees('Resume in the menu', (now) => firstOf(now, 'coder').startsWith('Resume'));
      await desktop.choose('coder', 'Resume');
      await question().waitFor();
      expect((await stateOf('coder')).Paused).toBe(true);
      await question()
        .getByRole('button', { name: /^Resume/ })
        .click();
      await engineSays('coder', ({ Paused }) => !Paused);
    });

    test('kills by the tray after a question.', async () => {
      await desktop.choose('coder', 'Kill');
      await question().waitFor();
      expect((await stateOf('coder')).Running).toBe(true);
      await question().getByRole('button', { name: /^Kill/ }).click();
      await engineSays('coder', ({ Running }) => !Running);
    });

    test('says that the monitor was killed, and is whole again by itself.', async () => {
      await goTo('Overview');
      const before = await monitorPid();
      const told = page
        .getByText('Monitoring stopped; it is being started again')
        .waitFor({ timeout: 5_000 });
      process.kill(before, 'SIGKILL');
      await told;
      await sees('another monitor', (now) => monitors(now).some((pid) => pid !== before));
      // What was held before is known again.
      await row('queue')
        .getByText(/frozen/i)
        .first()
        .waitFor();
      await sees('the containers in the menu', (now) => itemOf(now, 'spare') !== undefined);
    });

    test('knows after a sleep of the machine what happened meanwhile.', async () => {
      const pid = await monitorPid();
      await desktop.power('suspend');
      process.kill(pid, 'SIGSTOP');
      simulator.remove('spare');
      simulator.add({ name: 'newcomer', agent: 'idle', image: 'example/newcomer:1' });
      process.kill(pid, 'SIGCONT');
      await desktop.power('resume');
      await row('newcomer').waitFor();
      await row('spare').waitFor({ state: 'detached' });
      await sees('it in the menu', (now) => itemOf(now, 'newcomer') !== undefined);
      expect(itemOf(await desktop.look(), 'spare')).toBeUndefined();
      expect(await monitorPid()).toBe(pid);
    });

    test('is one instance: a second start ends with 0, and shows the window.', async () => {
      await desktop.closeWindow();
      await sees('the window hidden', ({ windows }) => windows[0]?.isVisible === false);
      expect(await desktop.startAgain()).toBe(0);
      await sees('the window again', ({ windows }) => windows[0]?.isVisible === true);
      expect(monitors(await desktop.look())).toHaveLength(1);
    });

    test('quits by the menu with 0, and leaves no monitor behind.', async () => {
      const pid = await monitorPid();
      expect(await desktop.quit()).toBe(0);
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    });
  });
});

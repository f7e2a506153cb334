import type { EventEmitter } from 'node:events';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../engine/capabilities.ts';
import { findItem } from '../host/menu.ts';
import { buildShell, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

describeWith(['chromium'], 'Sentra on a desktop', () => {
  let desktop: Desktop;

  beforeAll(() => buildShell());

  afterEach(async () => {
    await desktop.end();
  });

  const monitorPid = (): number | undefined => desktop.children.pids('sentra-monitor')[0];
  const icon = (): string => desktop.trays[0]?.icon ?? '';

  test('says at once that the monitor was killed, and is whole again by itself.', async () => {
    desktop = startDesktop({ monitor: { simulate: true } });
    const page = await desktop.openPage();
    const rows = page.getByRole('row');
    await rows.nth(8).waitFor();
    const before = await until(monitorPid, 'the monitor');
    const told = page
      .getByText('Monitoring stopped; it is being started again')
      .waitFor({ timeout: 5_000 });
    const killedAt = performance.now();
    process.kill(before, 'SIGKILL');
    await told;
    console.log(`The window says so after ${Math.round(performance.now() - killedAt)} ms.`);
    const after = await until(() => {
      const pid = monitorPid();
      return pid === undefined || pid === before ? undefined : pid;
    }, 'another monitor');
    expect(after).not.toBe(before);
    await until(() => (/learning|calm|finding/.test(icon()) ? true : undefined), 'the tray');
    await rows.nth(8).waitFor();
    const answer = await page.evaluate(() =>
      (
        globalThis as unknown as { sentra: { snapshot(of: object): Promise<{ ok: boolean }> } }
      ).sentra.snapshot({}),
    );
    expect(answer.ok).toBe(true);
  });

  test('has no page until somebody looks, and none a while after.', async () => {
    desktop = startDesktop({ monitor: { simulate: true }, isHidden: true, keepClosedMs: 300 });
    await until(() => desktop.trays[0], 'the tray');
    expect(desktop.browser.isStarted()).toBe(false);
    findItem(desktop.trays[0]!.menu, 'Open Sentra').click();
    const page = await desktop.openPage();
    await until(() => (desktop.windows[0]?.isVisible() === true ? true : undefined), 'the window');
    desktop.windows[0]!.closeByPerson();
    expect(desktop.windows[0]?.isVisible()).toBe(false);
    await until(() => (desktop.windows.length === 0 ? true : undefined), 'the end of the page');
    await until(() => (page.isClosed() ? true : undefined), 'the end of the page in Chromium');
    expect(monitorPid()).toBeDefined();
    desktop.app.startSecond(['--hidden']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(desktop.windows.length).toBe(0);
    desktop.app.startSecond([]);
    await desktop.openPage();
  });

  test('makes its page anew when it died while nobody looked.', async () => {
    desktop = startDesktop({ monitor: { simulate: true } });
    await (await desktop.openPage()).getByRole('row').nth(8).waitFor();
    const window = desktop.windows[0]!;
    window.closeByPerson();
    const contents = window.contents as unknown as EventEmitter;
    contents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    findItem(desktop.trays[0]!.menu, 'Open Sentra').click();
    await until(() => (desktop.windows[0] === window ? undefined : true), 'another window');
    await (await desktop.openPage()).getByRole('row').nth(8).waitFor();
  });

  test.each(['absent', 'unknown'] as const)(
    'where a tray is %s it shows its window, says so, and ends with it.',
    async (trayHost) => {
      desktop = startDesktop({ monitor: { simulate: true }, isHidden: true, trayHost });
      const page = await desktop.openPage();
      await page.getByText('closing it ends Sentra').waitFor();
      desktop.windows[0]!.closeByPerson();
      expect(await desktop.app.ended).toBe(0);
    },
  );

  test('where no engine answers, it says what to do, and shows the simulator when asked.', async () => {
    desktop = startDesktop({ monitor: { engine: 'unix:///nowhere/docker.sock' } });
    const page = await desktop.openPage();
    await until(() => (icon().endsWith('/no-engine.png') ? true : undefined), 'the tray icon');
    await page.evaluate(() =>
      (
        globalThis as unknown as { sentra: { demonstrate(of: object): Promise<unknown> } }
      ).sentra.demonstrate({ on: true }),
    );
    await page.getByText('Simulated.').waitFor();
    await page.getByRole('row').nth(8).waitFor();
  });
});

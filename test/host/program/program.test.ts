import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserWindow } from 'electron';
import { _electron } from 'playwright-core';
import type { JSHandle } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../engine/capabilities.ts';

const standIn = join(import.meta.dirname, 'electron');

/** An app of its own, which shows one window and answers what it was started with. */
const app = `
import { createRequire } from 'node:module';
import { app, BrowserWindow } from 'electron';
const required = createRequire(import.meta.url)('electron');
globalThis.seen = {
  words: process.argv,
  isSame: required.app === app && required.BrowserWindow === BrowserWindow,
  wasReady: app.isReady(),
  isFirst: app.requestSingleInstanceLock(),
};
app.on('will-quit', () => process.stderr.write('will quit\\n'));
if (!globalThis.seen.isFirst) app.quit();
app.on('second-instance', (_event, words) => { globalThis.seen.second = words.at(-1); });
app.whenReady().then(async () => {
  await new BrowserWindow({ title: 'x' }).loadURL('data:text/html,<main>drawn</main>');
});
`;

describeWith(['chromium'], 'The stand-in as a program', () => {
  let folder: string;
  let environment: Record<string, string>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-program-'));
    const about = { name: 'x', productName: 'X', version: '1.2.3', type: 'module', main: 'm.mjs' };
    mkdirSync(join(folder, 'app'));
    writeFileSync(join(folder, 'app', 'package.json'), JSON.stringify(about));
    writeFileSync(join(folder, 'app', 'm.mjs'), app);
    environment = { ...(process.env as Record<string, string>), XDG_CONFIG_HOME: folder };
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is driven by Playwright in its own way, with its loader, which holds the start back.', async () => {
    const before = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] = import.meta.dirname;
    const own = [join(folder, 'app'), '--own'];
    const application = await _electron.launch({ args: own, env: environment }).finally(() => {
      if (before === undefined) delete process.env['ELECTRON_OVERRIDE_DIST_PATH'];
      else process.env['ELECTRON_OVERRIDE_DIST_PATH'] = before;
    });
    const child = application.process();
    const ended = once(child, 'exit');
    try {
      const page = await application.firstWindow();
      await page.getByText('drawn').waitFor();
      const window = (await application.browserWindow(page)) as JSHandle<BrowserWindow>;
      expect(await window.evaluate((of) => [of.isVisible(), of.id])).toEqual([true, 1]);
      const seen = await application.evaluate(({ app: of }) => ({
        ...(globalThis as unknown as { seen: object }).seen,
        version: of.getVersion(),
        userData: of.getPath('userData'),
        hasSwitch: of.commandLine.hasSwitch('disable-popup-blocking'),
        electron: process.versions.electron,
      }));
      expect(seen).toEqual({
        words: [standIn, ...own],
        isSame: true,
        wasReady: false,
        isFirst: true,
        version: '1.2.3',
        userData: join(folder, 'X'),
        hasSwitch: true,
        electron: undefined,
      });
      const second = promisify(execFile)(standIn, [join(folder, 'app'), '--again'], {
        env: environment,
      });
      expect((await second).stderr).toBe('will quit\n');
      await expect
        .poll(() =>
          application.evaluate(
            () => (globalThis as unknown as { seen: { second?: string } }).seen.second,
          ),
        )
        .toBe('--again');
    } finally {
      await application.close();
    }
    expect(await ended).toEqual([0, null]);
  });

  test('ends with 1 and the reason for what cannot be loaded.', async () => {
    writeFileSync(join(folder, 'app', 'm.mjs'), 'throw new Error("no start");');
    const running = promisify(execFile)(standIn, [join(folder, 'app')], { env: environment });
    await expect(running).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Error: no start') as string,
    });
  });
});

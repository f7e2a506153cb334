import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow } from 'electron';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../engine/capabilities.ts';
import { createHost } from './host.ts';
import type { Host } from './host.ts';

/** A preload that asks for what it may have and what not, and exposes what the tests call. */
const preload = `
const { contextBridge, ipcRenderer } = require('electron');
const refused = [];
for (const name of ['fs', './other.cjs']) {
  try { require(name); } catch (error) { refused.push(error.message); }
}
globalThis.secret = 'of the preload';
const api = {
  refused: () => refused,
  echo: (value) => value,
  seesPage: () => 'ofThePage' in globalThis,
  fail: () => { throw new TypeError('thrown'); },
  reject: () => Promise.reject(Object.assign(new Error('rejected'), { code: 7 })),
  later: (value) => Promise.resolve(value),
  tell: (listener) => { listener('told', { deep: [1] }); },
  ask: (channel, ...values) => ipcRenderer.invoke(channel, ...values),
  listen: (listener) => {
    const heard = (_event, ...values) => listener(...values);
    ipcRenderer.on('news', heard);
    return () => { ipcRenderer.off('news', heard); };
  },
};
contextBridge.exposeInMainWorld('api', api);
try { contextBridge.exposeInMainWorld('api', api); } catch (error) { refused.push(error.message); }
`;

// docs/api/context-bridge.md, ipc-renderer.md, docs/tutorial/sandbox.md, spec/api-context-bridge-spec.ts.
describeWith(['chromium'], 'A page in the stand-in', () => {
  let folder: string;
  let host: Host;
  let window: BrowserWindow;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-contract-'));
    host = createHost({ folder });
    const { electron } = host;
    electron.protocol.registerSchemesAsPrivileged([]);
    await electron.app.whenReady();
    electron.protocol.handle('sentra', () => {
      const headers = { 'Content-Type': 'text/html' };
      return new Response('<script>window.ofThePage = true</script><main>here</main>', { headers });
    });
    electron.ipcMain.handle('sum', (_event, one: number, other: number) => one + other);
    electron.ipcMain.handle('bad', () => {
      throw new TypeError('bad');
    });
    const file = join(folder, 'preload.cjs');
    writeFileSync(file, preload);
    window = new electron.BrowserWindow({ webPreferences: { preload: file, sandbox: true } });
    // Nobody listens yet: as in Electron it is lost.
    window.webContents.send('news', 'too early');
    await window.loadURL('sentra://app/index.html');
    page = await host.windows[0]!.page;
  });

  afterAll(async () => {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  type Api = Record<string, (...values: unknown[]) => unknown>;
  /** Calls what the preload exposes, and gives the result or the error's words. */
  const call = (name: string, ...values: unknown[]) =>
    page.evaluate(
      async ([method, given]) => {
        const { api } = globalThis as unknown as { api: Api };
        try {
          return await api[method]?.(...given);
        } catch (error) {
          return `${(error as Error).constructor.name}: ${(error as Error).message} ${Object.keys(error as Error).join()}`;
        }
      },
      [name, values] as [string, unknown[]],
    );

  test('has a preload that may load neither modules of Node nor files, and expose a name once.', async () => {
    expect(await call('refused')).toEqual([
      'module not found: fs',
      'module not found: ./other.cjs',
      'Cannot bind an API on top of an existing property on the window object',
    ]);
  });

  test('shares no globals with its preload, either way.', async () => {
    expect(await page.evaluate(() => 'secret' in globalThis || 'require' in globalThis)).toBe(
      false,
    );
    expect(await call('seesPage')).toBe(false);
  });

  test('gets copies: what crosses is no longer the same object, and cannot be changed.', async () => {
    const seen = await page.evaluate(() => {
      const { api } = globalThis as unknown as { api: Api };
      const given = { at: new Date(5), list: [1, { deep: true }] };
      const got = api['echo']?.(given) as typeof given;
      return {
        same: got === given,
        at: got.at.getTime(),
        list: got.list,
        frozen: Object.isFrozen(api),
      };
    });
    expect(seen).toEqual({ same: false, at: 5, list: [1, { deep: true }], frozen: true });
  });

  test('gets errors as their words alone, thrown or rejected.', async () => {
    expect(await call('fail')).toBe('Error: thrown ');
    expect(await call('reject')).toBe('Error: rejected ');
    expect(await call('later', [1, null])).toEqual([1, null]);
  });

  test('hands functions over, which are called with copies.', async () => {
    const heard = await page.evaluate(() => {
      const { api } = globalThis as unknown as { api: Api };
      return new Promise((resolve) => {
        api['tell']?.((...values: unknown[]) => resolve(values));
      });
    });
    expect(heard).toEqual(['told', { deep: [1] }]);
  });

  test('asks the main process, and gets failures in Electron’s words.', async () => {
    expect(await call('ask', 'sum', 1, 2)).toBe(3);
    expect(await call('ask', 'bad')).toBe(
      "Error: Error invoking remote method 'bad': TypeError: bad ",
    );
    expect(await call('ask', 'none')).toContain("No handler registered for 'none'");
    const uncloned = await page.evaluate(async () => {
      const { api } = globalThis as unknown as { api: Api };
      try {
        return await api['ask']?.('sum', { symbol: Symbol('x') });
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(uncloned).toContain('could not be cloned');
  });

  test('hears what is sent while it listens, in order, and nothing before or after.', async () => {
    await page.evaluate(() => {
      const { api } = globalThis as unknown as { api: Api };
      const heard: unknown[] = [];
      const stop = api['listen']?.((value: unknown) => heard.push(value)) as () => void;
      Object.assign(globalThis, { heard, stop });
    });
    const heard = () => page.evaluate(() => (globalThis as unknown as { heard: unknown[] }).heard);
    for (const value of [1, 2, 3]) window.webContents.send('news', value);
    await expect.poll(heard).toEqual([1, 2, 3]);
    await page.evaluate(() => (globalThis as unknown as { stop: () => void }).stop());
    window.webContents.send('news', 4);
    expect(await call('ask', 'sum', 0, 0)).toBe(0);
    expect(await heard()).toEqual([1, 2, 3]);
  });

  test('tells the main process that it navigated when it has, not when it was kept.', async () => {
    const told: string[] = [];
    const keep = (event: { preventDefault(): void }) => event.preventDefault();
    window.webContents.on('did-start-navigation', () => told.push('start'));
    window.webContents.on('did-navigate', () => told.push('navigated'));
    window.webContents.on('will-navigate', keep);
    // The page has given the navigation up: a reload before that would be given up with it.
    const keptBack = page.waitForEvent('requestfailed');
    await page.evaluate(() => {
      location.href = '/other.html';
    });
    await keptBack;
    expect(told).toEqual(['start']);
    window.webContents.off('will-navigate', keep);
    await page.reload();
    expect(told).toEqual(['start', 'start', 'navigated']);
  });
});

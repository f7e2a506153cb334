import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { wireName } from '../../preload/channels.ts';
import { createHost } from '../host/host.ts';
import type { Host } from '../host/host.ts';
import { until } from '../e2e/desktop.ts';

/** Milliseconds until a row was there: since the window was asked for, since its page began. */
export interface Paint {
  readonly askedMs: number;
  readonly navigatedMs: number;
}

const page = '<!doctype html><title>bare</title><script type="module" src="/row.js"></script>';
const script = `for (let row = 0; row < 2; row += 1) {
  const element = document.createElement('p');
  element.setAttribute('role', 'row');
  element.textContent = 'A row';
  document.body.append(element);
}`;

/**
 * A page with two rows and nothing else, by the same stand-in and the same Chromium: what no program
 * can be quicker than here.
 */
export interface BarePage {
  paint(): Promise<Paint>;
  close(): Promise<void>;
}

/** Starts a desktop of its own for it. */
export async function startBarePage(preload: string): Promise<BarePage> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-bare-'));
  const host = createHost({ folder });
  const { electron } = host;
  electron.app.on('window-all-closed', () => undefined);
  await electron.app.whenReady();
  electron.protocol.handle('sentra', ({ url }) =>
    url.endsWith('.js')
      ? new Response(script, { headers: { 'Content-Type': 'text/javascript' } })
      : new Response(page, { headers: { 'Content-Type': 'text/html' } }),
  );
  electron.ipcMain.handle(wireName('subscribe'), () => null);
  const open = () => {
    const window = new electron.BrowserWindow({
      ...{ width: 1180, height: 800, show: false },
      webPreferences: { preload, sandbox: true, contextIsolation: true },
    });
    window.loadURL('sentra://app/index.html').catch(() => undefined);
    return window;
  };
  // The first one starts Chromium.
  const first = open();
  await watchRows(await firstPage(host));
  first.destroy();
  return {
    async paint() {
      const asked = Date.now();
      const window = open();
      const paint = await firstRow(await firstPage(host), asked);
      window.destroy();
      return paint;
    },
    async close() {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function firstPage({ windows }: Host): Promise<Page> {
  const window = await until(() => windows[0], 'a window');
  return window.page;
}

/** The pages that come after this one note by themselves when their first row stands. */
export async function watchRows(known: Page): Promise<void> {
  await known.context().addInitScript(() => {
    const look = (): void => {
      if (document.querySelectorAll('[role="row"]').length < 2) requestAnimationFrame(look);
      else document.documentElement.dataset['firstRow'] = String(performance.now());
    };
    requestAnimationFrame(look);
  });
}

/** What the page noted. It is left alone meanwhile: to ask it would be work of its own. */
export async function firstRow(of: Page, asked: number): Promise<Paint> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const noted = await of.waitForFunction(
    () => {
      const at = document.documentElement.dataset['firstRow'];
      return at !== undefined && { began: performance.timeOrigin, took: Number(at) };
    },
    undefined,
    { timeout: 30_000 },
  );
  const value = await noted.jsonValue();
  if (value === false) throw new Error('The window has no rows.');
  return { askedMs: value.began + value.took - asked, navigatedMs: value.took };
}

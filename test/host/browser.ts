import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { existsSync } from 'node:fs';
import { startLoopback } from './loopback.ts';
import type { Loopback } from './loopback.ts';
import type { HostSession } from './session.ts';

/** Asked for of Chromium one by one; what the app refuses is refused. */
const permissions = [
  'geolocation',
  'notifications',
  'camera',
  'microphone',
  'clipboard-read',
  'midi',
];

/** How Chromium is started, and how its pages look. */
export interface BrowserOptions {
  readonly launch: () => Promise<Browser>;
  readonly colorScheme: () => 'light' | 'dark';
  readonly reducedMotion?: boolean;
}

/** Chromium, started when the first window is made. */
export interface HostBrowser {
  newPage(size: { width: number; height: number }): Promise<Page>;
  /** Whether Chromium runs: a tray app without a window has none. */
  isStarted(): boolean;
  pages(): readonly Page[];
  close(): Promise<void>;
}

/** The path of Chromium on this machine; undefined where there is none. */
export function findChromium(): string | undefined {
  return [
    process.env['SENTRA_CHROMIUM'] ?? '',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path !== '' && existsSync(path));
}

/** Starts a Chromium that is this process's alone, and ends with it. */
export async function launchChromium(headless: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: demandChromium(),
    headless,
    args: [...sandboxSwitches()],
  });
}

/** The path of Chromium; throws where there is none. */
export function demandChromium(): string {
  const path = findChromium();
  if (path === undefined) throw new Error('There is no Chromium on this machine.');
  return path;
}

/** Chromium's sandbox does not run as root. */
export function sandboxSwitches(): readonly string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/** A browser whose every request is answered by the session, as Electron's network is. */
export function createHostBrowser(session: HostSession, options: BrowserOptions): HostBrowser {
  let starting: Promise<{ browser: Browser; context: BrowserContext }> | undefined;
  let context: BrowserContext | undefined;
  let loopback: Loopback | undefined;

  async function start(): Promise<{ browser: Browser; context: BrowserContext }> {
    loopback = await startLoopback(session);
    const browser = await options.launch();
    context = await browser.newContext({
      viewport: null,
      // Also for the stand-in's own addresses, which Chromium would resolve by itself.
      proxy: { server: loopback.address, bypass: '<-loopback>' },
      colorScheme: options.colorScheme(),
      reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
      permissions: permissions.filter((name) => session.grants(name)),
    });
    return { browser, context };
  }

  return {
    async newPage(size) {
      starting ??= start();
      const { context: own } = await starting;
      const page = await own.newPage();
      await page.setViewportSize(size);
      return page;
    },
    isStarted: () => starting !== undefined,
    pages: () => context?.pages() ?? [],
    async close() {
      const started = await starting?.catch(() => undefined);
      await started?.browser.close();
      await loopback?.close();
    },
  };
}

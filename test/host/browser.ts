import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { existsSync } from 'node:fs';
import type { HostSession } from './session.ts';

/** Where a page of `sentra://app` stands for Chromium, which knows no schemes of others. */
const standInHost = 'sentra.localhost';

/** Asked for of Chromium one by one; what the app refuses is refused. */
const permissions = [
  'geolocation',
  'notifications',
  'camera',
  'microphone',
  'clipboard-read',
  'midi',
];

/** `https://app.sentra.localhost/x` for `sentra://app/x`. */
export function toChromium(url: string): string {
  return url.replace(/^sentra:\/\/([^/]*)/, `https://$1.${standInHost}`);
}

/** `sentra://app/x` for `https://app.sentra.localhost/x`; others stay what they are. */
export function fromChromium(url: string): string {
  return url.replace(
    new RegExp(`^https://([^/]*)\\.${standInHost.replace('.', '\\.')}`),
    'sentra://$1',
  );
}

/** How Chromium is started. */
export interface BrowserOptions {
  readonly headless: boolean;
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

/** A browser whose every request is answered by the session, as Electron's network is. */
export function createHostBrowser(session: HostSession, options: BrowserOptions): HostBrowser {
  let starting: Promise<{ browser: Browser; context: BrowserContext }> | undefined;
  let context: BrowserContext | undefined;

  async function start(): Promise<{ browser: Browser; context: BrowserContext }> {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error('There is no Chromium on this machine.');
    const browser = await chromium.launch({
      executablePath,
      headless: options.headless,
      // Chromium's sandbox does not run as root.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    context = await browser.newContext({
      viewport: null,
      colorScheme: options.colorScheme(),
      reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
      permissions: permissions.filter((name) => session.grants(name)),
    });
    await context.route('**/*', async (route) => {
      const request = route.request();
      try {
        const answer = await session.answer(fromChromium(request.url()), request.method());
        if (answer.kind === 'blocked') {
          await route.abort('blockedbyclient');
          return;
        }
        const { response } = answer;
        await route.fulfill({
          status: response.status,
          headers: Object.fromEntries(response.headers),
          body: Buffer.from(await response.arrayBuffer()),
        });
      } catch {
        // The page went while it was being answered.
      }
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
    },
  };
}

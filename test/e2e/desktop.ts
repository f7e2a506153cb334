import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startShell } from '../../main/shell.ts';
import type { ProcessOptions } from '../../monitor/rpc/process-message.ts';
import type { Clock } from '../../monitor/runtime/clock.ts';
import { createLogger } from '../../monitor/runtime/logger.ts';
import type { TrayHost } from '../../preload/shell.ts';
import { createHost } from '../host/host.ts';
import type { Host, HostOptions } from '../host/host.ts';

const root = join(import.meta.dirname, '../..');
const built = join(root, 'dist', 'app');

/** A person's desktop with Sentra on it: the real shell, page and monitor on the stand-in. */
export interface Desktop extends Host {
  /** What the shell wrote for people, line by line. */
  readonly log: readonly string[];
  /** The page of the one window, once it has been drawn. */
  openPage(): Promise<Page>;
  /** Ends Sentra as a person does, and takes the desktop down. */
  end(): Promise<void>;
}

/** How Sentra is started on it. */
export interface DesktopOptions extends Partial<Omit<HostOptions, 'folder'>> {
  readonly monitor: ProcessOptions;
  readonly isHidden?: boolean;
  readonly trayHost?: TrayHost;
  readonly keepClosedMs?: number;
  readonly clock?: Clock;
  /** The person's own folder, which outlives the desktop; one that goes with it when left out. */
  readonly folder?: string;
}

/** Builds what has changed; once a test file. */
export function buildShell(): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'build-shell.mjs')], { stdio: 'inherit' });
}

/** Starts Sentra on a desktop with folders of its own. */
export function startDesktop(options: DesktopOptions): Desktop {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sentra-desktop-'));
  const host = createHost({ ...options, folder });
  const log: string[] = [];
  startShell({
    electron: host.electron,
    places: {
      preload: join(built, 'preload', 'index.cjs'),
      pages: join(built, 'renderer'),
      trayIcons: join(built, 'icons', 'tray'),
      windowIcon: join(built, 'icons', 'window.png'),
      monitorEntry: join(built, 'monitor', 'process.mjs'),
    },
    platform: 'linux',
    environment: {
      ...process.env,
      SENTRA_STATE: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_RUNTIME_DIR: folder,
    },
    home: folder,
    isHidden: options.isHidden ?? false,
    monitor: options.monitor,
    monitorFlags: ['--max-semi-space-size=2', '--efficiency-mode'],
    loginCommand: ['/opt/Sentra/sentra', '--hidden'],
    findTrayHost: () => Promise.resolve(options.trayHost ?? 'present'),
    logger: createLogger((line) => log.push(line)),
    onMonitorOutput: (text) => log.push(text),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.keepClosedMs === undefined ? {} : { keepClosedMs: options.keepClosedMs }),
  });
  return {
    ...host,
    log,
    async openPage() {
      const window = await until(() => host.windows[0], 'a window');
      const page = await window.page;
      page.setDefaultTimeout(60_000);
      await page.getByRole('main').waitFor();
      return page;
    },
    async end() {
      host.electron.app.quit();
      const patience = new Promise((resolve) => setTimeout(resolve, 8000).unref());
      await Promise.race([host.app.ended, patience]);
      await host.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a value is there that is not undefined, and gives it. */
export async function until<Value>(
  look: () => Value | undefined | Promise<Value | undefined>,
  what: string,
  patienceMs = 60_000,
): Promise<Value> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

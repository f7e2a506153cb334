import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../main/arguments.ts';
import { startShell } from '../../main/shell.ts';
import { createLogger } from '../../monitor/runtime/logger.ts';
import { createHost } from './host.ts';

const built = join(import.meta.dirname, '../../dist/app');

/**
 * Runs the tray app on the stand-in, its window in a Chromium one sees, until the window is closed or
 * Ctrl-C. There is no tray and there are no notifications: those are Electron's.
 */
export async function runPreview(words: readonly string[]): Promise<number> {
  const { monitor } = readArguments(words);
  const folder = mkdtempSync(join(tmpdir(), 'sentra-preview-'));
  const host = createHost({ folder, headless: false });
  const stop = (): void => host.electron.app.quit();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
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
    environment: process.env,
    home: homedir(),
    isHidden: false,
    monitor,
    monitorFlags: ['--max-semi-space-size=2', '--efficiency-mode'],
    loginCommand: [],
    // Without a tray, closing the window ends it.
    findTrayHost: () => Promise.resolve('absent'),
    onMonitorOutput: (text) => process.stderr.write(text),
    logger: createLogger((line) => process.stderr.write(line)),
  });
  const code = await host.app.ended;
  await host.close();
  rmSync(folder, { recursive: true, force: true });
  return code;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { demandChromium, sandboxSwitches } from '../browser.ts';

/** A Chromium that others may drive besides. */
export interface OpenChromium {
  /** Where its DevTools listen: `ws://127.0.0.1:PORT/devtools/browser/ID`. */
  readonly address: string;
  close(): Promise<void>;
}

/** What Playwright has Chromium do for tests, as far as the stand-in's pages need it. */
const switches = [
  '--headless',
  '--no-startup-window',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-popup-blocking',
  '--disable-renderer-backgrounding',
  '--hide-scrollbars',
  '--mute-audio',
];

/** Starts Chromium without a window, its profile in the folder; it ends with this process. */
export async function openChromium(port: number, folder: string): Promise<OpenChromium> {
  const profile = join(folder, 'chromium');
  const child = spawn(
    demandChromium(),
    [
      ...switches,
      ...sandboxSwitches(),
      `--user-data-dir=${profile}`,
      `--remote-debugging-port=${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  process.once('exit', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stderr });
  const address = await Promise.race([
    new Promise<string>((resolve) => {
      lines.on('line', (line) => {
        const found = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    }),
    ended.then(() => {
      throw new Error('Chromium ended before its DevTools listened.');
    }),
  ]);
  return {
    address,
    async close() {
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

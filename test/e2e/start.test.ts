import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { describeWith } from '../engine/capabilities.ts';
import { demandChromium } from '../host/browser.ts';
import { toChromium } from '../host/loopback.ts';
import { until } from './desktop.ts';

const root = join(import.meta.dirname, '../..');

/** A port of the loopback that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

const target = z.object({ id: z.string(), url: z.string(), webSocketDebuggerUrl: z.string() });

/** The window's page as Chromium's DevTools tell of it; undefined while it is not there. */
async function pageAt(tools: string): Promise<z.infer<typeof target> | undefined> {
  try {
    const answer = await fetch(`${tools}/list`);
    return z
      .array(target)
      .parse(await answer.json())
      .find(({ url }) => url.startsWith(toChromium('sentra://app/')));
  } catch {
    // Chromium is not there yet.
    return undefined;
  }
}

/** What a person reads on the page. */
async function textOf(address: string): Promise<string> {
  const socket = new WebSocket(address);
  const answered = Promise.withResolvers<string>();
  socket.onopen = () => {
    const params = { expression: 'document.body.innerText' };
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }));
  };
  socket.onmessage = ({ data }) => answered.resolve(String(data));
  socket.onerror = () => answered.reject(new Error('DevTools do not answer.'));
  try {
    return await answered.promise;
  } finally {
    socket.close();
  }
}

/** Starts Node with these words and this environment. */
function begin(words: readonly string[], environment: Record<string, string>) {
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { ...process.env, SENTRA_STATE: folder, XDG_CONFIG_HOME: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, output, complaints })),
  );
  return { child, ended, output: () => output, complaints: () => complaints };
}

/** The same, and waits for how it ended. */
const run = (words: readonly string[], environment: Record<string, string>): Promise<Ended> =>
  begin(words, environment).ended;

/** An environment in which Electron's program writes down what it is told, and does this. */
function programThat(does: string): Record<string, string> {
  const electron = join(folder, 'electron');
  mkdirSync(electron);
  const program = join(electron, 'electron');
  writeFileSync(program, `#!/bin/sh\necho "$@" > "${folder}/said"\n${does}\n`);
  chmodSync(program, 0o755);
  return { ELECTRON_OVERRIDE_DIST_PATH: electron };
}

const start = join(root, 'scripts', 'start.mjs');
const preview = join(root, 'scripts', 'preview.mjs');
const noScreen = { DISPLAY: '', WAYLAND_DISPLAY: '' };

/** A screen, and an Electron that no folder has and that is to be fetched from there. */
const electronFrom = (mirror: string): Record<string, string> => ({
  DISPLAY: ':99',
  ELECTRON_MIRROR: mirror,
  ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'none'),
  electron_config_cache: join(folder, 'electron'),
  SENTRA_CACHE: join(folder, 'cache'),
});

/** Starts, waits for the table, and ends by Ctrl-C. What else was said, line by line. */
async function watchUntilInterrupted(environment: Record<string, string>) {
  const running = begin([start, '--simulate', '--hidden'], environment);
  await until(() => (running.output().includes('SIMULATED') ? true : undefined), 'the table');
  running.child.kill('SIGINT');
  const { code, complaints } = await running.ended;
  expect(code, complaints).toBe(0);
  return complaints.split('\n').filter((line) => /Electron|screen|preview/.test(line));
}

describe('npm start', () => {
  test.each([
    ['without a screen', () => noScreen],
    // A program that would be run leaves a file behind.
    ['with a screen and a program', () => ({ DISPLAY: ':99', ...programThat('exit 7') })],
  ])(
    'watches in the terminal for the time that is asked for, %s, and ends with 0.',
    async (_, environment) => {
      const ended = await run([start, '--simulate', '--for', '2s'], environment());
      expect(ended.code, ended.complaints).toBe(0);
      expect(ended.output).toContain('SIMULATED');
      expect(ended.complaints).not.toContain('Electron');
      expect(existsSync(join(folder, 'said'))).toBe(false);
    },
  );

  test('watches in the terminal where there is no screen, says so, and offers no other window.', async () => {
    const said = await watchUntilInterrupted({ ...noScreen, ...programThat('exit 7') });
    expect(said).toEqual(['There is no screen to open a window on. Watching in this terminal.']);
    expect(existsSync(join(folder, 'said'))).toBe(false);
  });

  test('opens the tray app where Electron is, and ends as it does.', async () => {
    const ended = await run([start, '--simulate', '--hidden'], {
      DISPLAY: ':99',
      ...programThat('exit 7'),
    });
    expect(ended.code, ended.complaints).toBe(7);
    expect(readFileSync(join(folder, 'said'), 'utf8')).toBe(
      `${join(root, 'dist', 'app')} --simulate --hidden\n`,
    );
  });

  test('says in one line why there is no Electron, watches in the terminal, and does not try again.', async () => {
    // Nothing listens there.
    const dead = electronFrom('http://127.0.0.1:1/');
    const [progress, why, ...more] = await watchUntilInterrupted(dead);
    expect(progress).toMatch(/^Fetching Electron [\d.]+, once; at most 20 s …$/);
    expect(why).toMatch(
      /^Electron could not be fetched: fetch failed\. To try again: npx install-electron\. Watching in this terminal; "npm run preview" shows the app in Chromium\.$/,
    );
    expect(more).toEqual([]);
    expect(await watchUntilInterrupted(dead)).toEqual([
      why?.replace('could not be fetched', 'could not be fetched when it was tried'),
    ]);
  });

  test('waits no longer for Electron than it says.', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void mute.close());
    const { port } = mute.address() as AddressInfo;
    const [progress, why] = await watchUntilInterrupted({
      ...electronFrom(`http://127.0.0.1:${port}/`),
      SENTRA_ELECTRON_SECONDS: '1.5',
    });
    expect(progress).toMatch(/^Fetching Electron [\d.]+, once; at most 1.5 s …$/);
    expect(why).toMatch(/^Electron could not be fetched: it took more than 1\.5 s\. To try again:/);
  });
});

describe('npm run preview', () => {
  test('says so where there is no screen.', async () => {
    const { code, complaints } = await run([preview, '--simulate'], noScreen);
    expect(complaints).toBe(
      'There is no screen to open Chromium on. "npm run screenshots" needs none.\n',
    );
    expect(code).toBe(1);
  });
});

describeWith(['chromium'], 'npm run preview with a Chromium', () => {
  test('shows the app in it, and ends when its window is closed.', async () => {
    const port = await freePort();
    // Draws no window, and lets the test look on.
    const program = join(folder, 'chromium');
    const switches = `--headless --remote-debugging-port=${port}`;
    writeFileSync(program, `#!/bin/sh\nexec "${demandChromium()}" ${switches} "$@"\n`);
    chmodSync(program, 0o755);
    const running = begin([preview, '--simulate'], { DISPLAY: ':99', SENTRA_CHROMIUM: program });
    onTestFinished(() => void running.child.kill('SIGTERM'));
    const tools = `http://127.0.0.1:${port}/json`;
    const page = await until(() => pageAt(tools), 'the window');
    await until(async () => {
      const text = await textOf(page.webSocketDebuggerUrl);
      return text.includes('Simulated.') && text.includes('8 of 8 running') ? true : undefined;
    }, 'simulated containers');
    await fetch(`${tools}/close/${page.id}`);
    const { code, complaints } = await running.ended;
    expect(code, complaints).toBe(0);
  });
});

describeWith(['chromium'], 'npm start with a program that can run it', () => {
  test('runs the tray app in it, and passes on what ends it.', async () => {
    const running = begin([start, '--simulate', '--hidden'], {
      DISPLAY: ':99',
      ELECTRON_OVERRIDE_DIST_PATH: join(root, 'test', 'host', 'program'),
      // Nobody answers there whether tray icons are shown.
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
    });
    await until(
      () => (running.complaints().includes('shows no tray icons') ? true : undefined),
      'the app',
    );
    running.child.kill('SIGTERM');
    const { code, complaints } = await running.ended;
    expect(code, complaints).toBe(0);
    expect(complaints).not.toContain('Watching in this terminal');
  });
});

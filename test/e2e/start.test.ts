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
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeWith } from '../engine/capabilities.ts';
import { until } from './desktop.ts';

const root = join(import.meta.dirname, '../..');

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
const noScreen = { DISPLAY: '', WAYLAND_DISPLAY: '' };

/** Asks for Electron where it is neither installed nor can be fetched. */
const ask = `import(${JSON.stringify(join(root, 'scripts', 'electron.mjs'))}).then(async ({ ensureElectron }) => {
  const answer = await ensureElectron((text) => process.stderr.write(text + '\\n'), process.argv[1]);
  process.stdout.write(JSON.stringify(answer));
})`;

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

  test('watches in the terminal where there is no screen, says so, and ends by Ctrl-C.', async () => {
    const running = begin([start, '--simulate'], { ...noScreen, ...programThat('exit 7') });
    await until(() => (running.output().includes('SIMULATED') ? true : undefined), 'the table');
    expect(running.complaints()).toContain(
      'There is no screen to open a window on. Watching in this terminal;',
    );
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
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

  test('says in one line why there is no Electron, and does not try again.', async () => {
    const memory = join(folder, 'memory.json');
    // Nothing listens there, and no folder has it.
    const nowhere = {
      ELECTRON_MIRROR: 'http://127.0.0.1:1/',
      ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'none'),
      electron_config_cache: join(folder, 'cache'),
    };
    const first = await run(['-e', ask, memory], nowhere);
    expect(first.complaints).toMatch(/^Fetching Electron [\d.]+, once; at most 20 s …\n$/);
    const { reason } = JSON.parse(first.output) as { reason: string };
    expect(reason).toMatch(/^Electron could not be fetched: .+$/);
    const second = await run(['-e', ask, memory], nowhere);
    expect(second.complaints).toBe('');
    expect(JSON.parse(second.output)).toEqual({
      reason: `${reason} (tried before; not tried again)`,
    });
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

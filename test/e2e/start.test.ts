import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Node with these words and this environment, and gives how it ended. */
function run(
  words: readonly string[],
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string; complaints: string }> {
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { ...process.env, SENTRA_STATE: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code, output, complaints })),
  );
}

const start = join(root, 'scripts', 'start.mjs');
const noScreen = { DISPLAY: '', WAYLAND_DISPLAY: '' };

/** Asks for Electron where it is neither installed nor can be fetched. */
const ask = `import(${JSON.stringify(join(root, 'scripts', 'electron.mjs'))}).then(async ({ ensureElectron }) => {
  const answer = await ensureElectron((text) => process.stderr.write(text + '\\n'), process.argv[1]);
  process.stdout.write(JSON.stringify(answer));
})`;

describe('npm start', () => {
  test('watches in the terminal for the time that is asked for, and ends with 0.', async () => {
    const ended = await run([start, '--simulate', '--for', '2s'], noScreen);
    expect(ended.code, ended.complaints).toBe(0);
    expect(ended.output).toContain('SIMULATED');
    expect(ended.complaints).not.toContain('Electron');
  });

  test('opens the tray app where Electron is, and ends as it does.', async () => {
    const electron = join(folder, 'electron');
    mkdirSync(electron);
    const program = join(electron, 'electron');
    writeFileSync(program, `#!/bin/sh\necho "$@" > "${folder}/said"\nexit 7\n`);
    chmodSync(program, 0o755);
    const ended = await run([start, '--simulate', '--hidden'], {
      DISPLAY: ':99',
      ELECTRON_OVERRIDE_DIST_PATH: electron,
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

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './project.mjs';

/** How long Electron may take to be fetched, in milliseconds. */
const patienceMs = 20_000;

const packageFolder = join(root, 'node_modules', 'electron');

/** What was learned when Electron was last asked for, so that nobody waits for it twice. */
const usualMemory = join(root, '.cache', 'electron-not-had.json');

const version = () => JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version;

/** The path of Electron's program; undefined where it is not on this machine. */
export function findElectron(environment = process.env) {
  const file = {
    darwin: 'Electron.app/Contents/MacOS/Electron',
    win32: 'electron.exe',
  }[process.platform];
  const folder = environment.ELECTRON_OVERRIDE_DIST_PATH ?? join(packageFolder, 'dist');
  const path = join(folder, file ?? 'electron');
  return existsSync(path) ? path : undefined;
}

/**
 * Electron's program, fetched when it is missing: `{ path }`, or `{ reason }`, a sentence. A failure
 * is remembered for this version of Electron; `rm .cache/electron-not-had.json` forgets it.
 */
export async function ensureElectron(say, memory = usualMemory) {
  const found = findElectron();
  if (found !== undefined) return { path: found };
  const remembered = recall(memory);
  if (remembered !== undefined) return { reason: `${remembered} (tried before; not tried again)` };
  say(`Fetching Electron ${version()}, once; at most ${patienceMs / 1000} s …`);
  const problem = await fetchElectron();
  const path = findElectron();
  if (path !== undefined) return { path };
  const reason = `Electron could not be fetched: ${problem ?? 'its program is missing afterwards'}`;
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, `${JSON.stringify({ version: version(), reason })}\n`);
  return { reason };
}

function recall(memory) {
  try {
    const { version: of, reason } = JSON.parse(readFileSync(memory, 'utf8'));
    return of === version() ? String(reason) : undefined;
  } catch {
    // Never tried.
    return undefined;
  }
}

/** Runs the package's own installer. Gives why it failed, in one line; undefined when it did not. */
function fetchElectron() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(packageFolder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const output = [];
    child.stderr.on('data', (chunk) => output.push(chunk));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`it took more than ${patienceMs / 1000} s`);
    }, patienceMs);
    const settle = (problem) => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.on('error', (error) => settle(error.message));
    child.on('close', (code) => {
      const lines = Buffer.concat(output).toString().split('\n');
      const said = lines.find((line) => /error/i.test(line)) ?? lines[0] ?? '';
      settle(
        code === 0 ? undefined : said.trim().slice(0, 200) || `its installer ended with ${code}`,
      );
    });
  });
}

/** Whether there is a screen to show a window on; asked on Linux, taken for granted elsewhere. */
export function hasScreen(environment = process.env) {
  if (process.platform !== 'linux') return true;
  return Boolean(environment.DISPLAY) || Boolean(environment.WAYLAND_DISPLAY);
}

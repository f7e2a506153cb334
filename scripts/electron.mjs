import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './project.mjs';

/** How long Electron may take to be fetched, in seconds. */
function patienceOf({ SENTRA_ELECTRON_SECONDS: told }) {
  const seconds = Number(told);
  return told !== undefined && seconds > 0 && seconds < 86_400 ? seconds : 20;
}

const packageFolder = join(root, 'node_modules', 'electron');

/** What was learned when Electron was last asked for, so that nobody waits for it twice. */
const memoryOf = ({ SENTRA_CACHE: folder }) =>
  join(folder ?? join(root, '.cache'), 'electron-not-had.json');

const version = () => JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version;

/** The path of Electron's program; undefined where it is not on this machine. */
export function findElectron(environment = process.env) {
  const file = {
    darwin: 'Electron.app/Contents/MacOS/Electron',
    win32: 'electron.exe',
  }[process.platform];
  const told = environment.ELECTRON_OVERRIDE_DIST_PATH;
  const path = join(told ?? join(packageFolder, 'dist'), file ?? 'electron');
  // Its installer writes this last: one that was cut off may have left half a program.
  const whole = told !== undefined || existsSync(join(packageFolder, 'path.txt'));
  return whole && existsSync(path) ? path : undefined;
}

/**
 * Electron's program, fetched when it is missing: `{ path }`, or `{ reason }`, sentences that say why
 * there is none and how to try again. A failure is remembered for this version of Electron.
 * SENTRA_ELECTRON_SECONDS is how long it may take, SENTRA_CACHE the folder of what is remembered.
 */
export async function ensureElectron(say, environment = process.env) {
  const found = findElectron(environment);
  if (found !== undefined) return { path: found };
  const memory = memoryOf(environment);
  const remembered = recall(memory);
  if (remembered !== undefined) return { reason: why('fetched when it was tried', remembered) };
  const seconds = patienceOf(environment);
  say(`Fetching Electron ${version()}, once; at most ${seconds} s …`);
  const problem = await fetchElectron(seconds);
  const path = findElectron(environment);
  if (path !== undefined) return { path };
  const reason = problem ?? 'its program is missing afterwards';
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, `${JSON.stringify({ version: version(), reason })}\n`);
  return { reason: why('fetched', reason) };
}

const why = (what, reason) =>
  `Electron could not be ${what}: ${reason}. To try again: npx install-electron.`;

function recall(memory) {
  try {
    const { version: of, reason } = JSON.parse(readFileSync(memory, 'utf8'));
    return of === version() && typeof reason === 'string' ? reason : undefined;
  } catch {
    // Never tried.
    return undefined;
  }
}

/** Runs the package's own installer. Gives why it failed, in one line; undefined when it did not. */
function fetchElectron(seconds) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(packageFolder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const output = [];
    child.stderr.on('data', (chunk) => output.push(chunk));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`it took more than ${seconds} s`);
    }, seconds * 1000);
    const settle = (problem) => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.on('error', (error) => settle(error.message));
    child.on('close', (code) => {
      const lines = Buffer.concat(output).toString().split('\n');
      const line = lines.find((each) => /error/i.test(each)) ?? lines[0] ?? '';
      const said = line.replace(/^\w*Error: /, '');
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

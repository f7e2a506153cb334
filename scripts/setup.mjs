import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ownNode, root, runScript, SetupError } from './project.mjs';

const STAMP = join(root, 'node_modules', '.sentra-setup');
const LOCK = join(root, '.cache', 'setup.lock');

/** Changes whenever other dependencies are asked for, or another platform asks for them. */
function wantedStamp() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const name of ['package.json', 'package-lock.json']) {
    hash.update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

function isCurrent() {
  try {
    return readFileSync(STAMP, 'utf8') === wantedStamp() && existsSync(ownNode);
  } catch {
    // No stamp: never set up, or a set-up that was cut short.
    return false;
  }
}

/** The version of the project's own Node as it says itself; undefined when it does not run. */
function ownNodeVersion() {
  const said = spawnSync(ownNode, ['--version'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return said.status === 0 ? said.stdout.trim() : undefined;
}

/** Npm's command line with these arguments: the npm that started us, else the one on the PATH. */
export function npmCommand(args) {
  const path = process.env.npm_execpath;
  if (path?.endsWith('.js') || path?.endsWith('.cjs')) {
    return { command: process.execPath, args: [path, ...args], shell: false };
  }
  return { command: 'npm', args, shell: process.platform === 'win32' };
}

function installDependencies() {
  const { command, args, shell } = npmCommand([
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  return new Promise((resolve, reject) => {
    const output = [];
    const child = spawn(command, args, {
      cwd: root,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => output.push(chunk));
    }
    child.on('error', (error) =>
      reject(
        new SetupError(`npm could not be started (${error.message}). Install npm 10 or later.`),
      ),
    );
    child.on('close', (code) => {
      if (code === 0) return resolve();
      const said = Buffer.concat(output).toString().trim();
      reject(
        new SetupError(
          `${said}\n\n"npm ci" failed (${code}), so the dependencies are missing. ` +
            'Check the network and the free disk space, then run the command again.',
        ),
      );
    });
  });
}

/**
 * Npm may leave out the install script that puts the Node binary in place. Then this runs it, and
 * makes sure that what comes out is the version package.json pins.
 */
function ensureOwnNode() {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = `v${devDependencies.node}`;
  if (ownNodeVersion() === wanted) return;
  const directory = join(root, 'node_modules', 'node');
  spawnSync(process.execPath, [join(directory, 'installArchSpecificPackage.js')], {
    cwd: directory,
    stdio: 'ignore',
    // Without our own directory of programs first: there is no Node in it yet.
    env: process.env,
  });
  if (!existsSync(ownNode) && process.platform !== 'win32') {
    rmSync(ownNode, { force: true });
    symlinkSync(join('..', 'node', 'bin', 'node'), ownNode);
  }
  const version = ownNodeVersion();
  if (version === wanted) return;
  throw new SetupError(
    `Sentra needs its own Node ${wanted}, the npm package "node", but ${ownNode} ` +
      `${version === undefined ? 'does not run' : `is ${version}`}. Its install script was probably ` +
      'not allowed to run. Run it by hand: cd node_modules/node && node installArchSpecificPackage.js',
  );
}

function lockOwnerIsAlive() {
  try {
    process.kill(Number(readFileSync(join(LOCK, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    if (error.code === 'EPERM') return true;
    // Without a pid yet: its owner is between two calls, or died there.
    if (error.code !== 'ENOENT') return false;
    const age = existsSync(LOCK) ? Date.now() - statSync(LOCK).mtimeMs : 0;
    return age < 2000;
  }
}

/** Runs the task while no other process sets this repository up. */
async function withLock(say, task) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      mkdirSync(LOCK);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!lockOwnerIsAlive()) {
      rmSync(LOCK, { recursive: true, force: true });
      continue;
    }
    if (!waited) say('Another process is setting up; waiting for it …');
    await sleep(200);
  }
  try {
    writeFileSync(join(LOCK, 'pid'), String(process.pid));
    return await task();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

/**
 * Installs the dependencies when they are missing or older than package-lock.json, and makes sure
 * the project's own Node runs. Silent when nothing needs doing; safe when two run at once. Throws a
 * SetupError that says what to do.
 */
export async function ensureDependencies(say = (text) => process.stderr.write(`${text}\n`)) {
  if (isCurrent()) return;
  await withLock(say, async () => {
    if (isCurrent()) return;
    const begin = Date.now();
    if (!stillFits()) {
      say('Installing dependencies (npm ci) …');
      await installDependencies();
    }
    ensureOwnNode();
    writeFileSync(`${STAMP}.new`, wantedStamp());
    renameSync(`${STAMP}.new`, STAMP);
    say(`Dependencies are ready (${((Date.now() - begin) / 1000).toFixed(1)} s).`);
  });
}

/** Whether what npm itself recorded as installed is what the lock file asks for. */
function stillFits() {
  try {
    const installed = JSON.parse(
      readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'),
    ).packages;
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === '' ||
        (optional && installed[path] === undefined) ||
        (installed[path]?.version === version && existsSync(join(root, path))),
    );
  } catch {
    // Never installed, or by something other than npm.
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runScript(async () => {
    await ensureDependencies();
    return 0;
  });
}

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's directory. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The project's own Node, of the version that package.json pins. */
export const ownNode = join(
  root,
  'node_modules',
  '.bin',
  process.platform === 'win32' ? 'node.cmd' : 'node',
);

/** The environment for programs of the project: its own Node and tools come first. */
export function projectEnvironment(extra = {}) {
  const bin = join(root, 'node_modules', '.bin');
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, PATH: `${bin}${separator}${process.env.PATH ?? ''}`, ...extra };
}

/** An error whose message is meant for the person at the terminal, without a stack. */
export class SetupError extends Error {}

/**
 * Runs a program as if it were this one: same terminal, same signals, same end. Resolves with the
 * exit code; a program that a signal ended gives 128 plus its number, as shells do.
 */
export function passThrough(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    // A terminal sends Ctrl-C to the whole group: passing it on too would make two of it.
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const settle = (action) => {
      for (const signal of signals) process.off(signal, forward);
      action();
    };
    child.on('error', (error) => settle(() => reject(error)));
    child.on('exit', (code, signal) =>
      settle(() => resolve(code ?? 128 + (constants.signals[signal] ?? 0))),
    );
  });
}

/**
 * Runs one of the project's scripts on the project's own Node, where TypeScript can be imported.
 * The script learns by a closed channel when this process is gone, however it ended.
 */
export function runOnOwnNode(script, args) {
  return passThrough(ownNode, [join(root, 'scripts', script), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: projectEnvironment(),
  });
}

/** Runs a script's main function: what it returns is the exit code, a SetupError is said plainly. */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    const plain = error instanceof SetupError;
    process.stderr.write(`${plain ? error.message : (error?.stack ?? String(error))}\n`);
    process.exitCode = 1;
  }
}

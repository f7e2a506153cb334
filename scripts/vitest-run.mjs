import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectEnvironment, root } from './project.mjs';
import { findProgram } from './system-packages.mjs';

let runs = 0;

/**
 * Runs vitest with these arguments and gives its exit code and its report as data; the report is
 * undefined when it wrote none. Its lines go through `say`, so that two runs can share a terminal.
 */
export async function runVitest({ args, environment, signal, say }) {
  runs += 1;
  const report = join(root, '.cache', `test-report-${process.pid}-${runs}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  const vitest = [
    process.execPath,
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
  ];
  // When this process is killed, the kernel ends the tests too.
  const tied = findProgram('setpriv') !== undefined && process.platform === 'linux';
  const [command, ...rest] = tied ? ['setpriv', '--pdeathsig', 'KILL', ...vitest] : vitest;
  try {
    const code = await new Promise((resolve, reject) => {
      const child = spawn(command, rest, {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: projectEnvironment({ FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...environment }),
      });
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', say);
      }
      const end = () => child.kill('SIGTERM');
      const hanging = endWhenHanging(report, end, say);
      signal.addEventListener('abort', end, { once: true });
      child.on('error', reject);
      // Not `close`: something that a test left running may hold the streams for ever.
      child.on('exit', (exitCode) => {
        hanging.stop();
        signal.removeEventListener('abort', end);
        setImmediate(() => resolve(exitCode ?? 1));
      });
    });
    return { code, report: readReport(report) };
  } finally {
    rmSync(report, { force: true });
  }
}

/**
 * Vitest waits for ever for a worker whose streams something still holds. Thirty seconds after it
 * has written its report, `end` is called.
 */
function endWhenHanging(report, end, say) {
  let seen = 0;
  const timer = setInterval(() => {
    if (!existsSync(report)) return;
    seen += 1;
    if (seen !== 30) return;
    say('All tests have run, but vitest does not end: one of them left something running.');
    end();
  }, 1000);
  return { stop: () => clearInterval(timer) };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

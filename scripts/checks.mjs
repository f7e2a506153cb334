import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { ownNode, projectEnvironment, root } from './project.mjs';

const tool = (path, ...args) => [join(root, 'node_modules', path), ...args];

/** What the code itself is held to, the cheapest to read first. */
const CHECKS = {
  // The compiler's native release, which takes less than half of the time; lint reads types by the
  // other one (`typescript`), whose programming interface it needs.
  types: tool('typescript-native/bin/tsc', '-b', 'tsconfig.json'),
  lint: tool('eslint/bin/eslint.js', '.', '--max-warnings', '0'),
  format: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  architecture: tool('vitest/vitest.mjs', 'run', '--project', 'unit', 'test/architecture.test.ts'),
};

/**
 * Runs the checks one after the other, all of them whatever the first ones say. Gives for each its
 * name, whether it passed, its time in seconds and what it printed. Where something else runs beside
 * them, `givesWay` leaves it the cores.
 */
export async function runChecks({ names = Object.keys(CHECKS), signal, givesWay = false } = {}) {
  const results = [];
  for (const name of names) {
    if (signal?.aborted) break;
    const begin = performance.now();
    const { code, output } = await runTool(CHECKS[name], signal, givesWay);
    results.push({ name, passed: code === 0, seconds: (performance.now() - begin) / 1000, output });
  }
  return results;
}

function runTool(args, signal, givesWay) {
  return new Promise((resolve) => {
    const child = spawn(ownNode, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: projectEnvironment(),
      signal,
    });
    if (givesWay && child.pid !== undefined) {
      setPriority(child.pid, constants.priority.PRIORITY_LOW);
    }
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => output.push(chunk));
    }
    const settle = (code) => resolve({ code, output: Buffer.concat(output).toString().trim() });
    child.on('error', () => settle(1));
    child.on('close', settle);
  });
}

/** One line for each check, and below it what a failing one said. */
export function reportChecks(results) {
  return results
    .map(({ name, passed, seconds, output }) => {
      const line = `${passed ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`;
      return passed ? line : `${line}\n${output}`;
    })
    .join('\n');
}

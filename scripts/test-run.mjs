import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reportChecks, runChecks } from './checks.mjs';
import { watchForInterruption } from './interruption.mjs';
import { projectEnvironment, root, runScript } from './project.mjs';
import { createSteps } from './steps.mjs';
import { findProgram } from './system-packages.mjs';
import { countTests, slowestFiles } from './test-counts.mjs';
import { prepareTestEngine } from './test-engine.mjs';

const say = (text) => process.stdout.write(`${text}\n`);

/** Runs vitest and gives its report as data; undefined when it wrote none. */
async function runVitest(args, environment, signal) {
  const report = join(root, '.cache', `test-report-${process.pid}.json`);
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
        stdio: ['ignore', 'inherit', 'inherit'],
        env: projectEnvironment(environment),
      });
      const end = () => child.kill('SIGTERM');
      const hanging = endWhenHanging(report, end);
      signal.addEventListener('abort', end, { once: true });
      child.on('error', reject);
      child.on('exit', (exitCode) => {
        hanging.stop();
        signal.removeEventListener('abort', end);
        resolve(exitCode ?? 1);
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
function endWhenHanging(report, end) {
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

await runScript(async () => {
  const signal = watchForInterruption();
  const [setupMs, ...filters] = process.argv.slice(2);
  const steps = createSteps(Number(setupMs));
  steps.add('dependencies', Number(setupMs) / 1000);
  // With filters somebody wants those tests now; the checks have a command of their own.
  const checking =
    filters.length > 0
      ? Promise.resolve([])
      : steps.time('checks', () => runChecks({ names: ['types', 'lint', 'format'], signal }));
  const preparing = prepareTestEngine(steps, say);
  let engine;
  let checks = [];
  let vitest;
  try {
    engine = await preparing;
    checks = await checking;
    if (checks.length > 0) say(reportChecks(checks));
    if (!signal.aborted) {
      vitest = await steps.time('tests', () => runVitest(filters, engine.environment, signal));
    }
  } finally {
    const prepared = await preparing.catch(() => undefined);
    await steps.time('removal of the engine', async () => prepared?.stop());
  }
  if (signal.aborted) {
    say(`The tests were ended early (${signal.reason}). The test engine is removed.`);
    return 130;
  }
  const counts = countTests(vitest?.report, checks);
  if (vitest?.code !== 0 && counts.failed === 0) {
    counts.failed += 1;
    counts.notes.push(`failed: vitest ended with ${vitest?.code}, see above`);
  }
  for (const line of slowestFiles(vitest?.report)) steps.add(`  ${line.name}`, line.seconds);
  say(steps.table());
  for (const line of counts.notes) say(line);
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  const tested = counts.passed + counts.failed > checks.length;
  if (!tested) process.stderr.write('No test ran.\n');
  return vitest?.code === 0 && counts.failed === 0 && tested ? 0 : 1;
});

import { reportChecks, runChecks } from './checks.mjs';
import { watchForInterruption } from './interruption.mjs';
import { runScript } from './project.mjs';
import { afterSecondLook, filesForSecondLook } from './second-look.mjs';
import { createSteps } from './steps.mjs';
import { countTests, slowestFiles } from './test-counts.mjs';
import { prepareTestEngines } from './test-engine.mjs';
import { runVitest } from './vitest-run.mjs';

const say = (text) => process.stdout.write(`${text}\n`);

/**
 * The whole in two lanes, each on an engine of its own, and what must be alone after them. The lanes
 * are about as long as each other; a third one would starve tests in which time passes.
 */
const lanes = [
  ['app', 'heavy', 'patient'],
  ['unit', 'engine'],
];
const last = ['alone'];

/**
 * Runs everything, or the tests that `filters` name; gives what each run of vitest came to. Nothing
 * runs beside what must be alone, so what was `begun` before is waited for.
 */
async function runTests({ filters, environments, steps, signal, begun }) {
  const run = (projects, args, environment) =>
    steps.time(`tests ${projects.join(', ')}`.trim(), () =>
      runVitest({
        args: [...projects.flatMap((name) => ['--project', name]), ...args],
        environment,
        signal,
        say: lanes.includes(projects) ? (line) => say(`${projects[0].padEnd(6)} │ ${line}`) : say,
      }),
    );
  if (filters.length > 0) return [await run([], filters, environments[0])];
  const runs = await Promise.all(
    lanes.map((projects, index) => run(projects, [], environments[index])),
  );
  await begun;
  return signal.aborted ? runs : [...runs, await run(last, [], environments[0])];
}

/** Has what failed in real time beside other tests run once more, alone; gives all reports, and what was unsteady. */
async function lookAgain({ runs, environments, steps, signal }) {
  const reports = runs.map(({ report }) => report);
  const files = signal.aborted ? [] : filesForSecondLook(reports);
  if (files.length === 0) return { reports, unsteady: [] };
  say(`Failed beside other tests, and run once more alone: ${files.join(', ')}`);
  const second = await steps.time('second look', () =>
    runVitest({ args: files, environment: environments[0], signal, say }),
  );
  return afterSecondLook(reports, second.report);
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
      : steps.time('checks', () =>
          runChecks({ names: ['types', 'lint', 'format'], signal, givesWay: true }),
        );
  const preparing = prepareTestEngines(filters.length > 0 ? 1 : lanes.length, steps, say);
  let checks = [];
  let runs = [];
  let looked = { reports: [], unsteady: [] };
  try {
    const { environments } = await preparing;
    const begun = checking.then((results) => {
      checks = results;
      if (checks.length > 0) say(reportChecks(checks));
    });
    if (!signal.aborted) runs = await runTests({ filters, environments, steps, signal, begun });
    await begun;
    looked =
      filters.length > 0
        ? { reports: runs.map(({ report }) => report), unsteady: [] }
        : await lookAgain({ runs, environments, steps, signal });
  } finally {
    const prepared = await preparing.catch(() => undefined);
    await steps.time('removal of the engines', async () => prepared?.stop());
  }
  if (signal.aborted) {
    say(`The tests were ended early (${signal.reason}). The test engines are removed.`);
    return 130;
  }
  const { reports, unsteady } = looked;
  const counts = countTests(reports, checks);
  const broken = runs.find(({ code }, index) => code !== 0 && reports[index]?.success !== true);
  if (broken !== undefined && counts.failed === 0) {
    counts.failed += 1;
    counts.notes.push(`failed: vitest ended with ${broken.code}, see above`);
  }
  for (const line of slowestFiles(reports)) steps.add(`  ${line.name}`, line.seconds);
  say(steps.table());
  for (const line of [...unsteady, ...counts.notes]) say(line);
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  const tested = counts.passed + counts.failed > checks.length;
  if (!tested) process.stderr.write('No test ran.\n');
  return broken === undefined && counts.failed === 0 && tested ? 0 : 1;
});

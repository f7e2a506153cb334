import { reportChecks, runChecks } from './checks.mjs';
import { watchForInterruption } from './interruption.mjs';
import { runScript } from './project.mjs';
import { afterSecondLook, filesForSecondLook } from './second-look.mjs';
import { createSteps } from './steps.mjs';
import { countTests, slowestFiles } from './test-counts.mjs';
import { prepareTestEngines } from './test-engine.mjs';
import { runVitest } from './vitest-run.mjs';

const say = (text) => process.stdout.write(`${text}\n`);

/** Needs no engine, so that it runs while the engines and their images are prepared. */
const first = 'unit';

/**
 * What comes after it, in this order: as many beside each other as there are lanes, each with an engine
 * of its own, and the next in the lane that comes free; lanes behind the first three begin after `unit`,
 * which takes the cores. The longest come first, so that all lanes end at about the same time. Then what
 * must be alone.
 */
const queue = [
  ...['engine', 'patient', 'app', 'slow', 'heavy'],
  ...['helper', 'shell', 'sensors', 'figures'],
];
const lanes = 5;
const lanesBesideUnit = 3;
const last = 'alone';

const run = ({ project, args = [], environment, steps, signal }) =>
  steps.time(`tests ${project ?? ''}`.trim(), () =>
    runVitest({
      args: [...(project === undefined ? [] : ['--project', project]), ...args],
      environment,
      signal,
      // What runs beside others says by each line what it is.
      say:
        project === first || queue.includes(project)
          ? (line) => say(`${project.padEnd(7)} │ ${line}`)
          : say,
    }),
  );

/**
 * Runs all that needs an engine, or the tests that `filters` name; gives what each run of vitest came
 * to. Nothing runs beside what must be alone, so what was `begun` before is waited for.
 */
async function runTests({ filters, environments, steps, signal, unit, begun }) {
  const [environment] = environments;
  if (filters.length > 0) {
    return [await run({ args: filters, environment, steps, signal })];
  }
  const waiting = [...queue];
  const runs = [];
  const lane = async (engine, index) => {
    if (index >= lanesBesideUnit) await unit;
    while (waiting.length > 0 && !signal.aborted) {
      const project = waiting.shift();
      runs.push(await run({ project, environment: engine, steps, signal }));
    }
  };
  await Promise.all([unit.then((ended) => runs.push(ended)), ...environments.map(lane)]);
  await begun;
  if (!signal.aborted) runs.push(await run({ project: last, environment, steps, signal }));
  return runs;
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
  let unit = Promise.resolve({ code: 0 });
  const beginUnit = (environment) => {
    unit = run({ project: first, environment, steps, signal });
    // Awaited further down: until then its failure is nobody's.
    unit.catch(() => undefined);
  };
  const preparing = prepareTestEngines(
    filters.length > 0 ? 1 : lanes,
    steps,
    say,
    filters.length > 0 ? undefined : beginUnit,
  );
  let checks = [];
  let runs = [];
  let looked = { reports: [], unsteady: [] };
  try {
    const { environments } = await preparing;
    const begun = checking.then((results) => {
      checks = results;
      if (checks.length > 0) say(reportChecks(checks));
    });
    if (!signal.aborted) {
      runs = await runTests({ filters, environments, steps, signal, unit, begun });
    }
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

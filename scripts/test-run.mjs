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
const first = ['unit'];

/**
 * The lanes after it, each on an engine of its own and about as long as the others, and what must be
 * alone after them. Loads fill the cores and come late, when what is beside them has come to its end;
 * what stands before them waits and uses no core.
 */
const lanes = [['app', 'patient'], ['engine'], ['slow', 'heavy']];
const last = ['alone'];

const run = ({ projects, args = [], environment, steps, signal }) =>
  steps.time(`tests ${projects.join(', ')}`.trim(), () =>
    runVitest({
      args: [...projects.flatMap((name) => ['--project', name]), ...args],
      environment,
      signal,
      // What runs beside others says by each line what it is.
      say:
        projects === first || lanes.includes(projects)
          ? (line) => say(`${projects[0].padEnd(6)} │ ${line}`)
          : say,
    }),
  );

/**
 * Runs all that needs an engine, or the tests that `filters` name; gives what each run of vitest came
 * to. The engine's lane begins when `unit` has ended: the two take the same core. Nothing runs beside
 * what must be alone, so what was `begun` before is waited for.
 */
async function runTests({ filters, environments, steps, signal, unit, begun }) {
  const [environment] = environments;
  if (filters.length > 0) {
    return [await run({ projects: [], args: filters, environment, steps, signal })];
  }
  const runs = await Promise.all([
    unit,
    ...lanes.map(async (projects, index) => {
      if (projects.includes('engine')) await unit;
      return run({ projects, environment: environments[index], steps, signal });
    }),
  ]);
  await begun;
  return signal.aborted
    ? runs
    : [...runs, await run({ projects: last, environment, steps, signal })];
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
    unit = run({ projects: first, environment, steps, signal });
    // Awaited further down: until then its failure is nobody's.
    unit.catch(() => undefined);
  };
  const preparing = prepareTestEngines(
    filters.length > 0 ? 1 : lanes.length,
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

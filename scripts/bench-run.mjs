import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { watchForInterruption } from './interruption.mjs';
import { root, runScript, SetupError } from './project.mjs';
import { createSteps } from './steps.mjs';

const FOLDER = join(root, 'test', 'bench');
const SUFFIX = '.bench.ts';

/**
 * A bench is a file test/bench/NAME.bench.ts that exports
 * - `title`: one line that says what it measures;
 * - `needsEngine`: whether it needs the private engine (SENTRA_TEST_ENGINE is set then);
 * - `run({ short, data, out, recording, strength, villain, load, signal, say })`: measures, and gives `{ results }` as the JSON line holds them:
 *   name, value, unit, better (`lower` or `higher`), target, met, and what else it likes.
 *   `say` prints a line for people. `data` and `out` are the folders named by --data and --out,
 *   `recording` the file named by --recording; `strength`, `villain` and `load` are the words after
 *   --strength, --villain and --load.
 *   `short` asks for the form that runs within `npm test`.
 *   What could not be measured may stand in `problems` beside the results, a sentence each.
 */
async function load(name) {
  const path = join(FOLDER, name + SUFFIX);
  if (!existsSync(path)) {
    throw new SetupError(`There is no bench "${name}". "npm run bench" lists them.`);
  }
  const { title, needsEngine, run } = await import(pathToFileURL(path).href);
  if (typeof title !== 'string' || typeof run !== 'function') {
    throw new SetupError(`test/bench/${name}${SUFFIX} must export "title" and "run".`);
  }
  return { name, title, needsEngine: needsEngine === true, run };
}

async function list() {
  const names = existsSync(FOLDER)
    ? readdirSync(FOLDER)
        .filter((file) => file.endsWith(SUFFIX))
        .map((file) => file.slice(0, -SUFFIX.length))
    : [];
  const width = Math.max(0, ...names.map(({ length }) => length));
  for (const name of names.sort()) {
    const { title, needsEngine } = await load(name);
    const engine = needsEngine ? ' (starts a private Docker engine)' : '';
    process.stdout.write(`${name.padEnd(width)}  ${title}${engine}\n`);
  }
  if (names.length === 0) process.stdout.write('There are no benches yet.\n');
  return 0;
}

function verdict({ target, met }) {
  if (target === undefined || target === null) return '';
  if (met === true) return 'met';
  return met === false ? 'NOT MET' : 'undecided';
}

/** As many digits as say something. */
const figure = (value) => String(Number(Number(value).toPrecision(4)));

/** The interval and how many values it comes from, as far as there are such. */
function spread({ low, high, n }) {
  const interval = low === undefined ? [] : [`${figure(low)} … ${figure(high)}`];
  return [...interval, ...(n === undefined ? [] : [`n = ${n}`])].join(', ');
}

function table(results) {
  const rows = results.map((result) => [
    result.name,
    `${figure(result.value)} ${result.unit}`,
    spread(result),
    result.target === undefined || result.target === null ? '' : `target ${result.target}`,
    verdict(result),
  ]);
  const widths = [0, 1, 2, 3, 4].map((at) => Math.max(0, ...rows.map((row) => row[at].length)));
  return rows
    .map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at])).join('  ')}`.trimEnd())
    .join('\n');
}

async function runWithEngine(bench, options) {
  // Only now: listing benches must not load what starts engines.
  const { prepareTestEngine } = await import('./test-engine.mjs');
  const engine = await prepareTestEngine(createSteps(), options.say);
  try {
    for (const [name, value] of Object.entries(engine.environment)) {
      if (value !== undefined) process.env[name] = value;
    }
    if (process.env.SENTRA_TEST_ENGINE === undefined) {
      throw new SetupError(`The bench "${bench.name}" needs a Docker engine; see above.`);
    }
    return await bench.run(options);
  } finally {
    await engine.stop();
  }
}

async function measure(bench, options) {
  try {
    return await (bench.needsEngine ? runWithEngine(bench, options) : bench.run(options));
  } catch (error) {
    // It may have been thrown by the interruption, which is no fault.
    if (options.signal.aborted) return { results: [] };
    // What is wrong with somebody's data or words is for them to read, not a fault of the bench.
    const isTheirs = error?.name === 'DataSetError' || error?.name === 'OptionError';
    throw isTheirs ? new SetupError(error.message) : error;
  }
}

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      short: { type: 'boolean' },
      data: { type: 'string' },
      out: { type: 'string' },
      recording: { type: 'string' },
      strength: { type: 'string' },
      villain: { type: 'string' },
      load: { type: 'string' },
    },
  });
  const [name] = positionals;
  if (name === undefined) return list();
  const bench = await load(name);
  const signal = watchForInterruption();
  const { json, short, ...named } = values;
  // With --json, standard output holds the one line and nothing else.
  const say = (text) => (json ? process.stderr : process.stdout).write(`${text}\n`);
  say(bench.title);
  const options = { ...named, short: short === true, signal, say };
  const { results, problems = [] } = await measure(bench, options);
  if (signal.aborted) return 130;
  say(table(results));
  const told = problems.length === 0 ? { results } : { results, problems };
  if (json) process.stdout.write(`${JSON.stringify({ bench: name, ...told })}\n`);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
});

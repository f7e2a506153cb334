import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { testContainers } from '../engine/containers.ts';
import { startPrivateEngine, type PrivateEngine } from '../engine/private-engine.ts';
import { endedCpuSecondsOf, exactCpuSecondsOf, familyOf, residentBytesOf } from './process-cost.ts';
import { atMost, OptionError, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { medianWithInterval, isDecided } from './statistics.ts';
import { takeTurns, type WatcherTurns } from './watcher-turns.ts';

export const title =
  'CPU of Sentra and of the engine it asks, beside `docker stats`, on 50 containers';
export const needsEngine = true;

const containers = 50;
/** What is measured in one run, and what passes before it, so that nothing of the start counts. */
const runs = {
  long: { runMs: 10_000, settleMs: 6_000 },
  short: { runMs: 4_000, settleMs: 3_000 },
};

type Run = (typeof runs)['long'];

/** The CPU, in cores, of one run: of the one who asks, and of the engine. */
interface Cost {
  readonly asker: number;
  readonly engine: number;
}

/**
 * What the containers do. The busy ones compute for some milliseconds and start a program, twice a
 * second each: about half a core, and a hundred new processes a second, altogether.
 */
const loads = {
  idle: ['sleep', '100000'],
  busy: [
    'sh',
    '-c',
    'while :; do i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; sleep 0.5; done',
  ],
} as const;
type LoadName = keyof typeof loads;

function loadsOf({ short, load }: BenchOptions): readonly LoadName[] {
  if (load === undefined) return short ? ['idle'] : ['idle', 'busy'];
  if (load === 'idle' || load === 'busy') return [load];
  throw new OptionError(`There is no load "${load}". There are idle and busy.`);
}

/**
 * 50 real containers on an engine of their own, idle and then busy; the busy ones without a target.
 * Sentra is held while `docker stats` is measured, and while nobody asks: what the engine uses then,
 * neither has caused. Pairs A B B A, the engine alone between the two, until the interval of the ratio
 * is narrow enough, at most so many.
 */
export async function run(options: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const { short } = options;
  const chosen = loadsOf(options);
  const folder = mkdtempSync(join(tmpdir(), 'sentra-overhead-'));
  const engine = await startPrivateEngine();
  const made = testContainers(engine.socketPath);
  const results: BenchResult[] = [];
  try {
    for (const load of chosen) {
      await made.removeAll();
      const args = loads[load];
      await Promise.all(Array.from({ length: containers }, () => made.start({ args })));
      for (const byApi of short ? [false] : [false, true]) {
        results.push(...(await measureOne(options, engine, folder, load, byApi)));
      }
    }
  } finally {
    await made.removeAll();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return { results };
}

async function measureOne(
  { short, signal, say }: BenchOptions,
  engine: PrivateEngine,
  folder: string,
  load: LoadName,
  byApi: boolean,
): Promise<readonly BenchResult[]> {
  const isIdle = load === 'idle';
  const carrier = `by ${byApi ? 'the Docker API' : 'cgroup files'}${isIdle ? '' : ', all busy'}`;
  const target = isIdle ? targetOf('overhead', `ratio ${carrier}`) : null;
  // After a minute idle containers count as settled, which is how they are nearly all of the time.
  const settleMs = short ? 4_000 : isIdle ? 80_000 : 20_000;
  const settle = () => delay(settleMs, undefined, { signal });
  say(`${load} containers, ${carrier}:`);
  const watcher = await takeTurns({ engine: engine.host, folder, byApi }, settle);
  try {
    const length = short ? runs.short : runs.long;
    const most = short ? 1 : 12;
    const pairs = await measurePairs({ engine, watcher, target, length, most, signal, say });
    await watcher.goOn();
    const coresOf = (name: string, what: (pair: Pair) => number): BenchResult =>
      atMost(name, medianWithInterval(pairs.map(what)), 'cores', null);
    // Not what it started for a moment, and is gone.
    const helpers = familyOf(watcher.pid)
      .slice(1)
      .filter((pid) => residentBytesOf(pid) !== undefined);
    return [
      atMost(`ratio ${carrier}`, medianWithInterval(pairs.map(ratioOf)), 'ratio', target),
      coresOf(`Sentra ${carrier}`, ({ sentra }) => sentra.asker),
      coresOf(`engine for Sentra ${carrier}`, ({ sentra, alone }) => sentra.engine - alone),
      coresOf(`docker stats beside it (${carrier})`, ({ stats }) => stats.asker),
      coresOf(`engine for docker stats (${carrier})`, ({ stats, alone }) => stats.engine - alone),
      coresOf(`engine when nobody asks (${carrier})`, ({ alone }) => alone),
      atMost(
        `resident memory ${carrier}`,
        { value: megabytesOf([watcher.pid]) },
        'MB',
        isIdle ? targetOf('overhead', 'resident megabytes') : null,
      ),
      atMost(
        `resident memory of its kernel sensor (${carrier})`,
        { value: megabytesOf(helpers) },
        'MB',
        null,
      ),
    ];
  } finally {
    await watcher.stop();
  }
}

interface Pair {
  readonly sentra: Cost;
  readonly stats: Cost;
  /** The engine's own CPU, in cores, while nobody asks it. */
  readonly alone: number;
}

/** What one asks for and causes, in cores. */
const caused = ({ asker, engine }: Cost, alone: number): number => asker + engine - alone;

const ratioOf = ({ sentra, stats, alone }: Pair): number =>
  caused(sentra, alone) / caused(stats, alone);

async function measurePairs(options: {
  readonly engine: PrivateEngine;
  readonly watcher: WatcherTurns;
  readonly target: number | null;
  readonly length: Run;
  readonly most: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}): Promise<readonly Pair[]> {
  const { engine, watcher, target, length, most, signal, say } = options;
  const pairs: Pair[] = [];
  while (pairs.length < most) {
    const sentraFirst = pairs.length % 2 === 0;
    const first = sentraFirst ? await costOfSentra() : await costOfStats();
    await watcher.hold();
    const { engine: alone } = await costOf(engine, process.pid, length, signal);
    const second = sentraFirst ? await costOfStats() : await costOfSentra();
    const pair = sentraFirst
      ? { sentra: first, stats: second, alone }
      : { sentra: second, stats: first, alone };
    pairs.push(pair);
    const ratio = medianWithInterval(pairs.map(ratioOf));
    say(
      `pair ${pairs.length}: Sentra ${percent(caused(pair.sentra, alone))}, docker stats ` +
        `${percent(caused(pair.stats, alone))} of a core; ratio ${ratio.value.toFixed(3)}`,
    );
    // Without a target there is nothing to be decided.
    if (pairs.length >= 6 && (target === null || isDecided(ratio, target))) break;
  }
  return pairs;

  async function costOfSentra(): Promise<Cost> {
    await watcher.goOn();
    return costOf(engine, watcher.pid, length, signal);
  }

  async function costOfStats(): Promise<Cost> {
    await watcher.hold();
    const child = spawn('docker', ['--host', engine.host, 'stats'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      child.stdout.resume();
      if (child.pid === undefined) throw new Error('The docker client could not be started.');
      return await costOf(engine, child.pid, length, signal);
    } finally {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
  }
}

async function costOf(
  engine: PrivateEngine,
  pid: number,
  { runMs, settleMs }: Run,
  signal: AbortSignal,
): Promise<Cost> {
  await delay(settleMs, undefined, { signal });
  const family = familyOf(pid);
  const read = () => ({
    at: performance.now(),
    family: family.map((each) => exactCpuSecondsOf(each)),
    ended: endedCpuSecondsOf(pid),
    engine:
      (exactCpuSecondsOf(engine.dockerdPid) ?? Number.NaN) +
      (exactCpuSecondsOf(engine.containerdPid) ?? Number.NaN),
  });
  const before = read();
  await delay(runMs, undefined, { signal });
  const after = read();
  const elapsed = (after.at - before.at) / 1000;
  // Sentra with the loader of its kernel sensor, and what it started for a moment and waited for.
  const lived = family.map((_, at) => {
    const [was, is] = [before.family[at], after.family[at]];
    return was === undefined || is === undefined ? 0 : is - was;
  });
  const asker = lived.reduce((sum, each) => sum + each, after.ended - before.ended);
  return {
    asker: asker / elapsed,
    engine: (after.engine - before.engine) / elapsed,
  };
}

function megabytesOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (residentBytesOf(pid) ?? Number.NaN), 0) / 1e6;
}

function percent(cores: number): string {
  return `${(100 * cores).toFixed(2)} %`;
}

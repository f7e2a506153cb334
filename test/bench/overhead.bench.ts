import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { testContainers } from '../engine/containers.ts';
import { startPrivateEngine, type PrivateEngine } from '../engine/private-engine.ts';
import { endedCpuSecondsOf, exactCpuSecondsOf, familyOf, residentBytesOf } from './process-cost.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { medianWithInterval, isDecided, type Estimate } from './statistics.ts';
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
 * 50 real containers on an engine of their own. Sentra is held while `docker stats` is measured, and
 * while nobody asks: what the engine uses then, neither has caused. Pairs A B B A, the engine alone
 * between the two, until the interval of the ratio is narrow enough, at most so many.
 */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-overhead-'));
  const engine = await startPrivateEngine();
  const made = testContainers(engine.socketPath);
  const results: BenchResult[] = [];
  try {
    await Promise.all(
      Array.from({ length: containers }, () => made.start({ args: ['sleep', '100000'] })),
    );
    for (const byApi of short ? [false] : [false, true]) {
      const figure = byApi ? 'ratio by the Docker API' : 'ratio by cgroup files';
      const target = targetOf('overhead', figure);
      // After a minute idle containers count as settled, which is how they are nearly all of the time.
      const settle = () => delay(short ? 4_000 : 80_000, undefined, { signal });
      const watcher = await takeTurns({ engine: engine.host, folder, byApi }, settle);
      try {
        const length = short ? runs.short : runs.long;
        const most = short ? 1 : 12;
        const pairs = await measurePairs({ engine, watcher, target, length, most, signal, say });
        await watcher.goOn();
        const of = (what: (pair: Pair) => number): Estimate => medianWithInterval(pairs.map(what));
        const carrier = byApi ? 'by the Docker API' : 'by cgroup files';
        results.push(
          atMost(figure, of(ratioOf), 'ratio', target),
          atMost(
            `Sentra ${carrier}`,
            of(({ sentra }) => sentra.asker),
            'cores',
            null,
          ),
          atMost(
            `engine for Sentra ${carrier}`,
            of(({ sentra, alone }) => sentra.engine - alone),
            'cores',
            null,
          ),
          atMost(
            `docker stats beside it (${carrier})`,
            of(({ stats }) => stats.asker),
            'cores',
            null,
          ),
          atMost(
            `engine for docker stats (${carrier})`,
            of(({ stats, alone }) => stats.engine - alone),
            'cores',
            null,
          ),
          atMost(
            `engine when nobody asks (${carrier})`,
            of(({ alone }) => alone),
            'cores',
            null,
          ),
          atMost(
            `resident memory ${carrier}`,
            { value: megabytesOf([watcher.pid]) },
            'MB',
            targetOf('overhead', 'resident megabytes'),
          ),
          atMost(
            `resident memory of its kernel sensor (${carrier})`,
            // Not what it started for a moment, and is gone.
            {
              value: megabytesOf(
                familyOf(watcher.pid)
                  .slice(1)
                  .filter((pid) => residentBytesOf(pid) !== undefined),
              ),
            },
            'MB',
            null,
          ),
        );
      } finally {
        await watcher.stop();
      }
    }
  } finally {
    await made.removeAll();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return { results };
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
  readonly target: number;
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
    if (pairs.length >= 6 && isDecided(ratio, target)) break;
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

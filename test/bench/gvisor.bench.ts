import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { traceFileText } from '../../monitor/sensors/gvisor/trace-file.ts';
import { engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { countCpuOf, type CpuGroup } from './cpu-group.ts';
import { slowDown, watchSandbox } from './gvisor/watched-sandbox.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { isDecided, medianWithInterval, type Estimate } from './statistics.ts';

export const title =
  'What it costs a container under gVisor to be watched: work, and a storm of calls';
export const needsEngine = true;

const stormCopies = 180_000;

/**
 * Programs that start, read their libraries and compile, as builds do; then nothing but calls, for longer
 * than it takes to leave the loudest out, and to end a receiver that stands still.
 */
const works = {
  work: 'i=0; while [ $i -lt 40 ]; do python3 -c "import json, py_compile"; i=$((i+1)); done',
  storm: `dd if=/dev/zero of=/dev/null bs=1 count=${stormCopies}`,
} as const;
type Work = keyof typeof works;

/**
 * Unwatched; watched; watched by a receiver that has just stopped, that reads a tenth of the time, that
 * was killed; and in a container that was to tell from its start while no receiver was there.
 */
const ways = ['bare', 'watched', 'stopped', 'slow', 'killed', 'absent'] as const;
type Way = (typeof ways)[number];

/** What a piece of work took: CPU of the sandbox and all beneath it, and by the clock. */
interface Taken {
  readonly cpu: number;
  readonly wall: number;
  /** Calls that were counted, and whether the badge said that there were more. */
  readonly counted: number;
  readonly isLossShown: boolean;
}
type Round = Record<Way, Taken>;

/** A container under gVisor, and what it uses. */
interface Sandbox {
  readonly container: TestContainer;
  readonly group: CpuGroup;
}

/**
 * The ways in turning order, each work in each of them. Held against the target is the sandbox's CPU
 * time: what a call costs when it is counted is spent there, and a busy machine does not add to it. By
 * the clock alone is told whether the container waited for anybody, which is shown without a target.
 */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const made = testContainers(engineSocket());
  const groups: CpuGroup[] = [];
  const sandboxOf = async (runtime: string): Promise<Sandbox> => {
    const container = await startUnder(made, runtime);
    const group = countCpuOf((await container.inspect()).State.Pid, runtime);
    groups.push(group);
    return { container, group };
  };
  // The runtime reads it whenever it starts a container; nobody listens where it leads.
  const traceFile = join(dirname(engineSocket()), 'pod-init.json');
  writeFileSync(traceFile, traceFileText('/run/sentra-gvisor-bench/absent.sock'));
  try {
    const usual = await sandboxOf('runsc');
    const untold = await sandboxOf('runsc-traced');
    const results: BenchResult[] = [await failedStarts(made, short ? 1 : 10)];
    for (const name of ['work', 'storm'] as const) {
      const rounds: Round[] = [];
      // The first time memory is laid out and files are read.
      for (const sandbox of [usual, untold]) await takenBy(sandbox, works[name], 'bare');
      while (rounds.length < (short ? 1 : 12) && !signal.aborted) {
        const turn = rounds.length % 2 === 0 ? ways : ways.toReversed();
        const taken: [Way, Taken][] = [];
        for (const way of turn) {
          const sandbox = way === 'absent' ? untold : usual;
          taken.push([way, await takenBy(sandbox, works[name], way)]);
        }
        const round = Object.fromEntries(taken) as Round;
        rounds.push(round);
        say(`${name}, round ${rounds.length}: ${ways.map((way) => told(way, round)).join(', ')}`);
        if (rounds.length >= 6 && isClear(rounds)) break;
      }
      if (rounds.length === 0) break;
      results.push(...resultsOf(name, rounds));
    }
    return { results };
  } finally {
    for (const group of groups) group.end();
    rmSync(traceFile, { force: true });
    await made.removeAll();
  }
}

function startUnder(made: TestContainers, runtime: string): Promise<TestContainer> {
  return made.start({
    image: 'debian',
    args: ['sleep', '100000'],
    network: 'none',
    hostConfig: { Runtime: runtime },
  });
}

/** How many containers do not start that are to tell of themselves while no receiver is there. */
async function failedStarts(made: TestContainers, count: number): Promise<BenchResult> {
  let failures = 0;
  for (let at = 0; at < count; at += 1) {
    try {
      const container = await startUnder(made, 'runsc-traced');
      if (!(await container.inspect()).State.Running) failures += 1;
      await container.remove();
    } catch {
      failures += 1;
    }
  }
  const name = 'did not start without a receiver';
  return { ...atMost(name, { value: failures }, 'containers', 0), n: count };
}

function resultsOf(name: Work, rounds: readonly Round[]): readonly BenchResult[] {
  const target = targetOf('gvisor', 'slower when watched');
  const watched = ways.slice(1);
  // What it makes is known of the storm alone; of the work what is counted when all is well.
  const unshown = rounds.flatMap((round) => {
    const made = name === 'storm' ? 2 * stormCopies : round.watched.counted;
    return watched.filter((way) => round[way].counted < 0.98 * made && !round[way].isLossShown);
  });
  return [
    ...watched.flatMap((way) => [
      atMost(
        `${name}: ${way} against unwatched, CPU time`,
        ratioOf(rounds, way, 'cpu'),
        'ratio',
        target,
      ),
      atMost(
        `${name}: ${way} against unwatched, by the clock`,
        ratioOf(rounds, way, 'wall'),
        'ratio',
        null,
      ),
    ]),
    {
      ...atMost(`${name}: lost and not shown`, { value: unshown.length }, 'turns', 0),
      n: rounds.length * watched.length,
    },
  ];
}

function told(way: Way, round: Round): string {
  const { cpu, wall, counted, isLossShown } = round[way];
  const seen = way === 'bare' ? '' : `, ${counted} counted${isLossShown ? ', loss shown' : ''}`;
  return `${way} ${cpu.toFixed(2)} s CPU (${wall.toFixed(2)} s${seen})`;
}

function isClear(rounds: readonly Round[]): boolean {
  const target = targetOf('gvisor', 'slower when watched');
  return ways.slice(1).every((way) => isDecided(ratioOf(rounds, way, 'cpu'), target));
}

function ratioOf(rounds: readonly Round[], way: Way, by: 'cpu' | 'wall'): Estimate {
  return medianWithInterval(rounds.map((one) => one[way][by] / one.bare[by]));
}

/** How long what was told on the way may take to arrive, milliseconds: a window is told each second. */
const arrivalMs = 1_500;

async function takenBy({ container, group }: Sandbox, work: string, way: Way): Promise<Taken> {
  const watched =
    way === 'bare'
      ? undefined
      : await watchSandbox(container, way === 'absent' ? 'absent' : 'there');
  let hasten = (): Promise<void> => Promise.resolve();
  try {
    if (watched?.receiver !== undefined) {
      if (way === 'stopped') process.kill(watched.receiver, 'SIGSTOP');
      if (way === 'killed') process.kill(watched.receiver, 'SIGKILL');
      if (way === 'slow') hasten = slowDown(watched.receiver);
    }
    const [begin, before] = [performance.now(), group.seconds()];
    if ((await container.exec(['sh', '-c', work], 240_000)) !== 0) throw new Error('It failed.');
    const [cpu, wall] = [group.seconds() - before, (performance.now() - begin) / 1000];
    await hasten();
    if (watched !== undefined) await delay(arrivalMs);
    const [counted, isLossShown] = [watched?.counted() ?? 0, watched?.hasShownLoss() ?? false];
    return { cpu, wall, counted, isLossShown };
  } finally {
    await hasten();
    await watched?.stop();
  }
}

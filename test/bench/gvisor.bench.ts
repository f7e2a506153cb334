import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workload } from '../../monitor/model/workload.ts';
import { systemClock } from '../../monitor/runtime/clock.ts';
import { silentLogger } from '../../monitor/runtime/logger.ts';
import { createGvisorWatch, type GvisorWatch } from '../../monitor/sensors/gvisor/gvisor-watch.ts';
import { createNativeTracing } from '../../monitor/sensors/gvisor/native-tracing.ts';
import { engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer } from '../engine/containers.ts';
import { countCpuOf, type CpuGroup } from './cpu-group.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { isDecided, medianWithInterval, type Estimate } from './statistics.ts';

export const title =
  'What it costs a container under gVisor to be watched: work, and a storm of calls';
export const needsEngine = true;

/**
 * Programs that start, read their libraries and compile, as builds do; then nothing but calls, for longer
 * than it takes to leave the loudest out, and to end a receiver that stands still.
 */
const works = {
  work: 'i=0; while [ $i -lt 40 ]; do python3 -c "import json, py_compile"; i=$((i+1)); done',
  storm: 'dd if=/dev/zero of=/dev/null bs=1 count=180000',
} as const;

/** Unwatched; watched; watched by a receiver that has just stopped, or been killed. */
const ways = ['bare', 'watched', 'stopped', 'killed'] as const;
type Way = (typeof ways)[number];

/** What a piece of work took: CPU of the sandbox and all beneath it, and by the clock. */
interface Taken {
  readonly cpu: number;
  readonly wall: number;
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
  let group: CpuGroup | undefined;
  try {
    const container = await made.start({
      image: 'debian',
      args: ['sleep', '100000'],
      network: 'none',
      hostConfig: { Runtime: 'runsc' },
    });
    group = countCpuOf((await container.inspect()).State.Pid);
    const results: BenchResult[] = [];
    for (const name of ['work', 'storm'] as const) {
      const rounds: Record<Way, Taken>[] = [];
      const target = targetOf('gvisor', 'slower when watched');
      // The first time memory is laid out and files are read.
      await takenBy(container, group, works[name], 'bare');
      while (rounds.length < (short ? 1 : 16) && !signal.aborted) {
        const turn = rounds.length % 2 === 0 ? ways : ways.toReversed();
        const taken: [Way, Taken][] = [];
        for (const way of turn)
          taken.push([way, await takenBy(container, group, works[name], way)]);
        const round = Object.fromEntries(taken) as Record<Way, Taken>;
        rounds.push(round);
        say(
          `${name}, round ${rounds.length}: ` +
            ways
              .map(
                (way) =>
                  `${way} ${round[way].cpu.toFixed(2)} s CPU (${round[way].wall.toFixed(2)} s)`,
              )
              .join(', '),
        );
        const isClear = ways
          .slice(1)
          .every((way) => isDecided(ratioOf(rounds, way, 'cpu'), target));
        if (rounds.length >= 6 && isClear) break;
      }
      if (rounds.length === 0) break;
      for (const way of ways.slice(1)) {
        const [cpu, wall] = [ratioOf(rounds, way, 'cpu'), ratioOf(rounds, way, 'wall')];
        results.push(
          atMost(`${name}: ${way} against unwatched, CPU time`, cpu, 'ratio', target),
          atMost(`${name}: ${way} against unwatched, by the clock`, wall, 'ratio', null),
        );
      }
    }
    return { results };
  } finally {
    group?.end();
    await made.removeAll();
  }
}

function ratioOf(rounds: readonly Record<Way, Taken>[], way: Way, by: keyof Taken): Estimate {
  return medianWithInterval(rounds.map((one) => one[way][by] / one.bare[by]));
}

async function takenBy(
  container: TestContainer,
  group: CpuGroup,
  work: string,
  way: Way,
): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-gvisor-'));
  const watch = way === 'bare' ? undefined : await startWatch(container, folder);
  try {
    const receiver = watch?.receiver();
    if (way === 'stopped' && receiver !== undefined) process.kill(receiver, 'SIGSTOP');
    if (way === 'killed' && receiver !== undefined) process.kill(receiver, 'SIGKILL');
    const [begin, before] = [performance.now(), group.seconds()];
    if ((await container.exec(['sh', '-c', work], 240_000)) !== 0) throw new Error('It failed.');
    return { cpu: group.seconds() - before, wall: (performance.now() - begin) / 1000 };
  } finally {
    await watch?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startWatch(container: TestContainer, folder: string): Promise<GvisorWatch> {
  const watch = createGvisorWatch({
    tracing: createNativeTracing({ procFolder: '/proc', folder }),
    clock: systemClock,
    logger: silentLogger,
    onObservation: () => undefined,
    onChange: () => undefined,
  });
  const { Pid } = (await container.inspect()).State;
  const { id } = container;
  const workload = {
    key: 'bench',
    container: id,
    mainPid: Pid,
    runtime: 'runsc',
    state: 'running',
  };
  if (!watch.watch(workload as Workload)) throw new Error('The container is not under gVisor.');
  const until = performance.now() + 60_000;
  while (watch.sight(id, systemClock.monotonic())?.state !== 'seeing') {
    if (performance.now() > until) {
      // What it started would keep this process from ending.
      await watch.stop();
      throw new Error('gVisor told nothing for a minute.');
    }
    await delay(50);
  }
  return watch;
}

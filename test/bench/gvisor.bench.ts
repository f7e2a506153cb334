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
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { isDecided, medianWithInterval } from './statistics.ts';

export const title =
  'What it costs a container under gVisor to be watched: work, and a storm of calls';
export const needsEngine = true;

/** Programs that start, read their libraries and compile, as builds do; then nothing but calls. */
const works = {
  work: 'i=0; while [ $i -lt 12 ]; do python3 -c "import json, py_compile"; i=$((i+1)); done',
  storm: 'dd if=/dev/zero of=/dev/null bs=1 count=60000',
} as const;

/** Unwatched; watched; watched by a receiver that has just stopped, or been killed. */
const ways = ['bare', 'watched', 'stopped', 'killed'] as const;
type Way = (typeof ways)[number];

/** The ways in turning order, each work in each of them. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const made = testContainers(engineSocket());
  try {
    const container = await made.start({
      image: 'debian',
      args: ['sleep', '100000'],
      network: 'none',
      hostConfig: { Runtime: 'runsc' },
    });
    const results: BenchResult[] = [];
    for (const name of ['work', 'storm'] as const) {
      const rounds: Record<Way, number>[] = [];
      const target = targetOf('gvisor', 'slower when watched');
      while (rounds.length < (short ? 1 : 16) && !signal.aborted) {
        const round: Record<Way, number> = { bare: 0, watched: 0, stopped: 0, killed: 0 };
        for (const way of rounds.length % 2 === 0 ? ways : ways.toReversed()) {
          round[way] = await secondsOf(container, works[name], way);
        }
        rounds.push(round);
        say(
          `${name}, round ${rounds.length}: ` +
            ways.map((way) => `${way} ${round[way].toFixed(2)} s`).join(', '),
        );
        const watched = medianWithInterval(rounds.map((one) => one.watched / one.bare));
        if (rounds.length >= 6 && isDecided(watched, target)) break;
      }
      for (const way of ways.slice(1)) {
        const ratio = medianWithInterval(rounds.map((one) => one[way] / one.bare));
        results.push(atMost(`${name}: ${way} against unwatched`, ratio, 'ratio', target));
      }
    }
    return { results };
  } finally {
    await made.removeAll();
  }
}

async function secondsOf(container: TestContainer, work: string, way: Way): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-gvisor-'));
  const watch = way === 'bare' ? undefined : await startWatch(container, folder);
  try {
    const receiver = watch?.receiver();
    if (way === 'stopped' && receiver !== undefined) process.kill(receiver, 'SIGSTOP');
    if (way === 'killed' && receiver !== undefined) process.kill(receiver, 'SIGKILL');
    const begin = performance.now();
    if ((await container.exec(['sh', '-c', work], 240_000)) !== 0) throw new Error('It failed.');
    return (performance.now() - begin) / 1000;
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
  for (let i = 0; watch.sight(id, systemClock.monotonic())?.state !== 'seeing'; i++) {
    if (i === 200) throw new Error('gVisor tells nothing.');
    await delay(50);
  }
  return watch;
}

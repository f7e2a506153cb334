import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exactCpuSecondsOf, residentBytesOf } from './process-cost.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { simulateHours } from './simulated-hours.ts';
import { medianWithInterval } from './statistics.ts';
import { startWatcher, type Watcher } from './watcher.ts';

export const title = 'What 1,000 simulated workloads at 1 Hz cost, and memory over ten hours';
export const needsEngine = false;

const simulatorEntry = join(import.meta.dirname, '../../monitor/simulator/process.ts');

/** 1,000 workloads for a minute and ten hours; 100 for 15 seconds and one hour in the short form. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const workloads = short ? 100 : 1000;
  const folder = mkdtempSync(join(tmpdir(), 'sentra-scale-'));
  const socket = join(folder, 'engine.sock');
  let simulator: ChildProcess | undefined;
  let watcher: Watcher | undefined;
  try {
    simulator = spawn(
      process.execPath,
      [simulatorEntry, '--socket', socket, '--containers', String(workloads)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    if (simulator.stdout === null) throw new Error('The simulator has no output.');
    await once(simulator.stdout, 'data', {
      signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
    });
    watcher = await startWatcher({ engine: `unix://${socket}`, folder, byApi: true });
    await delay(short ? 10_000 : 30_000, undefined, { signal });
    const shares: number[] = [];
    for (let round = 0; round < (short ? 3 : 12); round += 1) {
      const before = exactCpuSecondsOf(watcher.pid) ?? Number.NaN;
      const began = performance.now();
      await delay(5_000, undefined, { signal });
      const used = (exactCpuSecondsOf(watcher.pid) ?? Number.NaN) - before;
      shares.push((1000 * used) / (performance.now() - began));
    }
    const share = medianWithInterval(shares);
    const resident = residentBytesOf(watcher.pid) ?? Number.NaN;
    say(
      `${workloads} workloads: ${(100 * share.value).toFixed(1)} % of a core, ${(resident / 1e6).toFixed(0)} MB`,
    );
    await watcher.stop();
    watcher = undefined;
    const growth = await simulateHours({ workloads, hours: short ? 1 : 10, signal, say });
    return {
      results: [
        atMost(
          'share of a core',
          share,
          'cores',
          short ? null : targetOf('scale', 'share of a core'),
        ),
        atMost('resident memory', { value: resident / 1e6 }, 'MB', null),
        atMost(
          'memory growth over ten hours',
          { value: growth },
          'ratio',
          targetOf('scale', 'memory growth over ten hours'),
        ),
      ],
    };
  } finally {
    await watcher?.stop();
    if (simulator !== undefined && simulator.exitCode === null) {
      simulator.kill('SIGTERM');
      await once(simulator, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

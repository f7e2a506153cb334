import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDetection } from '../../monitor/detect/detection.ts';
import type { ResourceObservation } from '../../monitor/model/observation.ts';
import type { Workload } from '../../monitor/model/workload.ts';
import { createJudgement } from '../../monitor/pipeline/judgement.ts';
import { createLosses } from '../../monitor/pipeline/losses.ts';
import { defaultRetention } from '../../monitor/record/retention.ts';
import { openStore, type Store } from '../../monitor/record/store.ts';
import { silentLogger } from '../../monitor/runtime/logger.ts';

const start = Date.UTC(2026, 0, 1);

/**
 * Drives detectors and record through hours of observations, second by second, as fast as they go.
 * Gives the memory in use at the end as a ratio of what it was after the first tenth: flat is 1.
 */
export async function simulateHours(options: {
  readonly workloads: number;
  readonly hours: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-hours-'));
  let now = start;
  const opened = openStore(join(folder, 'record.db'), { now: () => now, logger: silentLogger });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  try {
    const detection = createDetection({ learnMs: 300_000, hostCpus: 4 });
    const losses = createLosses(silentLogger);
    const judgement = createJudgement(detection, store, losses, silentLogger);
    const workloads = Array.from({ length: options.workloads }, (_, index) => workloadOf(index));
    for (const workload of workloads) judgement.begin(workload);
    const seconds = options.hours * 3600;
    let early = 0;
    for (let second = 1; second <= seconds; second += 1) {
      options.signal.throwIfAborted();
      now = start + second * 1000;
      for (const [index, workload] of workloads.entries()) {
        const observation = observationOf(workload, index, second, now);
        store.samples.add(observation);
        for (const finding of judgement.step(observation).findings) {
          losses.check(store.findings.put(finding));
        }
      }
      if (second % 5 === 0) losses.check(store.samples.flush());
      if (second % 60 === 0) {
        // Else nobody could end it: Ctrl-C is heard between two turns.
        await new Promise((resume) => setImmediate(resume));
        judgement.save(now);
        while (sweepMore(store, now)) options.signal.throwIfAborted();
      }
      if (second === Math.floor(seconds / 10)) early = heapBytes();
      if (second % 3600 === 0) {
        options.say(`hour ${second / 3600}: ${(heapBytes() / 1e6).toFixed(0)} MB in use`);
      }
    }
    if (losses.all().length > 0) throw new Error(JSON.stringify(losses.all()));
    return heapBytes() / early;
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function sweepMore(store: Store, now: number): boolean {
  const swept = store.retention.sweep(now, defaultRetention);
  return swept.ok && swept.value.more;
}

/** Memory in use after a collection: what is kept, not what waits to be collected. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function workloadOf(index: number): Workload {
  return {
    key: `bench#agent-${index}`,
    container: index.toString(16).padStart(64, '0'),
    name: `agent-${index}`,
    image: 'bench',
    labels: {},
    composeProject: undefined,
    composeService: undefined,
    state: 'running',
    mainPid: undefined,
    startedAt: start,
    restartCount: 0,
    network: { kind: 'own', networks: ['bridge'] },
    limits: { memoryBytes: undefined, cpus: undefined, pids: undefined },
    runtime: 'runc',
    restartPolicy: 'no',
  };
}

/** Bursts of work that differ from workload to workload, from nothing but sines. */
function observationOf(
  workload: Workload,
  index: number,
  second: number,
  at: number,
): ResourceObservation {
  const wave = Math.sin(second / (7 + (index % 13))) * Math.sin(second / (101 + (index % 29)));
  const busy = Math.max(0, wave);
  return {
    kind: 'resource',
    at,
    workload: workload.key,
    container: workload.container,
    intervalMs: 1000,
    cpuCores: 0.01 + busy,
    throttledShare: 0,
    memoryBytes: 100e6 + busy * 200e6,
    anonymousBytes: 80e6 + busy * 200e6,
    cacheBytes: 20e6 + busy * 50e6,
    memoryLimitBytes: 2e9,
    memoryLimited: true,
    faultsPerSecond: 10 + busy * 20_000,
    pids: 3 + Math.round(busy * 20),
    pidsLimit: 512,
    forksRefused: 0,
    network: {
      receivedBytes: busy * 50_000,
      sentBytes: busy * 9_000,
      receivedPackets: busy * 90,
      sentPackets: busy * 70,
    },
    block: { readBytes: busy * 1e6, writtenBytes: busy * 2e6 },
    carrier: 'cgroup',
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Action } from '../../../monitor/model/action.ts';
import type { Containment } from '../../../monitor/model/containment.ts';
import type { Finding } from '../../../monitor/model/finding.ts';
import type { ResourceObservation } from '../../../monitor/model/observation.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import type { Result } from '../../../monitor/runtime/result.ts';
import { openStore } from '../../../monitor/record/store.ts';
import type { Store, StoreOptions } from '../../../monitor/record/store.ts';

/** 2026-11-02 09:00:00 UTC, the start of an hour. */
export const nineOClock = Date.UTC(2026, 10, 2, 9);

/** A folder that lasts for one test; hand its `dispose` to `onTestFinished`. */
export function temporaryFolder(): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sentra-record-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

/** The value, or a thrown error that shows the failure. */
export function expectOk<Value>(result: Result<Value, unknown>): Value {
  if (result.ok) return result.value;
  throw new Error(`Expected success: ${JSON.stringify(result.error)}`);
}

/** The failure, or a thrown error when there is none. */
export function expectFailure<Failure>(result: Result<unknown, Failure>): Failure {
  if (!result.ok) return result.error;
  throw new Error('Expected a failure');
}

export function openForTest(path: string, options: Partial<StoreOptions> = {}): Store {
  return expectOk(openStore(path, { now: () => nineOClock, logger: silentLogger, ...options }));
}

export function resource(over: Partial<ResourceObservation> = {}): ResourceObservation {
  return {
    kind: 'resource',
    workload: 'builder',
    container: 'c'.repeat(64),
    at: nineOClock,
    intervalMs: 1000,
    cpuCores: 0.5,
    throttledShare: 0,
    memoryBytes: 64 * 1024 * 1024,
    anonymousBytes: 32 * 1024 * 1024,
    cacheBytes: 0,
    memoryLimitBytes: 1024 ** 3,
    memoryLimited: true,
    faultsPerSecond: 10,
    pids: 7,
    pidsLimit: undefined,
    forksRefused: undefined,
    network: undefined,
    block: { readBytes: 0, writtenBytes: 4096 },
    carrier: 'cgroup',
    ...over,
  };
}

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    id: 'finding-1',
    kind: 'fork-bomb',
    workload: 'builder',
    container: 'c'.repeat(64),
    status: 'open',
    severity: 'critical',
    score: 0.98,
    onsetAt: nineOClock - 800,
    at: nineOClock,
    sentence: 'builder went from 7 to 412 processes in 0.8 s.',
    evidence: [
      {
        series: 'processes',
        unit: 'processes',
        observed: 412,
        expected: { low: 5, high: 9 },
        recent: [{ at: nineOClock, value: 412 }],
      },
    ],
    technique: { id: 'T1499', name: 'Endpoint Denial of Service' },
    ...over,
  };
}

export function action(over: Partial<Action> = {}): Action {
  return {
    id: 'action-1',
    name: 'pause',
    workload: 'builder',
    container: 'c'.repeat(64),
    requester: { kind: 'policy', decision: 'decision-1', rule: 'contain-runaways' },
    startedAt: nineOClock,
    finishedAt: undefined,
    outcome: { state: 'started' },
    ...over,
  };
}

export function containment(over: Partial<Containment> = {}): Containment {
  return {
    container: 'c'.repeat(64),
    workload: 'builder',
    name: 'builder-1',
    depth: 'frozen',
    since: nineOClock,
    undo: {
      pausedBySentra: true,
      networks: [
        {
          networkId: 'n'.repeat(64),
          networkName: 'agents',
          aliases: ['builder'],
          ipv4: '172.20.0.5',
          ipv6: undefined,
          addressCanReturn: true,
        },
      ],
      restartPolicy: { name: 'always', maximumRetryCount: 0 },
      limits: undefined,
    },
    holes: [],
    ...over,
  };
}

export function workload(over: Partial<Workload> = {}): Workload {
  return {
    key: 'builder',
    container: 'c'.repeat(64),
    name: 'builder-1',
    image: 'agents/builder:3',
    labels: { team: 'blue' },
    composeProject: undefined,
    composeService: undefined,
    state: 'running',
    mainPid: 4711,
    startedAt: nineOClock,
    restartCount: 0,
    network: { kind: 'own', networks: ['agents'] },
    limits: { memoryBytes: undefined, cpus: 2, pids: undefined },
    runtime: 'runc',
    restartPolicy: 'always',
    ...over,
  };
}

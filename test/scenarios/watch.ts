import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Action } from '../../monitor/model/action.ts';
import type { SensorName, Sight } from '../../monitor/model/coverage.ts';
import { atLeast, type Finding } from '../../monitor/model/finding.ts';
import type { Observation } from '../../monitor/model/observation.ts';
import { startMonitor, type Surroundings } from '../../monitor/monitor.ts';
import type {
  ConnectionView,
  MonitorEvent,
  RunningMonitor,
  WorkloadView,
} from '../../monitor/rpc/service/service.ts';
import { createLogger } from '../../monitor/runtime/logger.ts';

/** A real monitor over an engine, with all that it told. */
export interface Watch {
  readonly monitor: RunningMonitor;
  /** Holds the record, the lock and the policy file. */
  readonly folder: string;
  readonly findings: readonly Finding[];
  /** Every action as it was told: begun, and again when it ended. */
  readonly actions: readonly Action[];
  /** What the record has of them: the newest hundreds. */
  recorded(): readonly Action[];
  readonly connections: readonly ConnectionView[];
  readonly observations: readonly Observation[];
  readonly log: readonly string[];
  /** How the container is shown now; undefined while it is not known. */
  view(container: string): WorkloadView | undefined;
  sight(container: string, sensor: SensorName): Sight['state'] | undefined;
  /** Readings of the container taken after `since`. */
  readings(container: string, since: number): number;
  /** What was told as more than info, of any container or of this one; one sentence a finding. */
  alarms(container?: string): readonly string[];
  /** Ended actions on the container, in the form `pause proved`. */
  ended(container: string): readonly string[];
  /** What the monitor says it lost; that actions failed is told with each of them. */
  lost(): readonly string[];
  writePolicy(text: string): void;
  stop(): Promise<void>;
  /** Starts a monitor over the same folder, after `stop`. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** How an engine is watched. */
export interface WatchOptions {
  /** `unix://` and the socket's path. */
  readonly engine: string;
  readonly policy?: string;
  readonly learnMs?: number;
  readonly byApi?: boolean;
  readonly intervalMs?: number;
  readonly surroundings?: Surroundings;
}

/** Starts a monitor in a folder of its own. */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-fault-'));
  const findings: Finding[] = [];
  const actions: Action[] = [];
  const connections: ConnectionView[] = [];
  const observations: Observation[] = [];
  const log: string[] = [];
  let running: RunningMonitor | undefined;

  function hear(event: MonitorEvent): void {
    if (event.kind === 'finding') findings.push(event.finding);
    if (event.kind === 'action') actions.push(event.action);
    if (event.kind === 'connection') connections.push(event.connection);
    if (event.kind === 'observations') observations.push(...event.observations);
  }

  async function start(): Promise<void> {
    const started = await startMonitor(
      {
        engine: options.engine,
        policyFile: undefined,
        learnMs: options.learnMs ?? 2_000,
        intervalMs: options.intervalMs,
        stateFolder: folder,
        controlFolder: folder,
        simulate: false,
        byApi: options.byApi ?? false,
      },
      { logger: createLogger((line) => log.push(line), 'debug'), ...options.surroundings },
    );
    if (!started.ok) throw new Error(JSON.stringify(started.error));
    running = started.value;
    running.service.subscribe(hear);
  }

  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
  }

  function monitor(): RunningMonitor {
    if (running === undefined) throw new Error('No monitor runs.');
    return running;
  }

  const writePolicy = (text: string): void => writeFileSync(join(folder, 'policy.yaml'), text);
  const view = (container: string): WorkloadView | undefined =>
    monitor()
      .service.snapshot()
      .workloads.find(({ workload }) => workload.container === container);

  if (options.policy !== undefined) writePolicy(options.policy);
  await start();
  return {
    get monitor() {
      return monitor();
    },
    folder,
    findings,
    actions,
    recorded() {
      const listed = monitor().service.actions({ limit: 200 });
      if (!listed.ok) throw new Error(listed.error.message);
      return listed.value;
    },
    connections,
    observations,
    log,
    view,
    sight: (container, sensor) =>
      view(container)?.coverage.find((coverage) => coverage.sensor === sensor)?.sight.state,
    readings: (container, since) =>
      observations.filter(
        (one) => one.kind === 'resource' && one.container === container && one.at > since,
      ).length,
    alarms(container) {
      const about = findings.filter(
        (found) => container === undefined || found.container === container,
      );
      const loud = about.filter(({ severity }) => atLeast(severity, 'low'));
      return [
        ...new Map(loud.map(({ id, kind, sentence }) => [id, `${kind}: ${sentence}`])).values(),
      ];
    },
    ended: (container) =>
      actions
        .filter((action) => action.container === container && action.finishedAt !== undefined)
        .map(({ name, outcome }) => `${name} ${outcome.state}`),
    lost: () =>
      monitor()
        .service.snapshot()
        .losses.filter(({ what }) => !what.startsWith('actions'))
        .map(({ what, count }) => `${count} ${what}`),
    writePolicy,
    stop,
    start,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until `done` holds; false after the time-out. */
export async function until(
  done: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!(await done())) {
    if (performance.now() > end) return false;
    await delay(50);
  }
  return true;
}

/** Waits until `done` holds; throws with what was awaited after the time-out. The wait in milliseconds. */
export async function eventually(
  what: string,
  done: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<number> {
  const begun = performance.now();
  if (!(await until(done, timeoutMs))) {
    throw new Error(`Not within ${timeoutMs / 1000} s: ${what}.`);
  }
  return performance.now() - begun;
}

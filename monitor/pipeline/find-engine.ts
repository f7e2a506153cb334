import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine, type ConnectFailure } from '../engine/connect.ts';
import { systemEnvironment } from '../engine/environment.ts';
import type { Engine, EngineAbout, EngineError } from '../engine/port.ts';
import type { MonitorOptions, StartFailure } from '../rpc/service/service.ts';
import type { Disposer } from '../runtime/disposer.ts';
import type { Logger } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';

/** Connecting takes no longer than this, milliseconds. */
const connectMs = 15_000;

/** The seed of the simulation that is shown where there is no engine. */
const demoSeed = 7;

/** The engine that is watched, and where its record belongs. */
export interface FoundEngine {
  readonly engine: Engine;
  /**
   * For the record of a simulation, which ends with it: its containers bear the same names each
   * time, and would find themselves learned, or held, by a run that is over. Undefined where the
   * record is kept in the state folder.
   */
  readonly throwAwayFolder: string | undefined;
}

/**
 * Connects to the engine that is meant, or starts the simulator where that was asked for. What it
 * opens is registered with `disposer`.
 */
export async function findEngine(
  options: Pick<MonitorOptions, 'engine' | 'simulate' | 'learnMs'>,
  logger: Logger,
  disposer: Disposer,
): Promise<Result<FoundEngine, StartFailure>> {
  const simulation = options.simulate ? await simulate(options, disposer) : undefined;
  const connected = await connectEngine({
    endpoint: simulation === undefined ? options.engine : simulation.endpoint,
    environment: systemEnvironment(),
    logger,
    signal: AbortSignal.timeout(connectMs),
  });
  if (!connected.ok) return failed(failureOf(connected.error));
  disposer.add(() => connected.value.close());
  return ok({ engine: connected.value, throwAwayFolder: simulation?.folder });
}

/**
 * Whether an engine answers there; the connection is closed again. The error says why not, in a
 * sentence, and what to do.
 */
export async function tryEngine(
  endpoint: string,
  logger: Logger,
): Promise<Result<EngineAbout, { readonly message: string; readonly advice: string }>> {
  const connected = await connectEngine({
    endpoint,
    environment: systemEnvironment(),
    logger,
    signal: AbortSignal.timeout(connectMs),
  });
  if (!connected.ok) return failed(failureOf(connected.error));
  connected.value.close();
  return ok(connected.value.about);
}

async function simulate(
  options: Pick<MonitorOptions, 'learnMs'>,
  disposer: Disposer,
): Promise<{ readonly endpoint: string; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-simulator-'));
  disposer.add(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'engine.sock');
  // Loaded only where it is shown: it would cost memory for nothing beside a real engine.
  const { demoPlan } = await import('../simulator/demo-plan.ts');
  const { startSimulator } = await import('../simulator/simulator.ts');
  const { learnMs } = options;
  const plan = demoPlan(
    demoSeed,
    learnMs === undefined ? {} : { firstIncidentAfterSeconds: learnMs / 1000 + 15 },
  );
  const simulator = await startSimulator({ socketPath, plan, seed: demoSeed });
  disposer.add(() => simulator.close());
  return { endpoint: `unix://${socketPath}`, folder };
}

function failureOf(
  failure: ConnectFailure,
): Exclude<StartFailure, { readonly kind: 'already-running' }> {
  // Where nobody chose, sockets that are simply not there say nothing that a person has to read.
  const told = failure.attempts.filter(({ error }) => error.kind !== 'not-running');
  const attempts = told.length > 0 ? told : failure.attempts.slice(0, 1);
  const message = attempts
    .map(({ endpoint, source, error }) => `${endpoint} (${source}): ${error.message}`)
    .join('\n');
  const advice = [...new Set(attempts.map(({ error }) => error.advice))].join('\n');
  const refusals = failure.attempts.filter(({ error }) => !isNobody(error));
  if (refusals.length > 0 && refusals.every(({ error }) => error.kind === 'no-permission')) {
    return { kind: 'no-permission', message, advice };
  }
  return { kind: failure.named || refusals.length > 0 ? 'failed' : 'no-engine', message, advice };
}

/**
 * Whether no engine is there, rather than one that does not let Sentra in or cannot be understood. One
 * that takes too long is there: where the machine is busy, a simulated one must not take its place.
 */
function isNobody({ kind }: EngineError): boolean {
  return kind === 'not-running' || kind === 'stale-socket' || kind === 'unreachable';
}

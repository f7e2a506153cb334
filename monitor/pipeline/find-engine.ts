import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine, type ConnectFailure } from '../engine/connect.ts';
import { systemEnvironment } from '../engine/environment.ts';
import type { Engine } from '../engine/port.ts';
import type { MonitorOptions, StartFailure } from '../rpc/service.ts';
import type { Disposer } from '../runtime/disposer.ts';
import type { Logger } from '../runtime/logger.ts';
import { failed, type Result } from '../runtime/result.ts';

/** Connecting takes no longer than this, milliseconds. */
const connectMs = 15_000;

/** The seed of the simulation that is shown where there is no engine. */
const demoSeed = 7;

/**
 * Connects to the engine that is meant, or starts the simulator where that was asked for. What it
 * opens is registered with `disposer`.
 */
export async function findEngine(
  options: Pick<MonitorOptions, 'engine' | 'simulate' | 'learnMs'>,
  logger: Logger,
  disposer: Disposer,
): Promise<Result<Engine, StartFailure>> {
  const endpoint = options.simulate ? await simulate(options, disposer) : options.engine;
  const connected = await connectEngine({
    endpoint,
    environment: systemEnvironment(),
    logger,
    signal: AbortSignal.timeout(connectMs),
  });
  if (!connected.ok) return failed(failureOf(connected.error));
  disposer.add(() => connected.value.close());
  return connected;
}

async function simulate(
  options: Pick<MonitorOptions, 'learnMs'>,
  disposer: Disposer,
): Promise<string> {
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
  return `unix://${socketPath}`;
}

function failureOf(failure: ConnectFailure): StartFailure {
  // Where nobody chose, sockets that are simply not there say nothing that a person has to read.
  const told = failure.attempts.filter(({ error }) => error.kind !== 'not-running');
  const attempts = told.length > 0 ? told : failure.attempts.slice(0, 1);
  const message = attempts
    .map(({ endpoint, source, error }) => `${endpoint} (${source}): ${error.message}`)
    .join('\n');
  const advice = [...new Set(attempts.map(({ error }) => error.advice))].join('\n');
  return { kind: failure.chosen || told.length > 0 ? 'failed' : 'no-engine', message, advice };
}

import { connectEngine } from '../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../monitor/engine/environment.ts';
import type { Engine } from '../../monitor/engine/port.ts';
import { silentLogger } from '../../monitor/runtime/logger.ts';
import { engineSocket } from './capabilities.ts';

/** The private engine, as Sentra connects to it. */
export async function connectToEngine(): Promise<Engine> {
  const connection = await connectEngine({
    endpoint: `unix://${engineSocket()}`,
    environment: systemEnvironment(),
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  if (!connection.ok) throw new Error(JSON.stringify(connection.error));
  return connection.value;
}

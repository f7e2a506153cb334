import { systemEnvironment } from '../../../monitor/engine/environment.ts';
import { connectEngine } from '../../../monitor/engine/connect.ts';
import type { HelperWay } from '../../../monitor/engine/helper-shape.ts';
import type { HelperParts } from '../../../monitor/helper/helper-container.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { engineSocket } from '../../engine/capabilities.ts';

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

/** The folder in which the helper listens, where it does so by a socket. */
export function folderOf({ ways }: Pick<HelperParts, 'ways'>): string {
  if (ways.folder === undefined) throw new Error('The engine is not on this machine.');
  return ways.folder;
}

export function socketWay(parts: Pick<HelperParts, 'ways'>): HelperWay {
  return { kind: 'socket', folder: folderOf(parts) };
}

export function portWay({ ways }: Pick<HelperParts, 'ways'>): HelperWay {
  return { kind: 'port', owner: ways.owner };
}

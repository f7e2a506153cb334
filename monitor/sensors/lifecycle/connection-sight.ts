import { seeing, type Sight } from '../../model/coverage.ts';
import type { ConnectionState } from './workload-watcher.ts';

/** What the engine's own events are worth while the connection to it is as it is. */
export function connectionSight(connection: ConnectionState): Sight {
  if (connection.state === 'connected') return seeing;
  return { state: 'blind', reason: `The engine does not answer: ${connection.error.message}` };
}

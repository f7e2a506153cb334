import { seeing, starting, type Sight } from '../../model/coverage.ts';
import type { ConnectionState, EventSight } from './workload-watcher.ts';

/** Whether the engine is there, as the connection to it tells. */
export function connectionSight(connection: ConnectionState): Sight {
  if (connection.state === 'connected') return seeing;
  return { state: 'blind', reason: `The engine does not answer: ${connection.error.message}` };
}

/** What the engine's events are worth. `engine` is what the connection tells. */
export function eventsSight(engine: Sight, events: EventSight | undefined): Sight {
  if (engine.state !== 'seeing') return engine;
  if (events?.state !== 'blind') return events ?? starting;
  return { state: 'blind', reason: events.reason };
}

/** What asking the engine would come to: blind where it answers nothing, be its events ever so old. */
export function askingSight(engine: Sight, events: EventSight | undefined): Sight {
  const isSilent = events?.state === 'blind' && !events.answers;
  return isSilent ? eventsSight(engine, events) : engine;
}

import type { EngineEvent } from '../../engine/port.ts';

/** Remembers which events have been told, so that a replay after a reconnection tells none twice. */
export interface EventMemory {
  /** True the first time that the event is shown. */
  isNew(event: EngineEvent): boolean;
}

/**
 * A memory of the latest `capacity` events, by time, actor, action and detail. The engine keeps 256
 * events for replay, so four times as many are enough.
 */
export function createEventMemory(capacity = 1024): EventMemory {
  const seen = new Set<string>();
  return {
    isNew(event) {
      // A network tells one event for each container, so the container is part of the identity.
      const subject = event.attributes['container'] ?? '';
      const key = `${event.timeNano} ${event.actor} ${event.action} ${subject} ${event.detail}`;
      if (seen.has(key)) return false;
      seen.add(key);
      if (seen.size > capacity) {
        for (const oldest of seen) {
          seen.delete(oldest);
          break;
        }
      }
      return true;
    },
  };
}

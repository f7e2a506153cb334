import { bounds } from '../protocol.ts';
import type { Message } from '../protocol.ts';
import type { Port } from '../port.ts';
import type { MonitorEvent } from '../service/service.ts';

/** Events on their way to one subscriber. */
export interface Outbox {
  push(event: MonitorEvent): void;
  /** Sends what was held back, as far as the port takes it. */
  flush(): void;
}

/**
 * Sends events at once while the far end keeps up. When more than `bounds.slowBytes` wait in the
 * port, events are held: of the observations only the latest, of the rest the latest
 * `bounds.heldEvents`. The subscriber is told how many were left out before it gets the next event.
 */
export function createOutbox(port: Port): Outbox {
  const held: MonitorEvent[] = [];
  let latest: MonitorEvent | undefined;
  let lost = 0;

  const send = (message: Message): void => port.send(message);
  const isSlow = (): boolean => port.waitingBytes() > bounds.slowBytes;

  function hold(event: MonitorEvent): void {
    if (event.kind === 'observations') {
      if (latest !== undefined) lost += 1;
      latest = event;
      return;
    }
    held.push(event);
    if (held.length > bounds.heldEvents) {
      held.shift();
      lost += 1;
    }
  }

  function flush(): void {
    if (isSlow()) return;
    if (lost > 0) send({ type: 'lost', count: lost });
    lost = 0;
    while (held.length > 0) {
      if (isSlow()) return;
      send({ type: 'event', event: held.shift() });
    }
    if (latest === undefined || isSlow()) return;
    send({ type: 'event', event: latest });
    latest = undefined;
  }

  return {
    push(event) {
      hold(event);
      flush();
    },
    flush,
  };
}

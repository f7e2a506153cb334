import type { MonitorClient } from '../../monitor/rpc/client.ts';
import type { MonitorEvent } from '../../monitor/rpc/service/service.ts';
import { applyEvent, createPicture } from './picture.ts';
import type { Picture } from './picture.ts';

/** How many open findings are asked for: as many as the protocol gives. */
const findingLimit = 1000;

/** Follows one monitor after the other. */
export interface Watch {
  /** What is known of the monitor that runs; undefined before it has said anything. */
  picture(): Picture | undefined;
  /** Follows this monitor from now on, or none. */
  follow(client: MonitorClient | undefined): void;
}

/** Whom a watch tells. */
export interface WatchOptions {
  /** Something came; the picture has taken it in. */
  readonly onEvent: (event: MonitorEvent, picture: Picture) => void;
  readonly onLost: (count: number) => void;
  /** The tray may have to change. */
  readonly onChange: () => void;
}

/** A watch over whatever monitor runs. Subscribes first and asks then, so that nothing falls between. */
export function createWatch({ onEvent, onLost, onChange }: WatchOptions): Watch {
  let picture: Picture | undefined;
  let followed: MonitorClient | undefined;
  /** What is told while the monitor is asked, for each asking that is under way. */
  const overheard = new Set<MonitorEvent[]>();

  async function begin(client: MonitorClient): Promise<void> {
    const early: MonitorEvent[] = [];
    await client.subscribe({
      onEvent(event) {
        if (client !== followed) return;
        if (picture === undefined) {
          early.push(event);
          return;
        }
        for (const told of overheard) told.push(event);
        take(picture, event);
      },
      onLost(count) {
        if (client !== followed) return;
        onLost(count);
        void ask(client, []);
      },
    });
    await ask(client, early);
  }

  async function ask(client: MonitorClient, early: MonitorEvent[]): Promise<void> {
    const told: MonitorEvent[] = [];
    overheard.add(told);
    const [snapshot, findings] = await Promise.all([
      client.snapshot(),
      client.findings({ status: 'open', workload: undefined, limit: findingLimit }),
    ]);
    overheard.delete(told);
    // A monitor that does not answer is gone, or will be: its supervisor sees to that.
    if (client !== followed || !snapshot.ok || !findings.ok) return;
    const next = createPicture(snapshot.value, findings.value);
    // The answers may be older than what was told on the way.
    for (const event of told) applyEvent(next, event);
    picture = next;
    for (const event of early.splice(0)) take(next, event);
    onChange();
  }

  function take(current: Picture, event: MonitorEvent): void {
    const changes = applyEvent(current, event);
    onEvent(event, current);
    if (changes) onChange();
  }

  return {
    picture: () => picture,
    follow(client) {
      followed = client;
      picture = undefined;
      if (client !== undefined) void begin(client);
    },
  };
}

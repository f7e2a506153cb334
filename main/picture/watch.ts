import type { MonitorClient, Subscriber } from '../../monitor/rpc/client.ts';
import type { MonitorEvent } from '../../monitor/rpc/service/service.ts';
import { applyEvent, createPicture } from './picture.ts';
import type { Picture } from './picture.ts';

/** How many open findings are asked for: as many as the protocol gives. */
const findingLimit = 1000;

/** A monitor that did not answer in time is asked again after so long, in milliseconds. */
const againMs = 2000;

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

/** A monitor that is followed. */
interface Following {
  readonly client: MonitorClient;
  /** What it told before it was known how things stand, without readings. */
  readonly early: MonitorEvent[];
  isSubscribed: boolean;
  /** Whether it must be asked, once more where it is being asked already. */
  isDue: boolean;
  isAsking: boolean;
}

/** A watch over whatever monitor runs. Subscribes first and asks then, so that nothing falls between. */
export function createWatch({ onEvent, onLost, onChange }: WatchOptions): Watch {
  let picture: Picture | undefined;
  let following: Following | undefined;
  /** What is told while the monitor is asked, for each asking that is under way. */
  const overheard = new Set<MonitorEvent[]>();

  /** Asks until there is an answer to everything that was lost; one asking at a time. */
  async function catchUp(mine: Following): Promise<void> {
    mine.isDue = true;
    if (mine.isAsking) return;
    mine.isAsking = true;
    while (mine.isDue && mine === following) {
      mine.isDue = false;
      if (await ask(mine)) continue;
      // It runs and was only too slow, or it ends and is followed no more.
      mine.isDue = true;
      await new Promise((resolve) => setTimeout(resolve, againMs).unref());
    }
    mine.isAsking = false;
  }

  /** Whether the monitor answered. */
  async function ask(mine: Following): Promise<boolean> {
    const { client, early } = mine;
    if (!mine.isSubscribed) {
      const subscribed = await client.subscribe(subscriberFor(mine));
      if (!subscribed.ok) return false;
      mine.isSubscribed = true;
    }
    const told: MonitorEvent[] = [];
    overheard.add(told);
    const [snapshot, findings] = await Promise.all([
      client.snapshot(),
      client.findings({ status: 'open', workload: undefined, limit: findingLimit }),
    ]);
    overheard.delete(told);
    if (!snapshot.ok || !findings.ok) return false;
    if (mine !== following) return true;
    const next = createPicture(snapshot.value, findings.value);
    // The answers may be older than what was told on the way.
    for (const event of told) applyEvent(next, event);
    picture = next;
    for (const event of early.splice(0)) take(next, event);
    onChange();
    return true;
  }

  function subscriberFor(mine: Following): Subscriber {
    return {
      onEvent(event) {
        if (mine !== following) return;
        if (picture === undefined) {
          // Readings are not kept for later: the next ones come within a second.
          if (event.kind !== 'observations') mine.early.push(event);
          return;
        }
        for (const told of overheard) told.push(event);
        take(picture, event);
      },
      onLost(count) {
        if (mine !== following) return;
        onLost(count);
        void catchUp(mine);
      },
    };
  }

  function take(current: Picture, event: MonitorEvent): void {
    const changes = applyEvent(current, event);
    onEvent(event, current);
    if (changes) onChange();
  }

  return {
    picture: () => picture,
    follow(client) {
      picture = undefined;
      following = client && {
        client,
        early: [],
        isSubscribed: false,
        isDue: false,
        isAsking: false,
      };
      if (following !== undefined) void catchUp(following);
    },
  };
}

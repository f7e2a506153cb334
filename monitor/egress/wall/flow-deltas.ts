import type { EgressDestination } from '../../model/egress.ts';
import type { FlowCount, Listing } from './listing.ts';

/** Turns the kernel's running counts into what was added since the reading before. */
export interface FlowDeltas {
  /**
   * What was added by destination, as far as it counts: the most bytes first, at most 200, and how many
   * are left out. After `restart` the counts begin at zero again.
   */
  step(
    listing: Listing,
    nameOf: (address: string) => string | undefined,
    counts: (flow: FlowCount) => boolean,
  ): { readonly destinations: readonly EgressDestination[]; readonly omitted: number };
  /** These were counted before, and are told no more. */
  passOver(listing: Listing): void;
  /** The wall was put up anew, with counters at zero. */
  restart(): void;
}

const mostDestinations = 200;

type Counts = ReadonlyMap<string, FlowCount>;

const keyOf = ({ address, protocol, port }: FlowCount): string =>
  `${address} ${protocol} ${port ?? ''}`;

const byKey = (flows: readonly FlowCount[]): Counts =>
  new Map(flows.map((flow) => [keyOf(flow), flow]));

const nothingSeen: Counts = new Map();

const nothingAdded = { packets: 0, bytes: 0 } as const;

const countsOf = ({ sent, received, refused }: Listing) => ({
  sent: byKey(sent),
  received: byKey(received),
  refused: byKey(refused),
});

/** Before the first reading. */
export function createFlowDeltas(): FlowDeltas {
  let before = { sent: nothingSeen, received: nothingSeen, refused: nothingSeen };

  return {
    step(listing, nameOf, counts) {
      const now = countsOf(listing);
      const destinations: EgressDestination[] = [];
      const take = (key: string, flow: FlowCount): void => {
        if (!counts(flow)) return;
        const sent = added(now.sent, before.sent, key);
        const received = added(now.received, before.received, key);
        const refused = added(now.refused, before.refused, key);
        if (sent.packets + received.packets + refused.packets === 0) return;
        const { address, protocol, port } = flow;
        destinations.push({
          address,
          name: nameOf(address),
          protocol,
          port,
          sentPackets: sent.packets,
          sentBytes: sent.bytes,
          receivedPackets: received.packets,
          receivedBytes: received.bytes,
          refusedPackets: refused.packets,
        });
      };
      for (const [key, flow] of now.sent) take(key, flow);
      for (const [key, flow] of now.refused) if (!now.sent.has(key)) take(key, flow);
      before = now;
      destinations.sort((one, other) => other.sentBytes - one.sentBytes);
      return {
        destinations: destinations.slice(0, mostDestinations),
        omitted: Math.max(0, destinations.length - mostDestinations),
      };
    },
    passOver(listing) {
      before = countsOf(listing);
    },
    restart() {
      before = { sent: nothingSeen, received: nothingSeen, refused: nothingSeen };
    },
  };
}

/** A count that fell was forgotten by the kernel in between, and began anew. */
function added(
  now: Counts,
  before: Counts,
  key: string,
): { readonly packets: number; readonly bytes: number } {
  const is = now.get(key);
  if (is === undefined) return nothingAdded;
  const was = before.get(key);
  if (was === undefined || was.packets > is.packets) return is;
  return { packets: is.packets - was.packets, bytes: is.bytes - was.bytes };
}

import type { Moment } from '../../model/time.ts';
import type { HeldPacket } from './hold-line.ts';

/** Packets whose name is being resolved, by their address; bounded, the oldest go first. */
export interface LedPackets {
  put(packet: HeldPacket): void;
  /** Those of the address, which are no longer here. */
  take(address: string): readonly HeldPacket[];
  /** The name was resolved for the address, and what waited there was sent again. */
  note(address: string, at: Moment): void;
  /**
   * Whether that was done again and again just now and the wall holds it still: its name leads
   * elsewhere by now, as it may after minutes, and would be asked for without end.
   */
  isInVain(address: string, now: Moment): boolean;
}

const mostAddresses = 64;
const mostOfOne = 64;
/** Several at once may wait for the first of them to be resolved. */
const mostTries = 3;
const triesMs = 10_000;

/** None yet. */
export function createLedPackets(): LedPackets {
  const byAddress = new Map<string, readonly HeldPacket[]>();
  const tries = new Map<string, readonly Moment[]>();
  const lately = (address: string, now: Moment): readonly Moment[] =>
    (tries.get(address) ?? []).filter((at) => Math.abs(now - at) < triesMs);
  return {
    put(packet) {
      // Several ports of one name may wait for it at once.
      const others = (byAddress.get(packet.address) ?? []).filter(
        ({ protocol, port }) => protocol !== packet.protocol || port !== packet.port,
      );
      byAddress.set(packet.address, [...others, packet].slice(-mostOfOne));
      const [oldest] = byAddress.keys();
      if (byAddress.size > mostAddresses && oldest !== undefined) byAddress.delete(oldest);
    },
    take(address) {
      const packets = byAddress.get(address) ?? [];
      byAddress.delete(address);
      return packets;
    },
    note(address, at) {
      const all = [...lately(address, at), at].slice(-mostTries);
      tries.delete(address);
      tries.set(address, all);
      const [oldest] = tries.keys();
      if (tries.size > mostAddresses && oldest !== undefined) tries.delete(oldest);
    },
    isInVain: (address, now) => lately(address, now).length >= mostTries,
  };
}

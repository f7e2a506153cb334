import type { HeldPacket } from './hold-line.ts';

/** Packets whose name is being resolved, by their address; bounded, the oldest go first. */
export interface LedPackets {
  put(packet: HeldPacket): void;
  /** Those of the address, which are no longer here. */
  take(address: string): readonly HeldPacket[];
}

const mostAddresses = 64;
const mostOfOne = 64;

/** None yet. */
export function createLedPackets(): LedPackets {
  const byAddress = new Map<string, readonly HeldPacket[]>();
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
  };
}

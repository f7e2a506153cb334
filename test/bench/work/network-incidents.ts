import type { EgressDestination } from '../../../monitor/model/egress.ts';
import type {
  ResourceObservation,
  SyscallsObservation,
} from '../../../monitor/model/observation.ts';
import { quantity, quantityIn, secondsIn, span, type Claim, type Figures } from './explanation.ts';
import type { Incident, Timed } from './incident.ts';

/** From look to look at where a container talks to. */
const lookMs = 5_000;

/** One observation of egress for each look within the span. */
function looks(
  fromMs: number,
  toMs: number,
  what: () => Partial<{ destinations: EgressDestination[]; names: string[] }>,
): readonly Timed[] {
  const seen: Timed[] = [];
  for (let look = Math.floor(fromMs / lookMs) + 1; look * lookMs <= toMs; look += 1) {
    const { destinations = [], names = [] } = what();
    seen.push({
      sinceMs: look * lookMs,
      observation: {
        kind: 'egress',
        mode: 'observe',
        destinations: destinations.slice(0, 200),
        names: names.slice(0, 200).map((name) => ({ name, refused: false, count: 1 })),
        omitted: Math.max(0, destinations.length - 200) + Math.max(0, names.length - 200),
        breach: undefined,
      },
    });
  }
  return seen;
}

/** Traffic beside that of the work, in bytes and packets a second. */
function withTraffic(
  reading: ResourceObservation,
  more: { sentBytes: number; sentPackets: number; receivedBytes: number; receivedPackets: number },
): ResourceObservation {
  const { network } = reading;
  if (network === undefined) return reading;
  return {
    ...reading,
    cpuCores: reading.cpuCores + more.sentPackets / 400_000,
    network: {
      sentBytes: network.sentBytes + more.sentBytes,
      sentPackets: network.sentPackets + more.sentPackets,
      receivedBytes: network.receivedBytes + more.receivedBytes,
      receivedPackets: network.receivedPackets + more.receivedPackets,
    },
  };
}

function withCalls(
  window: SyscallsObservation,
  more: Readonly<Record<string, number>>,
): SyscallsObservation {
  const counts = { ...window.counts };
  for (const [name, perSecond] of Object.entries(more)) {
    counts[name] = (counts[name] ?? 0) + Math.round((perSecond * window.intervalMs) / 1000);
  }
  return { ...window, counts };
}

function destination(
  address: string,
  protocol: string,
  port: number,
  packets: { sent: number; bytes: number; received: number },
): EgressDestination {
  return {
    address,
    name: undefined,
    protocol,
    port,
    sentPackets: packets.sent,
    sentBytes: packets.bytes,
    receivedPackets: packets.received,
    receivedBytes: packets.received * 60,
    refusedPackets: 0,
  };
}

/** All that went out in one direction since the onset, at so much a second; all of it to one place. */
function uploadExplained(kind: string, bytesPerSecond: number, sinceMs: number): readonly Claim[] {
  if (kind !== 'sustained-upload') return [];
  const sent = `^Has sent (?<amount>${quantity})`;
  const shares = { least: 0.7, most: 1.4 };
  const told = ({ amount, lasted }: Figures): number => quantityIn(amount) / secondsIn(lasted);
  const looked = Math.floor(sinceMs / lookMs) * lookMs;
  return [
    {
      series: 'bytes sent',
      says: new RegExp(`${sent} in (?<lasted>${span}), mostly with at most a third`),
      injected: { ...shares, amount: bytesPerSecond, told },
    },
    {
      series: `bytes sent to ${place}`,
      says: new RegExp(`${sent} to ${place} within ten minutes`),
      injected: { ...shares, amount: bytesPerSecond * (looked / 1000) },
    },
  ];
}

/** Where what is sent goes. */
const place = '203.0.113.0/24';

/** UDP to one address that never answers. */
export const packetFlood: Incident = {
  name: 'packet flood',
  meaning: { strong: '50,000 packets/s', medium: '3,000 packets/s', weak: '300 packets/s' },
  inject(strength) {
    const perSecond = { strong: 50_000, medium: 3_000, weak: 300 }[strength];
    const rates = {
      sentBytes: perSecond * 1_028,
      sentPackets: perSecond,
      receivedBytes: 0,
      receivedPackets: 0,
    };
    const sent = { sent: perSecond * 5, bytes: perSecond * 5_140, received: 0 };
    return {
      explained: (kind, sinceMs) =>
        kind === 'network-flood'
          ? [
              {
                series: 'bytes sent',
                says: new RegExp(`^Sends (?<amount>${quantity}) packets .* that nobody answers`),
                injected: { amount: perSecond, least: 0.8, most: 1.2 },
              },
            ]
          : uploadExplained(kind, rates.sentBytes, sinceMs),
      resource: (reading) => withTraffic(reading, rates),
      syscalls: (window) => withCalls(window, { sendto: perSecond }),
      also: (from, to) =>
        looks(from, to, () => ({ destinations: [destination('203.0.113.7', 'udp', 80, sent)] })),
    };
  },
};

/** Files that go out over one TLS connection to an address that was never talked to. */
export const exfiltration: Incident = {
  name: 'exfiltration by upload',
  meaning: { strong: '10 MB/s', medium: '1 MB/s', weak: '50 kB/s' },
  inject(strength) {
    const bytes = { strong: 10e6, medium: 1e6, weak: 50e3 }[strength];
    const sentPackets = bytes / 1_400;
    // One acknowledgement for two full packets.
    const rates = {
      sentBytes: bytes,
      sentPackets,
      receivedBytes: sentPackets * 30,
      receivedPackets: sentPackets / 2,
    };
    const sent = { sent: sentPackets * 5, bytes: bytes * 5, received: sentPackets * 2.5 };
    return {
      explained: (kind, sinceMs) => uploadExplained(kind, bytes, sinceMs),
      resource: (reading) => withTraffic(reading, rates),
      syscalls: (window) => withCalls(window, { read: bytes / 16_384, write: bytes / 16_384 }),
      also: (from, to) =>
        looks(from, to, () => ({ destinations: [destination('203.0.113.9', 'tcp', 443, sent)] })),
    };
  },
};

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

const tunnelDomain = 'relay-update.net';

/** Data in the names that are asked below one domain. */
export const nameTunnel: Incident = {
  name: 'DNS tunnel',
  meaning: { strong: '20 names/s', medium: '1 name/s', weak: '1 name in 20 s' },
  inject(strength, _traits, random) {
    const perSecond = { strong: 20, medium: 1, weak: 0.05 }[strength];
    let owed = 0;
    const label = (length: number): string =>
      Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
    return {
      explained: (kind, sinceMs) =>
        kind === 'dns-tunnel'
          ? [
              {
                series: `names below ${tunnelDomain}`,
                says: new RegExp(
                  `^Asked DNS for (?<amount>a|${quantity}) (?:different )?names? below .${tunnelDomain}. .*: data, not names`,
                ),
                injected: {
                  amount: Math.floor(perSecond * 5 * Math.floor(sinceMs / lookMs) + 1e-9),
                  least: 0.9,
                  most: 1,
                },
              },
            ]
          : [],
      resource: (reading) =>
        withTraffic(reading, {
          sentBytes: perSecond * 150,
          sentPackets: perSecond,
          receivedBytes: perSecond * 200,
          receivedPackets: perSecond,
        }),
      also: (from, to) =>
        looks(from, to, () => {
          owed += perSecond * (lookMs / 1000);
          const names = Array.from({ length: Math.floor(owed) }, () => {
            return `${label(52)}.${label(24)}.${tunnelDomain}`;
          });
          owed -= names.length;
          return { names };
        }),
    };
  },
};

/** First packets of connections to ever other addresses and ports; nobody is there. */
export const portScan: Incident = {
  name: 'port scan',
  meaning: { strong: '2,000 tries/s', medium: '200 tries/s', weak: '5 tries/s' },
  inject(strength) {
    const perSecond = { strong: 2_000, medium: 200, weak: 5 }[strength];
    let next = 0;
    return {
      explained: (kind, sinceMs) =>
        kind === 'port-scan'
          ? [
              {
                series: 'destinations',
                says: new RegExp(
                  `^Tried (?<amount>${quantity}) addresses and ports .* do not answer`,
                ),
                injected: { amount: perSecond * (sinceMs / 1000), least: 0.9, most: 1.1 },
              },
            ]
          : [],
      resource: (reading) =>
        withTraffic(reading, {
          sentBytes: perSecond * 60,
          sentPackets: perSecond,
          receivedBytes: 0,
          receivedPackets: 0,
        }),
      syscalls: (window) =>
        withCalls(window, { socket: perSecond, connect: perSecond, close: perSecond }),
      also: (from, to) =>
        looks(from, to, () => ({
          destinations: Array.from({ length: perSecond * 5 }, () => {
            next += 1;
            const address = `10.${20 + ((next >> 16) % 200)}.${(next >> 8) % 256}.${next % 256}`;
            return destination(address, 'tcp', 22, { sent: 1, bytes: 60, received: 0 });
          }),
        })),
    };
  },
};

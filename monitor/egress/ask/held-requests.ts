import { createHash } from 'node:crypto';
import type { HeldPort, HeldRequest, HeldState } from '../../model/held.ts';
import type { Moment } from '../../model/time.ts';
import type { Workload } from '../../model/workload.ts';
import { canWait, type HeldPacket } from './hold-line.ts';

/** For so long a connection is held; programs give up after about two minutes themselves. */
export const holdMs = 120_000;
/** After a refusal once, it is not asked again for so long. */
export const onceMs = 60_000;
/** After a question that nobody answered, it is not asked again for so long. */
export const unansweredMs = 5 * 60_000;
/** How many questions of one workload are open at once; more are refused. */
export const mostWaiting = 20;
/** How many requests of one workload are remembered in all. */
const mostRequests = 100;
/** Packets of one request, by container, address, protocol and port; more are refused, none gives way. */
export const mostPackets = 64;
/** Of those that a request tells of besides the first. */
const mostOthers = 8;
/** What finds no place among the questions is refused for so long. */
const crowdedSeconds = 10;

/** Who sent a packet. */
export type HeldSender = Pick<Workload, 'container' | 'key' | 'name' | 'image'>;

/** A packet that waits for the answer, or was refused when nobody gave one. */
export interface SentPacket {
  readonly from: HeldSender;
  readonly packet: HeldPacket;
}

interface Entry {
  request: HeldRequest;
  /** Never empty. */
  packets: readonly SentPacket[];
}

/** What the containers of one workload asked for, and nobody has decided for good. */
export interface HeldRequests {
  /** By destination. */
  readonly byKey: Map<string, Entry>;
  /** Destinations refused once: not asked about again until then. */
  readonly refused: Map<string, Moment>;
  /**
   * What was put off, or nobody answered, of containers that have ended: one that is started anew is
   * asked about no sooner.
   */
  readonly past: Map<string, HeldState>;
}

/** What is to be done with a packet that no rule decides about. */
export type Heard =
  /** It stays held; `isNew` when a person is to be asked who was not asked yet. */
  | { readonly kind: 'held'; readonly isNew: boolean }
  /** `isUnasked`: nobody was asked about it, and nobody will be, since there are too many questions. */
  | { readonly kind: 'refuse'; readonly seconds: number; readonly isUnasked: boolean };

/** Nothing is held. */
export function noRequests(): HeldRequests {
  return { byKey: new Map(), refused: new Map(), past: new Map() };
}

/** A packet was held that no rule decides about; `most` questions may be open at once. */
export function hear(
  state: HeldRequests,
  packet: HeldPacket,
  from: HeldSender,
  now: Moment,
  most = mostWaiting,
): Heard {
  const key = packet.name ?? packet.address;
  const refusedUntil = state.refused.get(key);
  if (refusedUntil !== undefined && !isPast(refusedUntil, onceMs, now)) {
    return refuseUntil(refusedUntil, now);
  }
  state.refused.delete(key);
  const known = state.byKey.get(key) ?? recall(state, key, { from, packet }, now);
  if (known !== undefined) {
    const { attempts, state: was } = known.request;
    known.request = { ...known.request, lastAt: now, attempts: attempts + 1 };
    if (was.kind === 'waiting') return remember(known, { from, packet });
    if (was.kind === 'deferred') return refuseUntil(now + onceMs, now);
    if (now < was.quietUntil && was.quietUntil - now <= unansweredMs) {
      return refuseUntil(was.quietUntil, now);
    }
  }
  if (waitingIn(state) >= most) {
    return { kind: 'refuse', seconds: crowdedSeconds, isUnasked: true };
  }
  const before = known?.request ?? { firstAt: now, attempts: 1 };
  add(state, key, { from, packet }, now, { kind: 'waiting', until: now + holdMs }, before);
  return { kind: 'held', isNew: true };
}

function add(
  state: HeldRequests,
  key: string,
  sent: SentPacket,
  now: Moment,
  is: HeldState,
  { firstAt, attempts }: Pick<HeldRequest, 'firstAt' | 'attempts'>,
): Entry {
  makeRoom(state);
  const { from, packet } = sent;
  const request: HeldRequest = {
    id: createHash('sha256').update(`${from.key} ${key}`).digest('hex').slice(0, 16),
    ...{ workload: from.key, name: packet.name, firstAt, lastAt: now, attempts, state: is },
    ...toldOf([sent]),
  };
  const entry = { request, packets: [sent] };
  state.byKey.set(key, entry);
  return entry;
}

/** The request of an earlier run of its container, if it stood over that. */
function recall(
  state: HeldRequests,
  key: string,
  sent: SentPacket,
  now: Moment,
): Entry | undefined {
  const was = state.past.get(key);
  if (was === undefined) return undefined;
  state.past.delete(key);
  return add(state, key, sent, now, was, { firstAt: now, attempts: 0 });
}

function refuseUntil(moment: Moment, now: Moment): Heard {
  const seconds = Math.max(1, Math.ceil((moment - now) / 1000));
  return { kind: 'refuse', seconds, isUnasked: false };
}

function remember(entry: Entry, sent: SentPacket): Heard {
  if (!entry.packets.some((each) => isSame(each, sent))) {
    // A place is nobody's to lose: who comes first is held, and let through when it is allowed.
    if (entry.packets.length >= mostPackets) {
      return { kind: 'refuse', seconds: crowdedSeconds, isUnasked: true };
    }
    put(entry, [...entry.packets, sent]);
  }
  return { kind: 'held', isNew: false };
}

function isSame(one: SentPacket, other: SentPacket): boolean {
  return (
    one.from.container === other.from.container &&
    one.packet.address === other.packet.address &&
    one.packet.protocol === other.packet.protocol &&
    one.packet.port === other.packet.port
  );
}

function put(entry: Entry, packets: readonly SentPacket[]): void {
  entry.packets = packets;
  entry.request = { ...entry.request, ...toldOf(packets) };
}

/** What a request tells of its packets, of which there is one at least. */
function toldOf(packets: readonly SentPacket[]) {
  const [first] = packets;
  if (first === undefined) throw new Error('A request without a packet.');
  const ports = new Map<string, HeldPort>();
  for (const { packet } of packets) {
    const { protocol, port } = packet;
    ports.set(`${protocol} ${port}`, { protocol, port });
  }
  const { container, name: containerName, image } = first.from;
  const { address, protocol, port } = first.packet;
  return {
    ...{ container, containerName, image, address, protocol, port },
    others: [...ports.values()].slice(1, mostOthers + 1),
    isHeld: packets.some(({ packet }) => canWait(packet)),
  };
}

/** The oldest that nobody waits for give way; what a person put off only after all others. */
function makeRoom({ byKey }: HeldRequests): void {
  for (const kind of ['unanswered', 'deferred']) {
    for (const [key, { request }] of byKey) {
      if (byKey.size < mostRequests) return;
      if (request.state.kind === kind) byKey.delete(key);
    }
  }
}

/** How many questions are open. */
export function waitingIn({ byKey }: HeldRequests): number {
  let count = 0;
  for (const { request } of byKey.values()) if (request.state.kind === 'waiting') count += 1;
  return count;
}

/** All of them, the latest first. */
export function requestsOf({ byKey }: HeldRequests): readonly HeldRequest[] {
  return [...byKey.values()]
    .map(({ request }) => request)
    .sort((one, other) => other.lastAt - one.lastAt);
}

/** The packets of a request; none for one that is not there. */
export function packetsOf({ byKey }: HeldRequests, id: string): readonly SentPacket[] {
  return [...byKey.values()].find(({ request }) => request.id === id)?.packets ?? [];
}

/** Takes packets out that are decided about, or whose container has ended; whether there were any. */
export function withdraw(
  { byKey }: HeldRequests,
  isMeant: (sent: SentPacket, id: string) => boolean,
): boolean {
  let isChanged = false;
  for (const [key, entry] of byKey) {
    const rest = entry.packets.filter((each) => !isMeant(each, entry.request.id));
    if (rest.length === entry.packets.length) continue;
    isChanged = true;
    if (rest.length === 0) byKey.delete(key);
    else put(entry, rest);
  }
  return isChanged;
}

/** A container of the workload has ended; whether anything of it was asked. */
export function leave(state: HeldRequests, container: HeldSender['container']): boolean {
  for (const [key, { request, packets }] of state.byKey) {
    const isItsOwn = packets.every(({ from }) => from.container === container);
    if (isItsOwn && request.state.kind !== 'waiting') state.past.set(key, request.state);
  }
  for (const key of state.past.keys()) {
    if (state.past.size <= mostRequests) break;
    state.past.delete(key);
  }
  return withdraw(state, ({ from }) => from.container === container);
}

/** A person refuses it once. */
export function refuseOnce(state: HeldRequests, id: string, now: Moment): void {
  for (const [key, { request }] of state.byKey) {
    if (request.id !== id) continue;
    state.byKey.delete(key);
    state.refused.set(key, now + onceMs);
  }
}

/** A person puts it off. */
export function defer({ byKey }: HeldRequests, id: string): void {
  for (const held of byKey.values()) {
    if (held.request.id === id) held.request = { ...held.request, state: { kind: 'deferred' } };
  }
}

/** Those that nobody answered in time; from now on they are unanswered. */
export function expire(state: HeldRequests, now: Moment): readonly HeldRequest[] {
  for (const [key, until] of state.refused) {
    if (isPast(until, onceMs, now)) state.refused.delete(key);
  }
  const over: HeldRequest[] = [];
  for (const held of state.byKey.values()) {
    const { state: was } = held.request;
    if (was.kind !== 'waiting' || !isPast(was.until, holdMs, now)) continue;
    held.request = {
      ...held.request,
      state: { kind: 'unanswered', quietUntil: now + unansweredMs },
    };
    over.push(held.request);
  }
  return over;
}

/** Also when more is left than there ever was: then the clock was set back. */
function isPast(until: Moment, lastsMs: number, now: Moment): boolean {
  return now >= until || until - now > lastsMs;
}

import { createHash } from 'node:crypto';
import type { HeldRequest, HeldState } from '../../model/held.ts';
import type { Moment } from '../../model/time.ts';
import type { Workload } from '../../model/workload.ts';
import type { HeldPacket } from './hold-line.ts';

/** For so long a connection is held; programs give up after about two minutes themselves. */
export const holdMs = 120_000;
/** After a refusal once, it is not asked again for so long. */
export const onceMs = 60_000;
/** After a question that nobody answered, it is not asked again for so long. */
export const unansweredMs = 5 * 60_000;
/** How many questions of one container are open at once; more are refused. */
export const mostWaiting = 20;
/** How many requests of one container are remembered in all. */
const mostRequests = 100;
/** Addresses of one request. */
const mostAddresses = 8;

/** What one container asked for, and nobody has decided for good. */
export interface HeldRequests {
  readonly byKey: Map<string, { request: HeldRequest; readonly packets: HeldPacket[] }>;
  /** Refused once: not asked again until then. */
  readonly refused: Map<string, Moment>;
}

/** What is to be done with a packet that no rule decides about. */
export type Heard =
  /** It stays held; `isNew` when a person is to be asked who was not asked yet. */
  | { readonly kind: 'held'; readonly isNew: boolean }
  | { readonly kind: 'refuse'; readonly seconds: number };

/** Nothing is held. */
export function noRequests(): HeldRequests {
  return { byKey: new Map(), refused: new Map() };
}

function keyOf({ protocol, name, address, port }: HeldPacket): string {
  return `${protocol} ${name ?? address} ${port}`;
}

/** A packet of the container was held that no rule decides about. */
export function hear(
  state: HeldRequests,
  packet: HeldPacket,
  { container, key: workload, name: containerName, image }: Workload,
  now: Moment,
): Heard {
  const key = keyOf(packet);
  const refusedUntil = state.refused.get(key);
  if (refusedUntil !== undefined && now < refusedUntil) {
    return { kind: 'refuse', seconds: secondsUntil(refusedUntil, now) };
  }
  state.refused.delete(key);
  const known = state.byKey.get(key);
  const isOpen = known?.request.state.kind === 'waiting';
  if (known !== undefined) {
    remember(known.packets, packet);
    const { attempts } = known.request;
    known.request = { ...known.request, lastAt: now, attempts: attempts + 1 };
    if (isOpen) return { kind: 'held', isNew: false };
    if (known.request.state.kind === 'deferred') {
      return { kind: 'refuse', seconds: onceMs / 1000 };
    }
    if (known.request.state.kind === 'unanswered' && now < known.request.state.quietUntil) {
      return { kind: 'refuse', seconds: secondsUntil(known.request.state.quietUntil, now) };
    }
  }
  if (waiting(state).length >= mostWaiting) return { kind: 'refuse', seconds: 10 };
  const until: HeldState = { kind: 'waiting', until: now + holdMs };
  if (known !== undefined) {
    known.request = { ...known.request, state: until };
    return { kind: 'held', isNew: true };
  }
  makeRoom(state);
  const { name, address, protocol, port } = packet;
  const id = createHash('sha256').update(`${container} ${key}`).digest('hex').slice(0, 16);
  const request: HeldRequest = {
    ...{ id, container, workload, containerName, image },
    ...{ name, address, protocol, port, firstAt: now, lastAt: now, attempts: 1, state: until },
  };
  state.byKey.set(key, { request, packets: [packet] });
  return { kind: 'held', isNew: true };
}

function secondsUntil(moment: Moment, now: Moment): number {
  return Math.max(1, Math.ceil((moment - now) / 1000));
}

function remember(packets: HeldPacket[], packet: HeldPacket): void {
  if (packets.some(({ address }) => address === packet.address)) return;
  packets.push(packet);
  if (packets.length > mostAddresses) packets.shift();
}

function makeRoom({ byKey }: HeldRequests): void {
  for (const [key, { request }] of byKey) {
    if (byKey.size < mostRequests) return;
    if (request.state.kind !== 'waiting') byKey.delete(key);
  }
}

function waiting({ byKey }: HeldRequests): readonly HeldRequest[] {
  return [...byKey.values()].flatMap(({ request }) =>
    request.state.kind === 'waiting' ? [request] : [],
  );
}

/** All of them, the latest first. */
export function requestsOf({ byKey }: HeldRequests): readonly HeldRequest[] {
  return [...byKey.values()]
    .map(({ request }) => request)
    .sort((one, other) => other.lastAt - one.lastAt);
}

/** The packets of a request, of each address the first; none for one that is not there. */
export function packetsOf({ byKey }: HeldRequests, id: string): readonly HeldPacket[] {
  return [...byKey.values()].find(({ request }) => request.id === id)?.packets ?? [];
}

/** A rule decides about it now. */
export function settle({ byKey }: HeldRequests, id: string): void {
  for (const [key, { request }] of byKey) if (request.id === id) byKey.delete(key);
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
  for (const [key, until] of state.refused) if (now >= until) state.refused.delete(key);
  const over: HeldRequest[] = [];
  for (const held of state.byKey.values()) {
    const { state: was } = held.request;
    if (was.kind !== 'waiting' || now < was.until) continue;
    held.request = {
      ...held.request,
      state: { kind: 'unanswered', quietUntil: now + unansweredMs },
    };
    over.push(held.request);
  }
  return over;
}

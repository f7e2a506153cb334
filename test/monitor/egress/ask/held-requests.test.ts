import { beforeEach, expect, test } from 'vitest';
import {
  defer,
  expire,
  hear,
  holdMs,
  mostWaiting,
  noRequests,
  onceMs,
  packetsOf,
  refuseOnce,
  requestsOf,
  settle,
  unansweredMs,
  type HeldRequests,
} from '../../../../monitor/egress/ask/held-requests.ts';
import type { HeldPacket } from '../../../../monitor/egress/ask/hold-line.ts';
import { fakeWorkload } from '../../rpc/fake-service.ts';
import { packet } from './ask-stage.ts';

const agent = fakeWorkload('agent', 'a9e7');
const begin = 1_000_000;
let state: HeldRequests;

beforeEach(() => {
  state = noRequests();
});

const hearAt = (now: number, change: Partial<HeldPacket> = {}) =>
  hear(state, packet(change), agent, now);

/** The only request there is. */
function only() {
  const [request, ...others] = requestsOf(state);
  if (request === undefined || others.length > 0) throw new Error('It is not the only one.');
  return request;
}

test('What is held first is asked about: who wants to reach what, and until when it is held.', () => {
  expect(hearAt(begin)).toEqual({ kind: 'held', isNew: true });
  expect(only()).toMatchObject({
    ...{ container: agent.container, workload: agent.key, containerName: 'agent' },
    ...{ image: agent.image, name: 'api.test', address: '240.0.0.1', protocol: 'tcp', port: 443 },
    ...{ firstAt: begin, lastAt: begin, attempts: 1 },
    state: { kind: 'waiting', until: begin + holdMs },
  });
});

test('One destination is one request, tried however often and from wherever.', () => {
  hearAt(begin);
  const { id } = only();
  expect(hearAt(begin + 5)).toEqual({ kind: 'held', isNew: false });
  expect(hearAt(begin + 9, { address: '240.0.0.2' })).toEqual({ kind: 'held', isNew: false });
  expect(only()).toMatchObject({ id, attempts: 3, firstAt: begin, lastAt: begin + 9 });
  expect(packetsOf(state, id).map(({ address }) => address)).toEqual(['240.0.0.1', '240.0.0.2']);
  for (let index = 3; index < 40; index += 1) hearAt(begin, { address: `240.0.0.${index}` });
  expect(packetsOf(state, id)).toHaveLength(8);
  expect(only()).toMatchObject({ state: { until: begin + holdMs } });
});

test('Another port, protocol, name or address is another request; the latest is first.', () => {
  hearAt(begin);
  const others = [
    { port: 80 },
    { protocol: 'udp' },
    { name: 'b.test' },
    { name: undefined },
  ] as const;
  for (const [index, change] of others.entries()) {
    expect(hearAt(begin + index + 1, change)).toEqual({ kind: 'held', isNew: true });
  }
  expect(new Set(requestsOf(state).map(({ id }) => id))).toHaveProperty('size', 5);
  expect(requestsOf(state).map(({ lastAt }) => lastAt - begin)).toEqual([4, 3, 2, 1, 0]);
});

test('An id is the same whenever the container asks, and another for another container.', () => {
  hearAt(begin);
  const { id } = only();
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  settle(state, id);
  hearAt(begin + 1_000_000);
  expect(only().id).toBe(id);
  state = noRequests();
  hear(state, packet(), fakeWorkload('agent', 'beef'), begin);
  expect(only().id).not.toBe(id);
});

test('Unanswered it is refused, quiet for a while, and asked about again when tried then.', () => {
  hearAt(begin);
  const over = begin + holdMs;
  expect(expire(state, over - 1)).toEqual([]);
  expect(only().state.kind).toBe('waiting');
  expect(expire(state, over)).toMatchObject([{ name: 'api.test' }]);
  expect(expire(state, over)).toEqual([]);
  const quietUntil = over + unansweredMs;
  expect(only().state).toEqual({ kind: 'unanswered', quietUntil });
  expect(hearAt(over + 1000)).toEqual({ kind: 'refuse', seconds: unansweredMs / 1000 - 1 });
  expect(hearAt(quietUntil - 1)).toEqual({ kind: 'refuse', seconds: 1 });
  expect(hearAt(quietUntil)).toEqual({ kind: 'held', isNew: true });
  expect(only()).toMatchObject({
    attempts: 4,
    state: { kind: 'waiting', until: quietUntil + holdMs },
  });
});

test('Refused once it is gone, refused for a minute, and asked about again after it.', () => {
  hearAt(begin);
  refuseOnce(state, only().id, begin);
  expect(requestsOf(state)).toEqual([]);
  expect(hearAt(begin + 1)).toEqual({ kind: 'refuse', seconds: onceMs / 1000 });
  expect(requestsOf(state)).toEqual([]);
  expect(hearAt(begin + 1, { port: 80 })).toMatchObject({ kind: 'held' });
  expect(hearAt(begin + onceMs)).toEqual({ kind: 'held', isNew: true });
});

test('Put off it stays, is refused, and is never asked about again by itself.', () => {
  hearAt(begin);
  defer(state, only().id);
  expect(expire(state, begin + 10 * holdMs)).toEqual([]);
  expect(hearAt(begin + 1000 * holdMs)).toMatchObject({ kind: 'refuse' });
  expect(only()).toMatchObject({ attempts: 2, state: { kind: 'deferred' } });
});

test('So many are asked about at once; more are refused until some are answered.', () => {
  for (let port = 1; port <= mostWaiting; port += 1) {
    expect(hearAt(begin, { port })).toMatchObject({ kind: 'held' });
  }
  expect(hearAt(begin, { port: 999 })).toMatchObject({ kind: 'refuse' });
  expect(hearAt(begin, { port: 1 })).toEqual({ kind: 'held', isNew: false });
  expect(requestsOf(state)).toHaveLength(mostWaiting);
  settle(state, requestsOf(state)[0]?.id ?? '');
  expect(hearAt(begin, { port: 999 })).toEqual({ kind: 'held', isNew: true });
});

test('However many destinations are tried, few are remembered, and those that wait among them.', () => {
  let now = begin;
  for (let port = 1; port <= 1000; port += 1) {
    hearAt(now, { port });
    now += holdMs / 2;
    expire(state, now);
  }
  expect(requestsOf(state).length).toBeLessThanOrEqual(100);
  hearAt(now, { port: 5000 });
  expect(requestsOf(state)[0]).toMatchObject({ port: 5000, state: { kind: 'waiting' } });
});

test('An id of nothing changes nothing.', () => {
  hearAt(begin);
  settle(state, 'none');
  refuseOnce(state, 'none', begin);
  defer(state, 'none');
  expect(packetsOf(state, 'none')).toEqual([]);
  expect(only().state.kind).toBe('waiting');
});

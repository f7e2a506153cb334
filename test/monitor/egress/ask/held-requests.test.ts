import { beforeEach, expect, test } from 'vitest';
import {
  defer,
  expire,
  hear,
  holdMs,
  mostPackets,
  mostWaiting,
  noRequests,
  onceMs,
  packetsOf,
  refuseOnce,
  requestsOf,
  withdraw,
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
  expect(packetsOf(state, id).map(({ packet: { address } }) => address)).toEqual([
    '240.0.0.1',
    '240.0.0.2',
  ]);
  expect(only()).toMatchObject({ state: { until: begin + holdMs } });
});

test('All ports of a destination are one request, over TCP and UDP, and from every container.', () => {
  hearAt(begin);
  const { id } = only();
  const sibling = { ...fakeWorkload('agent-2', 'beef'), key: agent.key };
  hearAt(begin, { port: 80 });
  hearAt(begin, { protocol: 'udp' });
  hear(state, packet(), sibling, begin);
  expect(only()).toMatchObject({ id, container: agent.container, protocol: 'tcp', port: 443 });
  const others = [
    { protocol: 'tcp', port: 80 },
    { protocol: 'udp', port: 443 },
  ];
  expect(only().others).toEqual(others);
  withdraw(state, ({ from }) => from.container === agent.container);
  expect(only()).toMatchObject({ id, container: sibling.container, others: [] });
});

test('However many ports are tried, who came first stays held, and the rest is refused.', () => {
  for (let port = 1; port <= mostPackets; port += 1) {
    expect(hearAt(begin, { port })).toMatchObject({ kind: 'held' });
  }
  expect(hearAt(begin, { port: 999 })).toMatchObject({ kind: 'refuse', isUnasked: true });
  expect(hearAt(begin, { port: 1 })).toEqual({ kind: 'held', isNew: false });
  expect(packetsOf(state, only().id)).toHaveLength(mostPackets);
  expect(only().others).toHaveLength(8);
});

test('What cannot be held is asked about all the same, and said so.', () => {
  hearAt(begin, { protocol: 'udp' });
  expect(only()).toMatchObject({ isHeld: false, state: { kind: 'waiting' } });
  hearAt(begin);
  expect(only().isHeld).toBe(true);
  hearAt(begin, { name: undefined, address: '2001:db8:1::1' });
  expect(requestsOf(state).find(({ name }) => name === undefined)?.isHeld).toBe(false);
});

test('A clock that is set back holds nothing for longer.', () => {
  hearAt(begin);
  refuseOnce(state, only().id, begin);
  expect(hearAt(begin - 3_600_000)).toMatchObject({ kind: 'held' });
  expire(state, begin - 7_200_000);
  expect(only().state.kind).toBe('unanswered');
  expect(hearAt(begin - 10_800_000)).toMatchObject({ kind: 'held' });
});

test('Another name or address is another request; the latest is first.', () => {
  hearAt(begin);
  const others = [{ name: 'b.test' }, { name: undefined }] as const;
  for (const [index, change] of others.entries()) {
    expect(hearAt(begin + index + 1, change)).toEqual({ kind: 'held', isNew: true });
  }
  expect(new Set(requestsOf(state).map(({ id }) => id))).toHaveProperty('size', 3);
  expect(requestsOf(state).map(({ lastAt }) => lastAt - begin)).toEqual([2, 1, 0]);
});

test('An id is the same whenever the workload asks, and another for another workload.', () => {
  hearAt(begin);
  const { id } = only();
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  withdraw(state, (_, each) => each === id);
  hearAt(begin + 1_000_000);
  expect(only().id).toBe(id);
  state = noRequests();
  hear(state, packet(), { ...fakeWorkload('agent', 'beef'), key: 'other' }, begin);
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
  expect(hearAt(over + 1000)).toMatchObject({ kind: 'refuse', seconds: unansweredMs / 1000 - 1 });
  expect(hearAt(quietUntil - 1)).toMatchObject({ kind: 'refuse', seconds: 1 });
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
  expect(hearAt(begin + 1)).toMatchObject({ kind: 'refuse', seconds: onceMs / 1000 });
  expect(hearAt(begin + 1, { port: 80 })).toMatchObject({ kind: 'refuse', isUnasked: false });
  expect(requestsOf(state)).toEqual([]);
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
  const at = (index: number) => ({ name: `n${index}.test` });
  for (let index = 1; index <= mostWaiting; index += 1) {
    expect(hearAt(begin, at(index))).toMatchObject({ kind: 'held' });
  }
  expect(hearAt(begin, at(999))).toMatchObject({ kind: 'refuse', isUnasked: true });
  expect(hearAt(begin, at(1))).toEqual({ kind: 'held', isNew: false });
  expect(requestsOf(state)).toHaveLength(mostWaiting);
  const [latest] = requestsOf(state);
  withdraw(state, (_, id) => id === latest?.id);
  expect(hearAt(begin, at(999))).toEqual({ kind: 'held', isNew: true });
});

test('However many destinations are tried, few are remembered, and those that wait among them.', () => {
  let now = begin;
  for (let index = 1; index <= 1000; index += 1) {
    hearAt(now, { name: `n${index}.test` });
    if (index === 1) defer(state, only().id);
    now += holdMs / 2;
    expire(state, now);
  }
  expect(requestsOf(state).length).toBeLessThanOrEqual(100);
  hearAt(now, { name: 'last.test' });
  expect(requestsOf(state)[0]).toMatchObject({ name: 'last.test', state: { kind: 'waiting' } });
  // What a person put off is not asked about again because of a crowd.
  expect(requestsOf(state)).toContainEqual(expect.objectContaining({ name: 'n1.test' }));
});

test('An id of nothing changes nothing.', () => {
  hearAt(begin);
  withdraw(state, (_, id) => id === 'none');
  refuseOnce(state, 'none', begin);
  defer(state, 'none');
  expect(packetsOf(state, 'none')).toEqual([]);
  expect(only().state.kind).toBe('waiting');
});

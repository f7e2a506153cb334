import { beforeEach, expect, test } from 'vitest';
import { createAsking, mostInAll, type Asking } from '../../../../monitor/egress/ask/asking.ts';
import { holdMs, unansweredMs } from '../../../../monitor/egress/ask/held-requests.ts';
import type { HeldPacket } from '../../../../monitor/egress/ask/hold-line.ts';
import type { Holder, HoldListener } from '../../../../monitor/egress/ask/holder.ts';
import type { EgressRule } from '../../../../monitor/egress/list/rule.ts';
import type { HeldRequest } from '../../../../monitor/model/held.ts';
import { failed, ok } from '../../../../monitor/runtime/result.ts';
import { fakeWorkload } from '../../rpc/fake-service.ts';
import { packet, rules } from './ask-stage.ts';

const agent = fakeWorkload('agent', 'a9e7');
const space = { pid: 100, inode: 7 };
const begin = 1_000_000;

let now: number;
let list: EgressRule[];
let refusal: string | undefined;
let listeners: Map<number, HoldListener>;
/** What the holder was told to do, in its words. */
let told: string[];
let changes: (readonly HeldRequest[])[];
let asking: Asking;
let names: Map<string, string>;

/** Holds nothing, and writes down what it is told. */
const holder: Holder = {
  enter({ inode }, listener) {
    if (refusal !== undefined) return Promise.resolve(failed(refusal));
    listeners.set(inode, listener);
    return Promise.resolve(ok(undefined));
  },
  leave(inode) {
    listeners.delete(inode);
    told.push(`leave ${inode}`);
  },
  lead: (inode, address, name) => void told.push(`lead ${inode} ${address} ${name}`),
  turnAway: (inode, { protocol, address, port }, seconds) =>
    void told.push(`turn away ${inode} ${protocol} ${address} ${port} for ${seconds} s`),
  sendAgain: (inode, { protocol, address, port }) =>
    void told.push(`send again ${inode} ${protocol} ${address} ${port}`),
  close: () => Promise.resolve(),
};

beforeEach(async () => {
  [now, list, refusal, listeners] = [begin, [], undefined, new Map<number, HoldListener>()];
  [told, changes] = [[], []];
  names = new Map();
  asking = createAsking({
    holder,
    now: () => now,
    rules: () => list,
    onChange: (requests) => changes.push(requests),
  });
  expect(await hold()).toEqual(ok(undefined));
});

const hold = (where = space, workload = agent) =>
  asking.hold(where, { workload: () => workload, nameOf: (address) => names.get(address) });
const arrives = (change: Partial<HeldPacket> = {}, inode = space.inode) =>
  listeners.get(inode)?.onHeld(packet(change));
const leads = (to: string | undefined) => listeners.get(space.inode)?.onLed('240.0.0.1', to);

function only(): HeldRequest {
  const [request, ...others] = asking.requests();
  if (request === undefined || others.length > 0) throw new Error('It is not the only one.');
  return request;
}

test('What no rule decides about stays held, and is told once.', () => {
  arrives();
  arrives();
  expect(told).toEqual([]);
  expect(changes).toHaveLength(1);
  expect(only()).toMatchObject({ name: 'api.test', attempts: 2, state: { kind: 'waiting' } });
});

test('What a rule allows is led to where its name leads, and what one denies is turned away.', () => {
  list = rules({ verdict: 'allow', target: 'api.test' }, { verdict: 'deny', target: 'bad.test' });
  arrives();
  arrives({ name: 'bad.test', address: '240.0.0.2' });
  expect(told).toEqual(['lead 7 240.0.0.1 api.test', 'turn away 7 tcp 240.0.0.2 443 for 60 s']);
  expect(changes).toEqual([]);
});

test('An address without a name is sent again when a rule allows it.', () => {
  list = rules({ verdict: 'allow', target: '192.0.2.7' });
  arrives({ name: undefined, address: '192.0.2.7' });
  expect(told).toEqual(['send again 7 tcp 192.0.2.7 443']);
});

test('An address counts as the name that led there last.', () => {
  names.set('192.0.2.7', 'known.test');
  arrives({ name: undefined, address: '192.0.2.7' });
  expect(only()).toMatchObject({ name: 'known.test', address: '192.0.2.7' });
});

test('An address that its allowed name leads to no more is refused, not asked for without end.', () => {
  list = rules({ verdict: 'allow', target: 'known.test' });
  names.set('192.0.2.7', 'known.test');
  for (let round = 0; round < 4; round += 1) {
    arrives({ name: undefined, address: '192.0.2.7' });
    listeners.get(space.inode)?.onLed('192.0.2.7', '192.0.2.8');
  }
  expect(told).toEqual([
    ...Array<string>(3).fill('lead 7 192.0.2.7 known.test'),
    'turn away 7 tcp 192.0.2.7 443 for 10 s',
  ]);
  // Its name may lead there again by then.
  now += 10_000;
  arrives({ name: undefined, address: '192.0.2.7' });
  expect(told.at(-1)).toBe('lead 7 192.0.2.7 known.test');
});

test('A placeholder whose name nobody knows any more is turned away, not asked about.', () => {
  arrives({ name: undefined, address: '240.9.9.9' });
  expect(told).toEqual(['turn away 7 tcp 240.9.9.9 443 for 60 s']);
  expect(asking.requests()).toEqual([]);
});

test('Once a rule allows it, every address of it is led there, and nothing is asked any more.', () => {
  arrives();
  arrives({ address: '240.0.0.2' });
  arrives({ name: 'other.test', address: '240.0.0.3' });
  list = rules({ verdict: 'allow', target: 'api.test', port: 443 });
  asking.review(agent.container);
  expect(told).toEqual(['lead 7 240.0.0.1 api.test', 'lead 7 240.0.0.2 api.test']);
  expect(only().name).toBe('other.test');
  expect(changes.at(-1)).toEqual(asking.requests());
  const before = changes.length;
  asking.review(agent.container);
  expect(changes).toHaveLength(before);
});

test('Once a rule denies it, it is turned away.', () => {
  arrives();
  list = rules({ verdict: 'deny', target: 'api.test' });
  asking.review(agent.container);
  expect(told).toEqual(['turn away 7 tcp 240.0.0.1 443 for 60 s']);
  expect(asking.requests()).toEqual([]);
});

test('An allowed name that leads nowhere is turned away, on all its ports that wait for it.', () => {
  list = rules({ verdict: 'allow', target: 'api.test' });
  arrives();
  arrives({ port: 80 });
  told.length = 0;
  leads(undefined);
  leads(undefined);
  expect(told).toEqual([
    'turn away 7 tcp 240.0.0.1 443 for 10 s',
    'turn away 7 tcp 240.0.0.1 80 for 10 s',
  ]);
  arrives();
  told.length = 0;
  leads('192.0.2.7');
  leads(undefined);
  expect(told).toEqual([]);
});

test('Refused once it is turned away and gone; put off it is turned away and stays.', () => {
  arrives();
  const { id } = only();
  expect(asking.answer(id, 'defer')).toMatchObject({ ok: true, value: { id } });
  expect(only().state).toEqual({ kind: 'deferred' });
  expect(asking.answer(id, 'refuse-once')).toMatchObject({ ok: true });
  expect(told).toEqual(Array(2).fill('turn away 7 tcp 240.0.0.1 443 for 60 s'));
  expect(changes.map(({ length }) => length)).toEqual([1, 1, 0]);
  arrives();
  expect(told.at(-1)).toBe('turn away 7 tcp 240.0.0.1 443 for 60 s');
  expect(changes).toHaveLength(3);
});

test('An answer to what is not held is a failure, and does nothing.', () => {
  for (const how of ['refuse-once', 'defer'] as const) {
    const answer = asking.answer('0'.repeat(16), how);
    expect(!answer.ok && answer.error).toContain('not held any more');
  }
  expect({ told, changes }).toEqual({ told: [], changes: [] });
});

test('What nobody answers in time is turned away, and told once.', () => {
  arrives();
  now += holdMs - 1;
  asking.tick();
  expect(told).toEqual([]);
  now += 1;
  asking.tick();
  asking.tick();
  expect(told).toEqual(['turn away 7 tcp 240.0.0.1 443 for 60 s']);
  expect(changes).toHaveLength(2);
  expect(only().state).toEqual({ kind: 'unanswered', quietUntil: now + unansweredMs });
});

test('Released, a container is forgotten, and that is told where something was held.', () => {
  arrives();
  const { id } = only();
  asking.release(agent.container);
  expect(told).toEqual(['leave 7']);
  expect(changes.at(-1)).toEqual([]);
  expect(asking.answer(id, 'defer').ok).toBe(false);
  asking.release(agent.container);
  expect(told).toEqual(['leave 7']);
});

test('Held again in the same network everything stays; in another one it begins anew.', async () => {
  arrives();
  await hold();
  expect(asking.requests()).toHaveLength(1);
  await hold({ pid: 101, inode: 8 });
  expect(told).toEqual(['leave 7']);
  expect(asking.requests()).toEqual([]);
  arrives({}, 8);
  asking.answer(only().id, 'refuse-once');
  expect(told.at(-1)).toContain('turn away 8');
});

test('Where it cannot be held the reason is handed on, and nothing is asked any more.', async () => {
  arrives();
  refusal = 'the kernel has no queue';
  expect(await hold()).toEqual(failed(refusal));
  expect(asking.requests()).toEqual([]);
});

test('Two containers of a workload are one question, and the answer reaches both.', async () => {
  const sibling = { ...fakeWorkload('agent-2', 'beef'), key: agent.key };
  await hold({ pid: 200, inode: 9 }, sibling);
  arrives();
  arrives({ port: 80 }, 9);
  expect(only()).toMatchObject({ container: agent.container, others: [{ port: 80 }] });
  list = rules({ verdict: 'allow', target: 'api.test', port: 443 });
  asking.review(agent.container);
  asking.review(sibling.container);
  // The other port is undecided still, and whoever tries it is asked about.
  expect(told).toEqual(['lead 7 240.0.0.1 api.test']);
  expect(only()).toMatchObject({ container: sibling.container, port: 80, others: [] });
  asking.answer(only().id, 'refuse-once');
  expect(told.at(-1)).toBe('turn away 9 tcp 240.0.0.1 80 for 60 s');
  asking.release(sibling.container);
  expect(told.at(-1)).toBe('leave 9');
});

test('Many workloads that ask much leave a question to one that asks little.', async () => {
  for (let index = 0; index < 4; index += 1) {
    const busy = { ...fakeWorkload('busy', `b${index}`), key: `busy ${index}` };
    await hold({ pid: 300 + index, inode: 20 + index }, busy);
    for (let at = 0; at < 30; at += 1) arrives({ name: `n${at}.test` }, 20 + index);
  }
  expect(asking.requests().length).toBeLessThanOrEqual(mostInAll + 3);
  expect(asking.unasked(fakeWorkload('busy', 'b0').container)).toBe(10);
  arrives();
  expect(asking.requests().some(({ workload }) => workload === agent.key)).toBe(true);
  expect(asking.unasked(agent.container)).toBe(0);
});

test('A shared address counts as a name only where the list lets that name lead inside.', () => {
  names.set('100.64.0.7', 'vpn.test');
  list = rules({ verdict: 'allow', target: 'vpn.test' });
  arrives({ name: undefined, address: '100.64.0.7' });
  expect(only()).toMatchObject({ name: undefined, address: '100.64.0.7' });
  list = rules({ verdict: 'allow', target: 'vpn.test', local: true });
  arrives({ name: undefined, address: '100.64.0.7' });
  expect(told).toEqual(['lead 7 100.64.0.7 vpn.test']);
});

test('Containers are asked about together, the latest first, and decided apart.', async () => {
  const guest = { ...fakeWorkload('guest', 'beef'), key: 'guest' };
  await hold({ pid: 200, inode: 9 }, guest);
  arrives();
  now += 1;
  arrives({}, 9);
  expect(asking.requests().map(({ containerName }) => containerName)).toEqual(['guest', 'agent']);
  const [first] = asking.requests();
  asking.answer(first?.id ?? '', 'refuse-once');
  expect(told).toEqual(['turn away 9 tcp 240.0.0.1 443 for 60 s']);
  expect(only().containerName).toBe('agent');
});

test('What was put off or not answered is asked about no sooner when its container is started anew.', async () => {
  const startAnew = async () => {
    asking.release(agent.container);
    expect(asking.requests()).toEqual([]);
    expect(await hold({ pid: 200, inode: 8 })).toEqual(ok(undefined));
    [told, changes] = [[], []];
  };
  arrives();
  expect(asking.answer(only().id, 'defer').ok).toBe(true);
  await startAnew();
  arrives({}, 8);
  expect(only()).toMatchObject({ name: 'api.test', state: { kind: 'deferred' }, attempts: 1 });
  expect(changes).toHaveLength(1);
  expect(told).toEqual(['turn away 8 tcp 240.0.0.1 443 for 60 s']);
  list = rules({ verdict: 'allow', target: 'api.test' });
  asking.review(agent.container);
  expect(asking.requests()).toEqual([]);
  // Refused once, and never answered.
  list = [];
  arrives({ name: 'once.test' }, 8);
  asking.answer(only().id, 'refuse-once');
  arrives({ name: 'late.test' }, 8);
  now += holdMs;
  asking.tick();
  arrives({ name: 'once.test' }, 8);
  asking.answer(
    asking.requests().find(({ name }) => name === 'once.test')?.id ?? '',
    'refuse-once',
  );
  await startAnew();
  arrives({ name: 'once.test' }, 8);
  expect(asking.requests()).toEqual([]);
  arrives({ name: 'late.test' }, 8);
  expect(only()).toMatchObject({ name: 'late.test', state: { kind: 'unanswered' } });
  now += unansweredMs;
  arrives({ name: 'late.test' }, 8);
  expect(only().state.kind).toBe('waiting');
});

test.each(['10.0.0.7', 'x.123', 'a-.example.test'])(
  'Nobody is asked about %s, which no rule can name: it is refused.',
  (name) => {
    arrives({ name });
    expect(told).toEqual(['turn away 7 tcp 240.0.0.1 443 for 60 s']);
    expect(asking.requests()).toEqual([]);
  },
);

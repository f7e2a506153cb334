import { expect, test } from 'vitest';
import { probeWall, type ProbedWall } from '../../../../monitor/egress/guard/probe-wall.ts';
import { readRule } from '../../../../monitor/egress/list/rule.ts';
import type { FlowCount } from '../../../../monitor/egress/wall/listing.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';
import type { EgressProbe } from '../../../../monitor/model/egress.ts';
import { ok } from '../../../../monitor/runtime/result.ts';

/** What comes of each way out where the wall is as it should be, in a container with IPv6. */
const whole: Readonly<Record<string, string>> = {
  'tcp-192.0.2.1-443': 'E113',
  'udp-192.0.2.1-9': 'E1',
  'tcp-2001:db8::1-443': 'E113',
  'tcp-169.254.169.254-9': 'E113',
  'tcp-192.0.2.53-853': 'E113',
  'name-192.0.2.53-53-guard.sentra-proof.invalid': 'rcode0 192.0.2.1',
  'name-192.0.2.53-53-sentra-proof.invalid': 'rcode3',
  'name-192.0.2.53-53-a.test': 'rcode0 203.0.113.7',
};

const udp = 'udp-192.0.2.1-9';
const tcp = 'tcp-192.0.2.1-443';
const six = 'tcp-2001:db8::1-443';
const guardName = 'name-192.0.2.53-53-guard.sentra-proof.invalid';
const deniedName = 'name-192.0.2.53-53-sentra-proof.invalid';
const allowedName = 'name-192.0.2.53-53-a.test';

interface World {
  /** What comes of some ways in place of what should. */
  readonly came?: Readonly<Record<string, string>>;
  /** Ways for which the wall's counter does not move. */
  readonly uncounted?: readonly string[];
  /** Whether no more destinations can be counted one by one. */
  readonly isFull?: boolean;
  /** What is in the sets of names. */
  readonly reached?: readonly string[];
  readonly asked?: string;
  readonly allowed?: readonly string[];
}

/** Proves such a wall as root alone; what was found, by the way that was tried. */
async function prove(world: World): Promise<ReadonlyMap<string, EgressProbe>> {
  const { came = {}, uncounted = [], reached = ['203.0.113.7'], allowed = [] } = world;
  const rules = ['a.test', ...allowed].flatMap((target) => {
    const rule = readRule({ verdict: 'allow', target });
    return rule.ok ? [rule.value] : [];
  });
  const plan = planWall('enforce', { rules }, ['198.51.100.53'], []);
  if (!plan.ok) throw new Error(plan.error);
  const counted = new Map<string, number>();
  let tried: readonly string[] = [];
  const read = (): Promise<{ ok: true; value: ProbedWall }> => {
    const refused: FlowCount[] = [...counted].map(([way, packets]) => {
      const [protocol = '', address = '', port] = way.split('-');
      return { address, protocol, port: Number(port), packets, bytes: 60 * packets };
    });
    const others = Array.from({ length: world.isFull === true ? 4096 : 0 }, (_, port) => ({
      ...{ address: '198.51.100.9', protocol: 'udp', port, packets: 1, bytes: 60 },
    }));
    const elements = reached.map((address) => ({
      ...{ set: 'n4_public_any_any', address, seconds: undefined },
    }));
    return Promise.resolve(ok({ refused: [...refused, ...others], elements }));
  };
  const proved = await probeWall(
    (uid, ways) => {
      if (uid === 0) tried = ways;
      for (const way of ways) {
        if (!way.startsWith('name') && !uncounted.includes(way)) {
          counted.set(way, (counted.get(way) ?? 0) + 1);
        }
      }
      const lines = ways.map((way) => (uid === 0 ? came[way] : undefined) ?? whole[way] ?? 'E22');
      return Promise.resolve(ok(`${lines.join('\n')}\n`));
    },
    plan.value,
    { allowedName: world.asked, ownUid: 0 },
    read,
  );
  if (!proved.ok) throw new Error(proved.error);
  return new Map(tried.map((way, index) => [way, proved.value[index] as EgressProbe]));
}

async function outcome(way: string, world: World): Promise<string | undefined> {
  return (await prove(world)).get(way)?.outcome;
}

test('A whole wall is proved by every way out, each refused and counted', async () => {
  const probes = [...(await prove({ asked: 'a.test' })).values()];
  expect(probes).toHaveLength(8);
  expect(probes.filter((probe) => probe.outcome !== 'as-it-should')).toEqual([]);
});

test.each([
  ['a connection that comes up', tcp, 'open', 'wrong'],
  ['a connection that is answered from outside', tcp, 'E111', 'wrong'],
  ['a connection that nobody answers', tcp, 'timeout', 'wrong'],
  ['a connection that fails for another reason', tcp, 'E13', 'not-proved'],
  ['a datagram that is sent', udp, 'sent', 'wrong'],
  ['a datagram that fails for another reason', udp, 'E12', 'not-proved'],
  ['a connection over IPv6 that comes up', six, 'open', 'wrong'],
  ['an address of IPv6 where there is none', six, 'E99', 'not-tried'],
  ['an address of IPv6 without a way there', six, 'E101', 'not-tried'],
  ['a way out of which nothing is told', tcp, '', 'not-proved'],
])('%s, uncounted by the wall, is told as such', async (_, way, came, expected) => {
  expect(await outcome(way, { came: { [way]: came }, uncounted: [way] })).toBe(expected);
});

test('A connection that comes up is a hole, whatever the wall counted', async () => {
  expect(await outcome(tcp, { came: { [tcp]: 'open' } })).toBe('wrong');
});

test('What nobody answers is no hole where the wall cannot count it any more', async () => {
  const world = { came: { [tcp]: 'timeout' }, uncounted: [tcp], isFull: true };
  expect(await outcome(tcp, world)).toBe('not-proved');
});

test('An address that an allowed name leads to proves nothing', async () => {
  const world = { came: { [udp]: 'sent' }, uncounted: [udp], reached: ['192.0.2.1'] };
  expect(await outcome(udp, world)).toBe('not-tried');
  expect((await prove({ allowed: ['192.0.2.0/24'] })).has(udp)).toBe(false);
});

test.each([
  ['another server answers in place of the guard', guardName, 'rcode0 198.51.100.1', 'wrong'],
  ['another server does not know the guard’s name', guardName, 'rcode3', 'wrong'],
  ['nobody answers the guard’s name', guardName, 'timeout', 'not-proved'],
  ['no question gets out', guardName, 'E101', 'not-proved'],
  ['a name is known that nobody may know', deniedName, 'rcode0 198.51.100.1', 'wrong'],
  ['nobody answers the denied name', deniedName, 'timeout', 'not-proved'],
])('%s: that is told', async (_, way, came, expected) => {
  expect(await outcome(way, { came: { [way]: came } })).toBe(expected);
});

test.each([
  ['answered with an address that the wall lets through', 'rcode0 203.0.113.7', 'as-it-should'],
  ['answered with an address that it does not', 'rcode0 203.0.113.8', 'not-proved'],
  ['answered with a refusal', 'rcode0 241.0.0.1', 'not-proved'],
  ['not answered: no network is no hole', 'timeout', 'not-proved'],
  ['answered with a failure of the name server', 'rcode2', 'not-proved'],
  ['known to no name server', 'rcode3', 'not-tried'],
  ['answered without an address', 'rcode0', 'not-tried'],
])('An allowed name that is %s is told as such', async (_, came, expected) => {
  expect(await outcome(allowedName, { asked: 'a.test', came: { [allowedName]: came } })).toBe(
    expected,
  );
});

test('An allowed name is asked when that is wished, and by one user', async () => {
  expect((await prove({})).has(allowedName)).toBe(false);
  const asked: string[] = [];
  const plan = planWall('enforce', { rules: [] }, [], []);
  if (!plan.ok) throw new Error(plan.error);
  await probeWall(
    (_, ways) => {
      asked.push(...ways.filter((way) => way === allowedName));
      return Promise.resolve(ok(''));
    },
    plan.value,
    { allowedName: 'a.test', ownUid: 1000 },
    () => Promise.resolve(ok({ refused: [], elements: [] })),
  );
  expect(asked).toEqual([allowedName]);
});

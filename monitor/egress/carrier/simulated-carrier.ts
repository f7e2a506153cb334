import type { EgressProbe } from '../../model/egress.ts';
import type { ContainerId } from '../../model/workload.ts';
import { failed, ok } from '../../runtime/result.ts';
import { addressValue, indexRanges } from '../list/address.ts';
import type { Carrier, GateReading, Reading } from './carrier.ts';
import { isIn, type Destination } from '../list/decide.ts';
import type { FlowCount } from '../wall/listing.ts';
import type { NameVerdict } from '../wall/name-plan.ts';
import { refusalAddress } from '../wall/wall-numbers.ts';
import type { WallPlan } from '../wall/wall-plan.ts';

/** Something that a simulated container sends again and again. */
interface Habit {
  readonly name: string | undefined;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** At every how many looks. */
  readonly every: number;
  readonly sent: number;
  readonly received: number;
}

function habit(
  name: string | undefined,
  address: string,
  port: number,
  every: number,
  sent: number,
  received: number,
): Habit {
  const protocol = port === 123 ? 'udp' : 'tcp';
  return { name, address, protocol, port, every, sent, received };
}

/** Addresses that are kept for examples (RFC 5737, RFC 3849); the names are those that agents use. */
const habits: readonly Habit[] = [
  habit('api.anthropic.com', '192.0.2.10', 443, 1, 18_000, 42_000),
  habit('index.crates.io', '192.0.2.21', 443, 2, 2400, 310_000),
  habit('github.com', '192.0.2.33', 443, 3, 5200, 88_000),
  habit('pypi.org', '198.51.100.4', 443, 5, 1500, 120_000),
  habit('files.pythonhosted.org', '2001:db8::40', 443, 6, 1200, 900_000),
  habit('telemetry.example.net', '203.0.113.77', 443, 4, 26_000, 900),
  habit(undefined, '203.0.113.200', 8443, 7, 640, 0),
  habit('time.example.org', '198.51.100.123', 123, 9, 76, 76),
];

interface State {
  plan: WallPlan | undefined;
  onLine: ((line: string) => void) | undefined;
  looks: number;
  serial: number;
  readonly sent: Map<string, FlowCount>;
  readonly received: Map<string, FlowCount>;
  readonly refused: Map<string, FlowCount>;
}

/**
 * Walls around containers that do not exist: for demonstrations and tests. What the list of a
 * container says is done to what it would send.
 */
export function createSimulatedCarrier(): Carrier {
  const states = new Map<ContainerId, State>();

  function stateOf(container: ContainerId): State {
    const known = states.get(container);
    if (known !== undefined) return known;
    const [sent, received, refused] = [new Map(), new Map(), new Map()];
    const state = {
      plan: undefined,
      onLine: undefined,
      looks: 0,
      serial: 0,
      sent,
      received,
      refused,
    };
    states.set(container, state);
    return state;
  }

  function live(container: ContainerId, state: State): void {
    const { plan } = state;
    if (plan === undefined) return;
    state.looks += 1;
    const offset = Number.parseInt(container.slice(0, 2), 16);
    for (const [index, each] of habits.entries()) {
      // Not every container has every habit.
      if ((offset + index) % 4 === 0 || (state.looks + offset) % each.every !== 0) continue;
      const isAllowed = plan.mode === 'observe' || allows(plan, each);
      ask(state, each, isAllowed);
      // A name that is refused leads nowhere, so nothing is sent.
      if (!isAllowed && each.name !== undefined) continue;
      count(state.sent, each, isAllowed ? each.sent : 60);
      if (isAllowed) count(state.received, each, each.received);
      else count(state.refused, each, 60);
    }
  }

  function reading(container: ContainerId, state: State): Reading {
    const { plan } = state;
    const listing =
      plan === undefined
        ? undefined
        : {
            digest: plan.fingerprint,
            innerDigest: plan.fingerprint,
            sent: [...state.sent.values()],
            received: [...state.received.values()],
            refused: [...state.refused.values()],
            counters: {},
          };
    return {
      listing,
      elements: [],
      otherTables: [],
      inode: Number.parseInt(container.slice(0, 8), 16) || 1,
      devices: ['eth0'],
      powers: { administers: false, sendsRaw: false },
      resolver: plan?.mode === 'enforce' ? 'runs' : 'absent',
    };
  }

  return {
    lacks: () => undefined,
    read(places) {
      const readings = places.map(({ container }) => {
        const state = stateOf(container);
        live(container, state);
        return [container, ok(reading(container, state))] as const;
      });
      return Promise.resolve(new Map(readings));
    },
    apply({ container }, plan) {
      const state = stateOf(container);
      state.plan = plan;
      for (const counts of [state.sent, state.received, state.refused]) counts.clear();
      return Promise.resolve(ok({ ...reading(container, state), sentBefore: 0 }));
    },
    resolve({ container }, _plan, onLine) {
      stateOf(container).onLine = onLine;
      return Promise.resolve(ok(undefined));
    },
    prove: (_place, plan) => Promise.resolve(ok(proofOf(plan))),
    remove({ container }) {
      states.delete(container);
      return Promise.resolve(ok(undefined));
    },
    forget(container) {
      states.delete(container);
      return Promise.resolve();
    },
    // Nothing is simulated of the engine's side of the networks.
    gate: () => Promise.resolve(ok(noGate)),
    close: () => Promise.resolve(),
  };
}

const noGate: GateReading = { bridges: [], dropped: 0, breach: undefined, uncovered: new Map() };

/** What the resolver would log of the question before the flow. */
function ask(state: State, { name, address }: Habit, isAllowed: boolean): void {
  if (name === undefined || state.plan?.mode !== 'enforce') return;
  state.serial += 1;
  const begin = `dnsmasq[1]: ${state.serial} 127.0.0.1/40000`;
  if (!isAllowed) {
    state.onLine?.(`${begin} config ${name} is ${refusalAddress}`);
    return;
  }
  const family = address.includes(':') ? 6 : 4;
  state.onLine?.(`${begin} forwarded ${name} to 192.0.2.53`);
  state.onLine?.(`${begin} reply ${name} is ${address}`);
  state.onLine?.(`${begin} nftset add ${family} inet sentra n${family}_any_any ${address} ${name}`);
}

function count(counts: Map<string, FlowCount>, { address, protocol, port }: Habit, bytes: number) {
  const key = `${address} ${protocol} ${port}`;
  const before = counts.get(key) ?? { packets: 0, bytes: 0 };
  const packets = before.packets + Math.ceil(bytes / 1400);
  counts.set(key, { address, protocol, port, packets, bytes: before.bytes + bytes });
}

/** What the kernel and the resolver would decide by the plan. */
function allows(plan: WallPlan, to: Destination): boolean {
  const address = addressValue(to.address);
  if (address === undefined) return false;
  const entries = plan.ranges.flatMap((group) =>
    group.ranges.map((range) => ({ range, item: group })),
  );
  const here = indexRanges(entries)
    .at(address)
    .filter((group) => isIn(group, to));
  if (here.some(({ verdict }) => verdict === 'deny')) return false;
  if (here.length > 0) return true;
  const verdict = to.name === undefined ? undefined : verdictOn(plan, to.name);
  return verdict?.kind === 'allowed' && verdict.classes.some((each) => isIn(each, to));
}

function verdictOn({ names }: WallPlan, name: string): NameVerdict | undefined {
  const own = names.find((each) => each.name === name);
  if (own !== undefined) return own.itself;
  for (let at = name; at.includes('.');) {
    at = at.slice(at.indexOf('.') + 1);
    const above = names.find((each) => each.name === at);
    if (above !== undefined) return above.below;
  }
  return undefined;
}

function proofOf({ names }: WallPlan): readonly EgressProbe[] {
  const detail = 'simulated: nothing was sent';
  const allowed = names.find(({ itself }) => itself.kind === 'allowed')?.name;
  return [
    ...(allowed === undefined ? [] : [`the allowed name ${allowed}`]),
    'a name that no rule allows',
    'TCP to 192.0.2.1:443',
    'IPv6 to 2001:db8::1',
    'DNS by another server',
    'the metadata address',
  ].map((what) => ({ what, outcome: 'as-it-should', detail }));
}

/** For a place where no walls can be made; every verb fails with the reason, a sentence. */
export function noCarrier(reason: string): Carrier {
  const refuse = () => Promise.resolve(failed(reason));
  return {
    lacks: () => reason,
    read: (places) =>
      Promise.resolve(new Map(places.map(({ container }) => [container, failed(reason)]))),
    apply: refuse,
    resolve: refuse,
    prove: refuse,
    remove: refuse,
    forget: () => Promise.resolve(),
    gate: () => Promise.resolve(ok(noGate)),
    close: () => Promise.resolve(),
  };
}

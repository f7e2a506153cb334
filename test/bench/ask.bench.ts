import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { HeldQuestion } from '../../monitor/model/held.ts';
import { engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer } from '../engine/containers.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  type EgressWatch,
  untilKnown,
} from '../monitor/egress/egress-stage.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { quantile } from './statistics.ts';

export const title = 'A held connection: from Allow to its end, after 2, 8 and 25 s of holding';
export const needsEngine = true;

/** What connects, and what it runs to fetch a page of a name. Each ends with 0 when it has the page. */
const programs = {
  curl: (name: string) => ['curl', '-sSf', '-o', '/dev/null', '--max-time', '60', urlOf(name)],
  Node: (name: string) => [
    ...['node', '-e'],
    `fetch("${urlOf(name)}").then((r) => r.text()).then((t) => process.exit(t === "hello\\n" ? 0 : 1), () => process.exit(3))`,
  ],
  Python: (name: string) => [
    ...['python3', '-c'],
    `import http.client
c=http.client.HTTPConnection("${name}",80,timeout=60)
c.connect()
c.request("GET","/")
assert c.getresponse().read()==b"hello\\n"`,
  ],
} as const;

type Program = keyof typeof programs;

/** Node's fetch gives a connection up after ten seconds. */
const seconds: Readonly<Record<Program, readonly number[]>> = {
  curl: [2, 8, 25],
  Node: [2, 8],
  Python: [2, 8, 25],
};

const urlOf = (name: string): string => `http://${name}/`;

/** Counts DNS packets that reach the server, and the ports that connections come from. */
const counting = `table inet count {
counter asked { }
set from { type inet_service; flags dynamic; }
chain in {
type filter hook input priority 0;
th dport 53 counter name asked
tcp dport 80 tcp flags & (syn | ack) == syn add @from { tcp sport }
}
}
`;

interface Try {
  readonly program: Program;
  readonly seconds: number;
  /** From Allow until the program has ended, in milliseconds. */
  readonly toEnd: number;
  /** The whole of the same once it is allowed, in milliseconds. */
  readonly allowed: number;
  /** Whether what came up was one connection: the one that was there when it was first asked about. */
  readonly isOneConnect: boolean;
  /** Packets of DNS while it was held. */
  readonly asked: number;
  readonly code: number;
}

/** Rounds of all programs and times; in the short form one, with Allow after two seconds. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const made = testContainers(engineSocket());
  let stopNames = (): void => undefined;
  let watch: EgressWatch | undefined;
  try {
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const server = await made.start({ args: web });
    const binds = [`${process.execPath}:/usr/local/bin/node:ro`];
    const agent = await made.start({ image: 'debian', args: ['sleep', '100000'], binds });
    const address = await addressOf(server);
    stopNames = await startNameServer(server, { test: address });
    await inNetworkOf(server, ['nft', '-f', '-'], counting);
    watch = await openEgressWatch([address]);
    await watch.start();
    await known(watch, agent);
    await watch.mode(agent, 'ask');
    const stage = { watch, agent, server };
    const tries: Try[] = [];
    for (let round = 0; round < (short ? 1 : 5) && !signal.aborted; round += 1) {
      for (const after of short ? [2] : [2, 8, 25]) {
        const group = await hold(stage, after, round);
        for (const each of group) {
          say(
            `${each.program}, allowed after ${after} s: ends ${each.toEnd.toFixed(0)} ms later (exit code ${each.code})`,
          );
        }
        tries.push(...group);
      }
    }
    return { results: figuresOf(tries) };
  } finally {
    await watch?.switchOff();
    await watch?.close();
    await openOwnGate();
    stopNames();
    await made.removeAll();
  }
}

interface Stage {
  readonly watch: EgressWatch;
  readonly agent: TestContainer;
  readonly server: TestContainer;
}

async function known(watch: EgressWatch, container: TestContainer): Promise<void> {
  await untilKnown(watch, container);
}

/** Has each program connect to a name of its own, and allows them one by one after so many seconds. */
async function hold(stage: Stage, after: number, round: number): Promise<Try[]> {
  const { watch, agent, server } = stage;
  const before = await askedOf(server);
  const held = [];
  for (const program of Object.keys(programs) as Program[]) {
    if (!seconds[program].includes(after)) continue;
    const name = `${program.toLowerCase()}-${after}-${round}.test`;
    const begunAt = performance.now();
    const ended = timed(agent, programs[program](name));
    held.push({ program, name, begunAt, ended });
  }
  const questions = await Promise.all(
    held.map(async ({ name }) => {
      const question = await questionAbout(watch, name);
      return { question, ports: await openingPorts(agent, question.address) };
    }),
  );
  const tries: Try[] = [];
  for (const [index, { program, name, begunAt, ended }] of held.entries()) {
    await delay(Math.max(0, begunAt + after * 1000 - performance.now()));
    // Names that were allowed before it in this group have been asked by now.
    const asked = index === 0 ? (await askedOf(server)) - before : 0;
    await inNetworkOf(server, ['nft', 'flush', 'set', 'inet', 'count', 'from']);
    const { question, ports } = questions[index] ?? {};
    if (question === undefined) throw new Error(`${name} is not held.`);
    const allowedAt = performance.now();
    await allow(watch, question);
    const { code, at } = await ended;
    const came = await portsAt(server);
    const isOneConnect = came.length === 1 && ports?.length === 1 && came[0] === ports[0];
    const begun = performance.now();
    const again = await timed(agent, programs[program](name));
    if (again.code !== 0) throw new Error(`${program} ended with ${again.code} though allowed.`);
    tries.push({
      ...{ program, seconds: after, code, asked, isOneConnect },
      ...{ toEnd: at - allowedAt, allowed: again.at - begun },
    });
  }
  return tries;
}

async function timed(
  agent: TestContainer,
  args: readonly string[],
): Promise<{ readonly code: number; readonly at: number }> {
  const code = await agent.exec(args, 90_000);
  return { code, at: performance.now() };
}

async function questionAbout(watch: EgressWatch, target: string): Promise<HeldQuestion> {
  let found: HeldQuestion | undefined;
  await eventually(`${target} is asked about`, () => {
    found = watch
      .service()
      .egressHeld()
      .questions.find(({ name, state }) => name === target && state.kind === 'waiting');
    return found !== undefined;
  });
  if (found === undefined) throw new Error('It is asked about no more.');
  return found;
}

async function allow(watch: EgressWatch, { id, name = '' }: HeldQuestion): Promise<void> {
  // The server of this bench has a private address.
  const rule = { target: name, protocol: 'tcp', port: 80, local: true } as const;
  const answer = await watch.service().egressHeldAllow({ id, rule });
  if (!answer.ok) throw new Error(answer.error.message);
}

async function askedOf(server: TestContainer): Promise<number> {
  const text = await inNetworkOf(server, ['nft', 'list', 'counter', 'inet', 'count', 'asked']);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

/** The ports that the server has got connections from since the set was emptied. */
async function portsAt(server: TestContainer): Promise<readonly number[]> {
  const text = await inNetworkOf(server, ['nft', '-n', 'list', 'set', 'inet', 'count', 'from']);
  const inside = /elements = \{([^}]*)\}/.exec(text)?.[1] ?? '';
  return [...inside.matchAll(/\d+/g)].map(([port]) => Number(port));
}

/** The container's own ports that wait for an answer from the address; proc(5), state 02. */
async function openingPorts(container: TestContainer, address: string): Promise<number[]> {
  const { State: state } = await container.inspect();
  const bytes = Buffer.from(address.split('.').map(Number)).reverse();
  const to = bytes.toString('hex').toUpperCase();
  return readFileSync(`/proc/${state.Pid}/net/tcp`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, local = '', remote = '', is] = line.trim().split(/\s+/);
      const isOpening = is === '02' && remote.startsWith(`${to}:`);
      return isOpening ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
    });
}

function figuresOf(tries: readonly Try[]): BenchResult[] {
  const mostMs = targetOf('ask', 'slowest after Allow');
  const results: BenchResult[] = [];
  for (const program of Object.keys(programs) as Program[]) {
    for (const after of seconds[program]) {
      const own = tries.filter((each) => each.program === program && each.seconds === after);
      if (own.length === 0) continue;
      const times = own.map(({ toEnd }) => toEnd);
      const what = `${program} after ${after} s`;
      results.push(
        { ...atMost(`${what} p50`, { value: quantile(times, 0.5) }, 'ms', null), n: own.length },
        { ...atMost(`${what} max`, { value: Math.max(...times) }, 'ms', mostMs), n: own.length },
      );
    }
    const whole = tries.filter((each) => each.program === program).map(({ allowed }) => allowed);
    const value = quantile(whole, 0.5);
    results.push({
      ...atMost(`${program}, all of it when allowed before, p50`, { value }, 'ms', null),
      n: whole.length,
    });
  }
  const exactly = (name: string, value: number, unit: string): BenchResult => ({
    ...atMost(name, { value }, unit, targetOf('ask', name)),
    n: tries.length,
  });
  return [
    ...results,
    exactly('not one connect', tries.filter(({ isOneConnect }) => !isOneConnect).length, 'tries'),
    exactly('did not come up', tries.filter(({ code }) => code !== 0).length, 'tries'),
    exactly(
      'DNS packets before Allow',
      tries.reduce((sum, { asked }) => sum + asked, 0),
      'packets',
    ),
  ];
}

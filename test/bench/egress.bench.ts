import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { findResolverCgroups } from '../../monitor/egress/resolver/resolver-cgroup.ts';
import { engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import {
  addressOf,
  eventually,
  openEgressWatch,
  type EgressWatch,
  openOwnGate,
  untilKnown,
} from '../monitor/egress/egress-stage.ts';
import { exactCpuSecondsOf } from './process-cost.ts';
import { atLeast, atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { medianWithInterval } from './statistics.ts';

export const title =
  'A guarded container against the same one unguarded, and what guarding 50 of them costs';
export const needsEngine = true;

/** Takes in whatever comes, and closes. */
const sink = `import socket,threading
def take(c):
  b=bytearray(1<<20)
  while c.recv_into(b): pass
  c.close()
def hang_up():
  s=socket.create_server(("",9001),backlog=1024)
  while True: s.accept()[0].close()
threading.Thread(target=hang_up,daemon=True).start()
s=socket.create_server(("",9000),backlog=1024)
while True: threading.Thread(target=take,args=(s.accept()[0],),daemon=True).start()`;

/** Prints nothing; takes as long as it takes to send so many megabytes. */
const send = (address: string, megabytes: number): string => `import socket
s=socket.create_connection(("${address}",9000)); b=bytes(1<<20)
for i in range(${megabytes}): s.sendall(b)
s.shutdown(1); s.recv(1)`;

/**
 * Each waits for the other side's end, so that no queue of the server's overflows, and so that no port of
 * its own stays taken for a minute: there are only 28,000.
 */
const connect = (address: string, count: number): string => `import socket
for i in range(${count}):
  c=socket.create_connection(("${address}",9001)); c.recv(1); c.close()`;

/** Pairs of the same work unguarded and guarded, in turning order; then many idle guarded ones. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const made = testContainers(engineSocket());
  const watch = await openEgressWatch([]);
  try {
    const server = await made.start({ image: 'debian', args: ['python3', '-c', sink] });
    const agent = await made.start({ image: 'debian', args: ['sleep', '100000'] });
    const address = await addressOf(server);
    await watch.start({ periodMs: 5000 });
    await known(watch, agent);
    await watch.rule(agent, { verdict: 'allow', target: `${address}/32` });
    const rounds = short ? 2 : 11;
    const load = short ? 0.1 : 1;
    const results: BenchResult[] = [];
    for (const [name, program] of [
      ['throughput against unguarded', send(address, Math.round(1500 * load))],
      ['connections against unguarded', connect(address, Math.round(4000 * load))],
    ] as const) {
      const ratios = await pairs(watch, agent, program, rounds, signal);
      const { value, low, high } = medianWithInterval(ratios);
      const target = targetOf('egress', name);
      results.push({
        ...atLeast(name, value, 'times', target),
        ...{ low, high, n: ratios.length },
        met: low >= target ? true : high < target ? false : null,
      });
      say(`${name}: ${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`);
    }
    await watch.stop();
    results.push(...(await measureMany(made, watch, short)));
    return { results };
  } finally {
    await watch.switchOff();
    await watch.close();
    await openOwnGate();
    await made.removeAll();
  }
}

async function known(watch: EgressWatch, container: TestContainer): Promise<void> {
  await untilKnown(watch, container);
}

/** Time unguarded over time guarded, of each pair. */
async function pairs(
  watch: EgressWatch,
  agent: TestContainer,
  program: string,
  rounds: number,
  signal: AbortSignal,
): Promise<number[]> {
  const ratios: number[] = [];
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    const seconds = { off: 0, enforce: 0 };
    const order = round % 2 === 0 ? (['off', 'enforce'] as const) : (['enforce', 'off'] as const);
    for (const mode of order) {
      await watch.mode(agent, mode);
      const begin = performance.now();
      const code = await agent.exec(['python3', '-c', program], 120_000);
      if (code !== 0) throw new Error(`The work ended with ${code} in the mode ${mode}.`);
      seconds[mode] = performance.now() - begin;
    }
    ratios.push(seconds.off / seconds.enforce);
  }
  return ratios;
}

/** What guarding idle containers costs: this process and the reader of walls, guarded less unguarded. */
async function measureMany(
  made: TestContainers,
  watch: EgressWatch,
  short: boolean,
): Promise<readonly BenchResult[]> {
  const [count, spanMs] = short ? [5, 6_000] : [50, 60_000];
  const labels = {
    'com.docker.compose.project': 'guarded',
    'com.docker.compose.service': 'idle',
  };
  const many: TestContainer[] = [];
  for (let index = 0; index < count; index += 1) {
    many.push(await made.start({ args: ['sleep', '100000'], labels }));
  }
  const [first] = many;
  if (first === undefined) throw new Error('No container was made.');
  await watch.start({ periodMs: 5000 });
  for (const container of many) await known(watch, container);
  await watch.rule(first, { verdict: 'allow', target: 'packages.example.org', port: 443 });
  // What comes with meeting so many is over by then.
  await delay(short ? 2_000 : 20_000);
  const off = await cpuOver(spanMs);
  // All of them are one workload.
  await watch.mode(first, 'enforce');
  await eventually(
    'all are guarded',
    () => many.every(({ id }) => (findResolverCgroups().get(id)?.pids().length ?? 0) > 0),
    180_000,
  );
  await delay(short ? 2_000 : 20_000);
  const on = await cpuOver(spanMs);
  const memory = many.map(({ id }) => {
    const pids = findResolverCgroups().get(id)?.pids() ?? [];
    return pids.reduce((sum, pid) => sum + proportionalBytes(pid), 0) / 1e6;
  });
  const mean = memory.reduce((sum, each) => sum + each, 0) / memory.length;
  const perSecond = ((on - off) * 1000) / (spanMs / 1000);
  return [
    atMost(
      'memory of a guarded container',
      { value: mean },
      'MB',
      targetOf('egress', 'memory of a guarded container'),
    ),
    atMost(
      'CPU of guarding 50',
      { value: (perSecond * 50) / count },
      'ms a second',
      targetOf('egress', 'CPU of guarding 50'),
    ),
  ];
}

/** CPU seconds that this process, its children and the resolvers use within so long. */
async function cpuOver(spanMs: number): Promise<number> {
  const before = usage();
  await delay(spanMs);
  return usage() - before;
}

function usage(): number {
  const resolvers = [...findResolverCgroups().values()].flatMap((cgroup) => cgroup.pids());
  const own = process.cpuUsage();
  // A resolver that this process started is its child as well.
  const all = new Set([...childrenOf(process.pid), ...resolvers]);
  const others = [...all].reduce((sum, pid) => sum + (exactCpuSecondsOf(pid) ?? 0), 0);
  return (own.user + own.system) / 1e6 + others + endedChildrenSeconds();
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

/** CPU of children that have ended, in the kernel's ticks of 10 ms; proc(5), fields 16 and 17. */
function endedChildrenSeconds(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** What the process has of memory, shared pages divided among those who share them. */
function proportionalBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
}

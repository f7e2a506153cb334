import { setTimeout as delay } from 'node:timers/promises';
import { engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { demand } from '../engine/engine-http.ts';
import {
  addressOf,
  eventually,
  openEgressWatch,
  startNameServer,
  type EgressWatch,
  openOwnGate,
  untilKnown,
} from '../monitor/egress/egress-stage.ts';
import { isShown, shownWithinMs, tamperedRules, tamperings } from '../monitor/egress/tampering.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { quantile } from './statistics.ts';

export const title =
  'Walls in an hour of comings and goings and ten minutes offline, then broken in every known way';
export const needsEngine = true;

/** In the short form 20 s of comings and goings, 5 s offline, and every sixth way of breaking. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const made = testContainers(engineSocket());
  const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
  const server = await made.start({ args: web });
  const agent = await made.start({ image: 'debian', args: ['sleep', '100000'], stopTimeout: 0 });
  const address = await addressOf(server);
  let stopNames = await startNameServer(server, { 'allowed.test': address });
  const watch = await openEgressWatch([address]);
  const breaches = (): number => watch.seen.filter(({ breach }) => breach !== undefined).length;
  try {
    await watch.start({ periodMs: short ? 1000 : 5000 });
    await untilKnown(watch, agent);
    for (const rule of tamperedRules) await watch.rule(agent, rule);
    await watch.mode(agent, 'enforce');
    const rounds = await churn(made, agent, short ? 20_000 : 3_600_000, signal);
    // Nobody answers questions any more: that is no hole.
    stopNames();
    await delay(short ? 5_000 : 600_000, undefined, { signal });
    const reds = breaches();
    for (const { breach } of watch.seen) if (breach !== undefined) say(breach);
    stopNames = await startNameServer(server, { 'allowed.test': address });
    const ways = tamperings.filter((_, index) => !short || index % 6 === 0);
    const shown = await breakIn(ways, watch, agent, say);
    const times = shown.flatMap((each) => each ?? []);
    return {
      results: [
        {
          ...atMost(
            'false reds',
            { value: reds },
            'alarms',
            targetOf('egress-churn', 'false reds'),
          ),
          n: rounds,
        },
        {
          ...atMost(
            'ways of breaking not shown',
            { value: shown.length - times.length },
            'ways',
            targetOf('egress-churn', 'ways of breaking not shown'),
          ),
          n: shown.length,
        },
        atMost(
          'shown after p95',
          { value: quantile(times, 0.95) / 1000 },
          's',
          shownWithinMs / 1000,
        ),
      ],
    };
  } finally {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    stopNames();
    await made.removeAll();
    await openOwnGate();
  }
}

/** Restarts, networks, neighbours, names, connections; gives how many rounds there were. */
async function churn(
  made: TestContainers,
  agent: TestContainer,
  spanMs: number,
  signal: AbortSignal,
): Promise<number> {
  const network = await made.createNetwork(`sentra-${made.run}-churn`);
  const end = performance.now() + spanMs;
  const curl = (url: string): Promise<number> =>
    agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '2', url]);
  let rounds = 0;
  for (; performance.now() < end && !signal.aborted; rounds += 1) {
    const neighbour = await made.start({ args: ['sleep', '1000'] });
    await Promise.all([curl('http://allowed.test/'), curl('http://192.0.2.9/')]);
    const body = { Container: agent.id };
    await demand(engineSocket(), 'POST', `/networks/${network}/connect`, { body });
    await delay(1500);
    await demand(engineSocket(), 'POST', `/networks/${network}/disconnect`, {
      body: { ...body, Force: true },
    });
    await neighbour.remove();
    await demand(engineSocket(), 'POST', `/containers/${agent.id}/restart?t=0`);
    await delay(1500);
  }
  return rounds;
}

/** For each way the milliseconds until it was shown; undefined where that took too long. */
async function breakIn(
  ways: typeof tamperings,
  watch: EgressWatch,
  agent: TestContainer,
  say: (line: string) => void,
): Promise<readonly (number | undefined)[]> {
  const sees = async (): Promise<boolean> =>
    (await watch.view(agent)).coverage?.sight.state === 'seeing';
  const shown: (number | undefined)[] = [];
  for (const way of ways) {
    const { name, apply, undo, stays } = way;
    await eventually('it sees', sees, 60_000).catch(async (cause: unknown) => {
      const { coverage } = await watch.view(agent);
      throw new Error(`Before "${name}" its badge says ${JSON.stringify(coverage)}`, { cause });
    });
    const before = watch.seen.length;
    await apply(agent);
    const begin = performance.now();
    const inTime = await eventually(
      'it is shown',
      () => isShown(way, watch, agent, before),
      shownWithinMs,
    ).then(
      () => true,
      () => false,
    );
    if (!inTime) say(`Not shown: ${name}`);
    shown.push(inTime ? performance.now() - begin : undefined);
    if (stays === true) await undo?.(agent);
    await eventually('it is mended', sees, 60_000);
    if (stays !== true) await undo?.(agent);
  }
  return shown;
}

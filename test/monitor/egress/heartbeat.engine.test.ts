import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

/** Takes connections in the network that it is started in, and hands them to whoever started it. */
const handOver = `const server = require('node:net').createServer({ pauseOnConnect: true });
server.on('connection', (socket) => process.send('taken', socket));
server.listen(443, '0.0.0.0', () => process.send('listening'));
process.on('disconnect', () => process.exit());`;

/** What would be carried out by whoever answers outside of the container's network. */
const outside = 'carried out';

/**
 * Somebody who stands outside of the container's network, and has sockets in it, to which a route over
 * the loopback leads.
 */
async function openWayOut(container: TestContainer): Promise<() => Promise<void>> {
  const { State: state } = await container.inspect();
  const child: ChildProcess = spawn(
    'nsenter',
    ['-t', String(state.Pid), '-n', process.execPath, '-e', handOver],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  let isListening = false;
  child.on('message', (_, socket) => {
    isListening = true;
    if (socket instanceof Socket) socket.on('error', () => undefined).end(outside);
  });
  await eventually('somebody listens', () => isListening);
  // A good part of all networks, as a transparent proxy would have it.
  const route = ['local', '192.0.0.0/3', 'dev', 'lo', 'table', 'local'];
  const from = ['src', await addressOf(container)];
  await inNetworkOf(container, ['ip', 'route', 'add', ...route, ...from]);
  return async () => {
    await inNetworkOf(container, ['ip', 'route', 'del', ...route]);
    child.disconnect();
  };
}

describeWith(['engine', 'debian-image', 'root'], 'The heartbeat of a wall', () => {
  let containers: TestContainers;
  let server: TestContainer;
  let agent: TestContainer;
  let watch: EgressWatch;
  let stopNames: () => void;
  let address = '';
  const settings = { periodMs: 1000, proofMs: 1000 };

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    [server, agent] = await Promise.all([
      containers.start({ args: ['sleep', '10000'] }),
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
    ]);
    address = await addressOf(server);
    stopNames = await startNameServer(server, { 'allowed.test': address });
    watch = await openEgressWatch([address]);
    await watch.start(settings);
    await untilKnown(watch, agent);
    await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
    await watch.mode(agent, 'enforce');
    await eventually('it sees', sees);
  }, 240_000);

  afterAll(async () => {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    stopNames();
    await containers.removeAll();
    await openOwnGate();
  });

  const sight = async () => (await watch.view(agent)).coverage?.sight;
  const sees = async (): Promise<boolean> => (await sight())?.state === 'seeing';
  const breaches = (): readonly string[] => watch.seen.flatMap(({ breach }) => breach ?? []);
  const carriesOut = (): Promise<number> =>
    agent.exec([
      ...['python3', '-c'],
      `import socket,sys
try: s=socket.create_connection(("203.0.113.9",443),3)
except OSError: sys.exit(3)
sys.exit(0 if s.recv(99)==b"${outside}" else 4)`,
    ]);

  test('asks an allowed name, says what cannot be tried, and finds nothing open', async () => {
    const answer = await watch.service().egress({ name: 'prove', target: agent.id });
    const probes = answer.ok ? answer.value.probes : [];
    const other = probes.filter(({ outcome }) => outcome !== 'as-it-should');
    expect(probes.find(({ what }) => what.includes('allowed.test'))).toMatchObject({
      outcome: 'as-it-should',
      detail: 'answered, and the wall lets its address through',
    });
    // A container of the default bridge has no IPv6: nothing is proved about that here.
    expect(new Set(other.map(({ outcome }) => outcome))).toEqual(new Set(['not-tried']));
    expect(other.every(({ what }) => what.startsWith('TCP to 2001:db8::1 '))).toBe(true);
    // Nothing in the container has asked.
    const asked = watch.seen.flatMap(({ names }) => names.map(({ name }) => name));
    expect(asked).not.toContain('allowed.test');
  });

  test('finds an opening that no rule of the wall shows: a way over the loopback to somebody outside', async () => {
    expect(await carriesOut()).toBe(3);
    const close = await openWayOut(agent);
    try {
      expect(await carriesOut()).toBe(0);
      await eventually(
        'it is told',
        () => breaches().some((breach) => breach.includes('TCP to 192.0.2.1 port 443')),
        10_000,
      );
      expect(
        breaches().filter((breach) => !breach.startsWith('A probe showed its wall open')),
      ).toEqual([]);
      await eventually('its badge says so', async () => {
        const told = await sight();
        return told?.state === 'partly' && told.reason.includes('TCP to 192.0.2.1 port 443');
      });
      await eventually('it is found', () =>
        watch.findings.some(
          ({ kind, severity }) => kind === 'egress-open' && severity === 'critical',
        ),
      );
    } finally {
      await close();
    }
    expect(await carriesOut()).toBe(3);
    await eventually('it sees', sees);
  });

  test('without a network says that it cannot prove that an allowed name passes, and finds nothing open', async () => {
    const before = breaches().length;
    stopNames();
    await watch.stop();
    await watch.start(settings);
    await untilKnown(watch, agent);
    await eventually('its badge says so', async () => {
      const told = await sight();
      return (
        told?.state === 'partly' && /the allowed name allowed\.test.*no answer/.test(told.reason)
      );
    });
    stopNames = await startNameServer(server, { 'allowed.test': address });
    await eventually('it sees', sees);
    expect(breaches()).toHaveLength(before);
  });
});

import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { createMonitorClient } from '../../../monitor/rpc/client.ts';
import type { MonitorClient } from '../../../monitor/rpc/client.ts';
import { bounds, methods, protocolVersion } from '../../../monitor/rpc/protocol.ts';
import { serveMonitor } from '../../../monitor/rpc/server.ts';
import { personActions } from '../../../monitor/rpc/service/service.ts';
import type { MonitorEvent } from '../../../monitor/rpc/service/service.ts';
import { tightens } from '../../../monitor/model/action.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import {
  createFakeService,
  fakeAction,
  fakeFinding,
  fakeReading,
  fakeView,
  fakeWorkload,
  idOf,
  scriptTime,
} from './fake-service.ts';
import type { FakeService } from './fake-service.ts';
import { createPortAndStream, createPortPair } from './port-pair.ts';

const server = { program: '0.1.0', engineId: 'ENGINE-1', logger: silentLogger };
const query = { status: undefined, workload: undefined, limit: 10 };

afterEach(() => {
  vi.useRealTimers();
});

async function connected(
  service: FakeService,
  options: { callMs?: number; actMs?: number } = {},
): Promise<{ client: MonitorClient; endServer: (reason: string) => void }> {
  const ports = createPortPair();
  const endServer = serveMonitor(service, ports.server, server);
  const client = await createMonitorClient(ports.client, { program: '0.1.0', ...options });
  if (!client.ok) throw new Error(client.error);
  return { client: client.value, endServer };
}

test('What the service tells arrives as it was told, undefined members included.', async () => {
  const service = createFakeService();
  const workload = service.state.workloads[0]!.workload;
  service.knownFindings = [fakeFinding(workload, { technique: undefined })];
  service.knownActions = [
    fakeAction(workload, { finishedAt: undefined, outcome: { state: 'started' } }),
  ];
  const { client } = await connected(service);
  expect(client.engineId).toBe('ENGINE-1');
  expect(await client.snapshot()).toEqual({ ok: true, value: service.state });
  expect(await client.findings(query)).toEqual({ ok: true, value: service.knownFindings });
  expect(await client.findings({ ...query, status: 'closed' })).toEqual({ ok: true, value: [] });
  expect(await client.actions({ limit: 5 })).toEqual({ ok: true, value: service.knownActions });
  for (const narrowed of [{ workload: 'another' }, { since: 8e15 }]) {
    expect(await client.actions({ ...narrowed, limit: 5 })).toEqual({ ok: true, value: [] });
  }
});

test('Each kind of event arrives as it was told, and none after the subscription has ended.', async () => {
  const service = createFakeService();
  const view = fakeView(fakeWorkload('builder', 'b0b0'));
  const { workload } = view;
  const of = { at: scriptTime, workload: workload.key, container: workload.container };
  const coverage = view.coverage[0]!;
  const decision = {
    ...of,
    id: 'd1',
    rule: 'contain',
    finding: 'f1',
    mode: 'observe',
    actions: [
      { kind: 'pause' },
      { kind: 'stop', graceSeconds: 3 },
      { kind: 'limit', cpus: 1, memoryBytes: undefined, pids: 10 },
    ],
    heldSince: scriptTime,
  } as const;
  const events: MonitorEvent[] = [
    {
      kind: 'observations',
      leftOut: 2,
      at: scriptTime,
      cost: service.state.cost,
      observations: [
        fakeReading(workload, { network: undefined, pidsLimit: 99 }),
        { ...of, kind: 'lifecycle', event: { name: 'die', exitCode: 137 } },
        { ...of, kind: 'lifecycle', event: { name: 'out-of-memory' } },
        {
          ...of,
          kind: 'process',
          processes: [{ pid: 1, parentPid: undefined, user: 'root', command: 'sh' }],
          omitted: 2,
        },
        {
          kind: 'host',
          at: scriptTime,
          loadPerCore: 0.5,
          memoryAvailableShare: 0.4,
          onBattery: undefined,
        },
        { ...of, kind: 'coverage', coverage },
        { ...of, kind: 'control', event: { name: 'acknowledged', finding: 'f1' } },
      ],
    },
    { kind: 'finding', at: scriptTime, finding: fakeFinding(workload) },
    { kind: 'decision', at: scriptTime, decision },
    { kind: 'action', at: scriptTime, action: fakeAction(workload) },
    { ...of, kind: 'coverage', coverage },
    {
      kind: 'connection',
      at: scriptTime,
      connection: { state: 'reconnecting', since: 1, error: 'gone' },
    },
    { kind: 'workload', at: scriptTime, change: 'appeared', view },
    { kind: 'policy', at: scriptTime, policy: service.state.policy },
  ];
  const { client } = await connected(service);
  const got: MonitorEvent[] = [];
  const onLost = vi.fn();
  await client.subscribe({ onEvent: (event) => got.push(event), onLost });
  for (const event of events) service.emit(event);
  await client.snapshot();
  expect(got).toEqual(events);
  await client.unsubscribe();
  expect(service.subscribers()).toBe(0);
  expect(onLost).not.toHaveBeenCalled();
});

test('Each thing a person may ask for is its own method, marked by what it does.', async () => {
  const service = createFakeService();
  const { client } = await connected(service);
  for (const name of personActions) {
    expect(methods[name].effect).toBe(tightens(name) ? 'tightens' : 'loosens');
    const answer = await client.act({ name, target: 'builder' });
    expect(answer).toMatchObject({ ok: true, value: { name, container: idOf('b0b0') } });
  }
  expect(service.acted.map(({ name }) => name)).toEqual([...personActions]);
});

test('A refusal to act arrives with the containers that may have been meant.', async () => {
  const { client } = await connected(createFakeService());
  const answer = await client.act({ name: 'kill', target: 'webb' });
  expect(answer).toMatchObject({ ok: false, error: { kind: 'unknown-target' } });
});

test('Calls that wait end as closed when the monitor dies, and so do later ones.', async () => {
  const service = createFakeService();
  service.outcome = () => new Promise(() => undefined);
  const { client, endServer } = await connected(service);
  const waiting = client.act({ name: 'pause', target: 'builder' });
  await turn();
  endServer('The monitor stops.');
  expect(await waiting).toEqual({
    ok: false,
    error: { kind: 'closed', message: 'The monitor stops.' },
  });
  expect(await client.closed).toBe('The monitor stops.');
  expect(await client.snapshot()).toMatchObject({ ok: false, error: { kind: 'closed' } });
});

test('A call that is not answered ends by its time-out; the connection goes on.', async () => {
  const service = createFakeService();
  service.outcome = () => new Promise(() => undefined);
  const { client } = await connected(service, { actMs: 30 });
  const answer = await client.act({ name: 'pause', target: 'builder' });
  expect(answer).toMatchObject({ ok: false, error: { kind: 'timeout' } });
  expect((await client.snapshot()).ok).toBe(true);
});

test('More calls at once than the bound are turned away as busy.', async () => {
  const service = createFakeService();
  const finish = Promise.withResolvers<undefined>();
  service.outcome = async (workload) => {
    await finish.promise;
    return fakeAction(workload);
  };
  const { client } = await connected(service);
  const calls = Array.from({ length: bounds.pendingRequests + 3 }, () =>
    client.act({ name: 'pause', target: 'builder' }),
  );
  await client.snapshot();
  finish.resolve(undefined);
  const answers = await Promise.all(calls);
  expect(answers.filter((answer) => answer.ok)).toHaveLength(bounds.pendingRequests);
  expect(answers.filter((answer) => !answer.ok && answer.error.kind === 'busy')).toHaveLength(3);
});

test('A failure inside the monitor is an answer, not the end.', async () => {
  const service = createFakeService();
  service.outcome = () => Promise.reject(new Error('broken'));
  const { client } = await connected(service);
  const answer = await client.act({ name: 'pause', target: 'builder' });
  expect(answer).toMatchObject({ ok: false, error: { kind: 'internal' } });
  expect((await client.snapshot()).ok).toBe(true);
});

test('A client of another protocol version is told so and cut off.', async () => {
  const ports = createPortPair();
  serveMonitor(createFakeService(), ports.server, server);
  const said: unknown[] = [];
  const closed = new Promise((resolve) => {
    ports.client.open({
      onMessage: (m) => said.push(m),
      onDrain: () => undefined,
      onClose: resolve,
    });
  });
  ports.client.send({ type: 'hello', protocol: protocolVersion + 1, program: '9.9.9' });
  await closed;
  expect(said).toMatchObject([{ type: 'farewell' }]);
});

test('A client that says nothing is cut off after the time for greetings.', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { server: port, stream } = createPortAndStream();
  serveMonitor(createFakeService(), port, server);
  const ended = once(stream.resume(), 'end');
  await vi.advanceTimersByTimeAsync(bounds.greetingMs);
  await ended;
});

test('Something that is no monitor is not taken for one.', async () => {
  const ports = createPortPair();
  ports.server.open({
    onMessage: () => undefined,
    onDrain: () => undefined,
    onClose: () => undefined,
  });
  const client = createMonitorClient(ports.client, { program: '0.1.0' });
  ports.server.send({ hello: 'world' });
  expect(await client).toMatchObject({ ok: false });
});

/** Lines that are near the protocol, or nowhere near it. */
const line = fc.oneof(
  fc.array(fc.nat(0x10ffff), { maxLength: 200 }).map((points) => String.fromCodePoint(...points)),
  fc.json(),
  fc
    .record(
      {
        type: fc.constantFrom('hello', 'call', 'bye', '__proto__'),
        id: fc.oneof(fc.nat(3), fc.double(), fc.string()),
        protocol: fc.oneof(fc.constant(protocolVersion), fc.integer()),
        program: fc.string(),
        method: fc.oneof(fc.constantFrom('constructor', 'toString', 'hasOwnProperty'), fc.string()),
        params: fc.anything(),
      },
      { requiredKeys: ['type'] },
    )
    .map((value) => JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? 0 : v))),
  fc
    .record({
      type: fc.constant('call'),
      id: fc.nat(3),
      method: fc.constantFrom(...personActions),
      params: fc.oneof(
        fc.constantFrom(
          {},
          { target: '' },
          { target: 7 },
          { target: 'builder', force: true },
          null,
          [],
        ),
        fc.record({ target: fc.array(fc.string()) }),
      ),
    })
    .map((value) => JSON.stringify(value)),
);

test('No line that is not a whole call of the protocol runs a method or breaks the server.', async () => {
  const greeting = JSON.stringify({ type: 'hello', protocol: protocolVersion, program: '0.1.0' });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 10 }), fc.boolean(), async (lines, greets) => {
      const service = createFakeService();
      const { server: port, stream } = createPortAndStream();
      serveMonitor(service, port, server);
      stream.resume();
      for (const text of greets ? [greeting, ...lines] : lines) stream.write(`${text}\n`);
      await turn();
      expect(service.acted).toEqual([]);
      stream.end();
      await turn();
      expect(service.subscribers()).toBe(0);
    }),
    { numRuns: 300 },
  );
  // The same way, a whole call does arrive: what was refused above was refused by its content.
  const service = createFakeService();
  const { server: port, stream } = createPortAndStream();
  serveMonitor(service, port, server);
  const call = { type: 'call', id: 1, method: 'pause', params: { target: 'builder' } };
  stream.resume().write(`${greeting}\n${JSON.stringify(call)}\n`);
  await turn();
  expect(service.acted).toEqual([{ name: 'pause', target: 'builder' }]);
});

test('Bad parameters are answered with what is wrong with them.', async () => {
  const ports = createPortPair();
  serveMonitor(createFakeService(), ports.server, server);
  const said: unknown[] = [];
  ports.client.open({
    onMessage: (m) => said.push(m),
    onDrain: () => undefined,
    onClose: () => undefined,
  });
  ports.client.send({ type: 'hello', protocol: protocolVersion, program: '0.1.0' });
  ports.client.send({ type: 'call', id: 1, method: 'findings', params: { limit: 0 } });
  ports.client.send({ type: 'call', id: 2, method: 'constructor', params: {} });
  await vi.waitFor(() => expect(said).toHaveLength(3));
  expect(said.slice(1)).toMatchObject([
    { type: 'failure', id: 1, error: { kind: 'bad-params' } },
    { type: 'failure', id: 2, error: { kind: 'unknown-method' } },
  ]);
});

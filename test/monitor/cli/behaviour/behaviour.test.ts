import { beforeEach, expect, test } from 'vitest';
import { runBehaviour } from '../../../../monitor/cli/behaviour/behaviour.ts';
import type { BehaviourCommand } from '../../../../monitor/cli/command.ts';
import type {
  ProcessStartObservation,
  RareCallObservation,
  SyscallsObservation,
} from '../../../../monitor/model/observation.ts';
import { createMonitorClient, type MonitorClient } from '../../../../monitor/rpc/client.ts';
import { serveMonitor } from '../../../../monitor/rpc/server.ts';
import { behaviourBounds } from '../../../../monitor/rpc/service/service-behaviour.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import {
  createFakeService,
  fakeView,
  fakeWorkload,
  scriptTime,
  type FakeService,
} from '../../rpc/fake-service.ts';
import { createPortPair } from '../../rpc/port-pair.ts';
import { createMemoryTerminal, hostileNames, steeringCharacters } from '../memory-terminal.ts';

const agent = fakeWorkload('builder', 'b0b0');
const of = { at: scriptTime, workload: agent.key, container: agent.container };

let service: FakeService;
let client: MonitorClient;

beforeEach(async () => {
  service = createFakeService([
    fakeView(agent, {
      coverage: [{ sensor: 'syscalls', sight: { state: 'seeing' }, since: 0, dropped: 3 }],
    }),
    fakeView(fakeWorkload('far', 'fafa')),
  ]);
  const ports = createPortPair();
  const about = { program: '0', engineId: 'E', logger: silentLogger };
  serveMonitor(service, ports.server, about);
  const connected = await createMonitorClient(ports.client, { program: '0' });
  if (!connected.ok) throw new Error(connected.error);
  client = connected.value;
});

function seconds(count: number, counts: SyscallsObservation['counts'], failed = {}): void {
  for (let second = 0; second < count; second += 1) {
    service.book.take({ ...of, kind: 'syscalls', intervalMs: 1000, counts, failed, lost: 0 });
  }
}

function starts(change: Partial<ProcessStartObservation>): void {
  service.book.take({
    ...of,
    kind: 'process-start',
    pid: 20,
    parentPid: 10,
    uid: 0,
    program: '/usr/bin/ls',
    parentProgram: '/usr/bin/dash',
    programIsNew: false,
    inMemory: false,
    network: undefined,
    arguments: ['ls', '-l'],
    fromOutside: false,
    ...change,
  });
}

function calls(change: Partial<RareCallObservation>): void {
  service.book.take({
    ...of,
    kind: 'rare-call',
    call: 'mount',
    compat: false,
    error: 'EPERM',
    target: '',
    writes: false,
    own: false,
    pid: 20,
    parentPid: 10,
    uid: 0,
    parentUid: 0,
    program: '/usr/bin/mount',
    programIsNew: false,
    ...change,
  });
}

async function show(command: Partial<BehaviourCommand>, terminal = createMemoryTerminal()) {
  const context = {
    terminal,
    surroundings: { environment: {}, platform: process.platform, home: '/' },
    uid: 0,
    temporaryFolder: '/tmp',
    workingFolder: '/',
    start: () => Promise.reject(new Error('Nothing is started.')),
    listStanding: () => Promise.reject(new Error('Nothing is looked for.')),
    stopped: new AbortController().signal,
  };
  const asked: BehaviourCommand = {
    name: 'syscalls',
    target: 'builder',
    engine: undefined,
    isJson: false,
    forMs: undefined,
    ...command,
  };
  const code = await runBehaviour(asked, client, context);
  return { code, out: terminal.written, complaints: terminal.complaints.join('\n') };
}

test('The calls of now stand against those of before, with rare ones and what was not kept.', async () => {
  seconds(90, { read: 10, write: 2 });
  seconds(10, { read: 100, openat: 5 }, { openat: 1 });
  calls({});
  const { code, out } = await show({});
  expect(code).toBe(0);
  expect(out).toContain('builder: seeing, 3 events not kept');
  expect(out).toContain('mount: EPERM, by /usr/bin/mount (20)');
  expect(out).toMatch(/read +100 +10 +more/);
  expect(out).toMatch(/openat +5\.0 +0 +1\.0 +new/);
  expect(out).toMatch(/write +0 +2\.0 +less/);
  expect(out).toContain('105 calls in the last second');
});

test('One call and one event are told in the singular.', async () => {
  seconds(90, { read: 10 });
  seconds(1, { read: 1 });
  expect((await show({})).out).toContain('1 call in the last second');
});

test('Before a minute has passed nothing is called new.', async () => {
  seconds(15, { read: 10 });
  seconds(10, { openat: 5 });
  expect((await show({})).out).not.toContain('new');
});

test('Process starts stand as a tree, with what is strange about them.', async () => {
  starts({ pid: 20, program: '/usr/bin/dash', arguments: ['sh'], fromOutside: true });
  starts({ pid: 30, parentPid: 1, program: '/usr/bin/other', arguments: [] });
  starts({ pid: 21, parentPid: 20 });
  starts({
    pid: 22,
    parentPid: 21,
    program: '/tmp/x',
    programIsNew: true,
    network: { input: true, output: true, peer: '203.0.113.7:4444' },
  });
  const { out } = await show({ name: 'processes' });
  const lines = out.trimEnd().split('\n').slice(-4);
  expect(lines[0]).toMatch(/20 root {2,}\/usr\/bin\/dash {2}\[from outside\]$/);
  expect(lines[1]).toMatch(/21 root {4,}\/usr\/bin\/ls -l$/);
  expect(lines[2]).toContain('/tmp/x -l  [new file, ON A CONNECTION TO 203.0.113.7:4444]');
  expect(lines[3]).toContain('/usr/bin/other');
});

test('What containers choose cannot steer the terminal, on any way out.', async () => {
  for (const text of hostileNames) {
    starts({
      program: text,
      arguments: ['x', text],
      network: { input: true, output: false, peer: text },
    });
    calls({ target: text, program: text, call: text });
    seconds(1, { [text]: 1 });
  }
  for (const name of ['syscalls', 'processes'] as const) {
    for (const isJson of [true, false]) {
      const { out } = await show({ name, isJson });
      expect(out).not.toMatch(steeringCharacters);
    }
  }
});

test('On a terminal it is live until its time is over, as JSON one object a second.', async () => {
  seconds(2, { read: 1 });
  const live = await show({ forMs: 100 }, createMemoryTerminal({ isLive: true, rows: 12 }));
  expect(live.out).toContain('[?1049h');
  expect(live.out.endsWith('[?1049l')).toBe(true);
  const { out } = await show({ isJson: true, forMs: 1500 });
  const objects = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(objects.map(({ type }) => type)).toEqual(['syscalls', 'syscalls']);
});

test('Where nothing sees its calls it says so, and an unknown container is named.', async () => {
  expect((await show({ target: 'far' })).out).toContain('nothing sees its system calls');
  const { code, complaints } = await show({ target: 'nobody' });
  expect(code).toBe(1);
  expect(complaints).toContain('nobody');
});

test('What is kept is bounded, and says what it no longer holds.', async () => {
  for (let pid = 0; pid < behaviourBounds.starts + 5; pid += 1) starts({ pid: pid + 100 });
  for (let n = 0; n < behaviourBounds.rare + 5; n += 1) calls({});
  seconds(1, Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`call${n}`, 1])));
  const [made, started] = await Promise.all([
    client.calls({ target: 'builder' }),
    client.starts({ target: 'builder' }),
  ]);
  expect(made).toMatchObject({ ok: true, value: { omitted: 300 - behaviourBounds.calls } });
  expect(made.ok && made.value.rare.length).toBe(behaviourBounds.rare);
  expect(started).toMatchObject({ ok: true, value: { omitted: 5 } });
});

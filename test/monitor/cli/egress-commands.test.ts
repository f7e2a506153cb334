import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseCommand } from '../../../monitor/cli/arguments.ts';
import type { Context } from '../../../monitor/cli/context.ts';
import { runEgress } from '../../../monitor/cli/egress/egress.ts';
import { createMonitorClient } from '../../../monitor/rpc/client.ts';
import type { EgressRequest } from '../../../monitor/rpc/service/egress-service.ts';
import { serveMonitor } from '../../../monitor/rpc/server.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { fakeEgressView } from '../rpc/fake-egress-service.ts';
import { createFakeService, type FakeService } from '../rpc/fake-service.ts';
import { createPortPair } from '../rpc/port-pair.ts';
import { createMemoryTerminal, hostileNames, steeringCharacters } from './memory-terminal.ts';

let folder: string;
let asked: EgressRequest[];
let answers: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-commands-'));
  asked = [];
  answers = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function service(view = fakeEgressView()): FakeService {
  const fake = createFakeService();
  return Object.assign(fake, {
    egress(request: EgressRequest) {
      asked.push(request);
      return Promise.resolve({ ok: true as const, value: view });
    },
  });
}

/** As the record tells it. */
const refusedName = (name: string, refused: number) => ({
  ...{ name, asked: refused, answered: 0, refused, held: 0, firstSeenAt: 1, lastSeenAt: 2 },
});

/** Runs `sentra egress …` against a monitor at the other end of a port. */
async function run(line: string, fake: FakeService = service()) {
  const ports = createPortPair();
  serveMonitor(fake, ports.server, { program: '1', engineId: 'E', logger: silentLogger });
  const client = await createMonitorClient(ports.client, { program: '1' });
  if (!client.ok) throw new Error(client.error);
  const terminal = createMemoryTerminal();
  const asking = {
    ...terminal,
    get written() {
      return terminal.written;
    },
    ask: () => Promise.resolve(answers.shift()),
  };
  const context = { terminal: asking, workingFolder: folder } as unknown as Context;
  const parsed = parseCommand(['egress', ...line.split(' ')]);
  if (!parsed.ok) throw new Error(parsed.error.message);
  if (parsed.value.name !== 'egress') throw new Error(parsed.value.name);
  const code = await runEgress(parsed.value, client.value, context);
  client.value.close();
  return { code, out: terminal.written, complaints: terminal.complaints.join('\n') };
}

const fromHere = { from: 'command line', target: 'web' };

test.each<[string, object]>([
  ['list web', { name: 'list', target: 'web' }],
  [
    'allow web a.test --port 443 --for 15m --note x',
    {
      ...fromHere,
      name: 'rule',
      rule: { verdict: 'allow', target: 'a.test', port: 443, lifetime: '15-minutes', note: 'x' },
    },
  ],
  [
    'deny web 10.0.0.0/8 --protocol udp',
    { ...fromHere, name: 'rule', rule: { verdict: 'deny', target: '10.0.0.0/8', protocol: 'udp' } },
  ],
  [
    'remove web a.test --port 80',
    { ...fromHere, name: 'remove', subject: { target: 'a.test', port: 80 } },
  ],
  ['mode web ask', { ...fromHere, name: 'mode', mode: 'ask' }],
  ['mode web enforce', { ...fromHere, name: 'mode', mode: 'enforce' }],
  ['undo web', { ...fromHere, name: 'undo' }],
  ['preset use web npm', { ...fromHere, name: 'preset', preset: 'npm' }],
])('"%s" asks the monitor for just that.', async (line, request) => {
  expect(await run(line)).toMatchObject({ code: 0, complaints: '' });
  expect(asked).toEqual([request]);
});

test.each([
  ['', 'one of the words list, allow'],
  ['allow', 'needs a container'],
  ['allow web', 'does not understand'],
  ['allow web a.test --port 0', '--port goes from'],
  ['allow web a.test --for ever-and-ever', '--for is one of once, 15m, container, image, ever'],
  ['remove web a.test --note x', '--note belongs to allow, deny'],
  ['mode web wall', 'off, observe, ask, enforce'],
  ['learn web --hours 200', '1 to 192'],
  ['learn web --accept 3-1', '--accept takes all'],
  ['list web --accept 1', '--accept belongs to learn'],
  ['import web', 'a container and a file'],
  ['preset use web', 'use CONTAINER NAME'],
])('"%s" is not understood, and says what would be.', (line, words) => {
  const parsed = parseCommand(['egress', ...line.split(' ')]);
  expect(JSON.stringify(parsed)).toContain(words);
  expect(parsed.ok).toBe(false);
});

test('One of anything is told in the singular, more in the plural.', async () => {
  const use = (count: number) => ({ count, lastAt: 5, isIdle: false });
  const rule = { verdict: 'allow', target: 'a.test' } as const;
  const seen = {
    ...{ address: '192.0.2.7', name: undefined, protocol: 'tcp', port: 443 },
    ...{ sentPackets: 1, sentBytes: 60, receivedPackets: 0, receivedBytes: 0 },
  };
  const list = (count: number) =>
    fakeEgressView({
      rules: Array.from({ length: count }, () => rule),
      uses: Array.from({ length: count }, () => use(count)),
      profiles: Array.from({ length: count }, () => ({ name: 'npm', rules: [rule] })),
      destinations: [{ ...seen, refusedPackets: count }],
    });
  const withRefused = (count: number) => {
    const name = { ...refusedName('b.test', count), lastSeenAt: 5 };
    const value = { since: 0, destinations: [], names: [name], kinds: [] };
    return Object.assign(service(list(count)), {
      egressSeen: () => ({ ok: true as const, value }),
    });
  };
  const one = (await run('list web', withRefused(1))).out;
  expect(one).toContain('enforce, 1 rule, 1 profile\n');
  expect(one).toContain('[used at 1 look]');
  expect(one).toContain('profile npm: 1 rule\n');
  expect(one).toContain('1 packet refused\n');
  expect(one).toContain('b.test was refused once, last ');
  const two = (await run('list web', withRefused(2))).out;
  expect(two).toContain('enforce, 2 rules, 2 profiles\n');
  expect(two).toContain('b.test was refused 2 times, last ');
  const preview = {
    ...{ since: 0, destinations: 1, wouldRefuse: [], wouldRefuseCount: 1 },
    ...{ unnamed: 1, wouldAllowCount: 1, stillRefused: [], stillRefusedCount: 0 },
  };
  const tried = Object.assign(service(), {
    egressCheck: () => ({ ok: true as const, value: { problems: [], remarks: [], preview } }),
  });
  const { out } = await run('preview web', tried);
  expect(out).toContain('refused 1 of 1 destination of the past day');
  expect(out).toContain('1 of them has no known name');
  expect(out).toContain('1 that was refused would have been let through');
});

test('Every command about egress has its JSON, one object a line.', async () => {
  writeFileSync(join(folder, 'list.json'), '{"sentra-egress":1}');
  for (const line of [
    'list web',
    'preset',
    'learn web',
    'export web',
    'import web list.json',
    'preview web',
    'undo web',
  ]) {
    const { out } = await run(`${line} --json`);
    for (const each of out.trimEnd().split('\n'))
      expect(JSON.parse(each), line).toHaveProperty('type');
  }
});

test('A list shows its rules with how often they were used, and offers idle ones for removal.', async () => {
  const view = fakeEgressView({
    rules: [
      { verdict: 'allow', target: 'a.test', note: 'for the build' },
      { verdict: 'allow', target: 'old.test', lifetime: { kind: 'image', image: 'sha256:1' } },
    ],
    uses: [
      { count: 3, lastAt: 5, isIdle: false },
      { count: 0, lastAt: undefined, isIdle: true },
    ],
    undo: 'allow old.test',
  });
  const { out } = await run('list web', service(view));
  expect(out).toContain('allow a.test  # for the build  [used at 3 looks]');
  expect(out).toContain('allow old.test, until the image changes  [never used, needed no more?]');
  expect(out).toContain('Undo takes back: allow old.test');
});

test('What is learned is put in line by line, and only what the person said yes to.', async () => {
  answers = ['n'];
  await run('learn web');
  expect(asked).toEqual([]);
  answers = ['y'];
  const { out } = await run('learn web');
  expect(out).toContain('1  allow b.test\n     Seen.\n');
  expect(asked.at(-1)).toEqual({
    ...fromHere,
    name: 'save',
    basedOn: fakeEgressView().version,
    profiles: [],
    rules: [...fakeEgressView().rules, { verdict: 'allow', target: 'b.test' }],
  });
  asked = [];
  expect(await run('learn web --accept 2')).toMatchObject({ code: 1 });
  expect(asked).toEqual([]);
  await run('learn web --accept 1');
  expect(asked.at(-1)).toMatchObject({ name: 'save' });
});

test('A file is handed in whole, and one that cannot be read changes nothing.', async () => {
  writeFileSync(join(folder, 'list.yaml'), 'sentra-egress: 1\n');
  await run('import web list.yaml');
  expect(asked).toEqual([{ ...fromHere, name: 'import', text: 'sentra-egress: 1\n' }]);
  expect(await run('import web missing.yaml')).toMatchObject({ code: 1 });
  expect(asked).toHaveLength(1);
  await run('export web out.yaml');
  expect(readFileSync(join(folder, 'out.yaml'), 'utf8')).toBe('sentra-egress: 1\n');
});

test('A preview of a file says what is wrong in it with its line, or what it would have refused.', async () => {
  writeFileSync(join(folder, 'bad.yaml'), 'sentra-egress: 1\nrules:\n  - target: a.test\n');
  const bad = await run('preview web bad.yaml');
  expect(bad).toMatchObject({ code: 1 });
  expect(bad.complaints).toContain('bad.yaml:3:');
  const seen = {
    ...{ address: '192.0.2.7', name: 'b.test', protocol: 'tcp', port: 443, looks: 2 },
    ...{ sentPackets: 1, sentBytes: 60, receivedPackets: 0, receivedBytes: 0, refusedPackets: 0 },
    ...{ firstSeenAt: 1, lastSeenAt: 2 },
  };
  const preview = {
    ...{ since: 0, destinations: 5, wouldRefuse: [seen], wouldRefuseCount: 1 },
    ...{ unnamed: 0, wouldAllowCount: 2, stillRefusedCount: 1 },
    stillRefused: [refusedName('c.test', 2)],
  };
  const remarks = [{ index: 0, message: 'It lets nothing through.' }];
  const fake = Object.assign(service(), {
    egressCheck: () => ({ ok: true as const, value: { problems: [], remarks, preview } }),
  });
  const group = 'rules:\n  - { verdict: allow, target: 239.0.0.0/8 }\n';
  writeFileSync(join(folder, 'good.yaml'), `sentra-egress: 1\n${group}`);
  const good = await run('preview web good.yaml', fake);
  expect(good.code).toBe(0);
  expect(good.complaints).toBe('allow 239.0.0.0/8: It lets nothing through.');
  expect(good.out).toContain('refused 1 of 5 destinations of the past day');
  expect(good.out).toContain('b.test (192.0.2.7) tcp 443: 60 B sent');
  expect(good.out).toContain('2 that were refused would have been let through');
  expect(good.out).toContain('1 name would have been refused again:');
  expect(good.out).toMatch(/the name c\.test was refused 2 times, last /);
});

test('A list names what was refused by name, also when nothing was seen since, and says how to allow it.', async () => {
  const name = refusedName('b.test', 3);
  const value = { since: 0, destinations: [], names: [name], kinds: [] };
  const fake = Object.assign(service(fakeEgressView({ names: [], destinations: [] })), {
    egressSeen: () => ({ ok: true as const, value }),
  });
  const { out } = await run('list web', fake);
  expect(out).toMatch(/the name b\.test was refused 3 times, last /);
  expect(out).toContain('sentra egress allow web NAME');
  expect((await run('list web --json', fake)).out).toContain('"refused":3');
});

test('A list names what was asked and answered, and what was refused wherever it was to go.', async () => {
  const times = { firstSeenAt: 1, lastSeenAt: 2 };
  const names = [
    { name: 'a.test', asked: 4, answered: 3, refused: 0, held: 0, ...times },
    { name: 'none.test', asked: 1, answered: 0, refused: 0, held: 0, ...times },
    { name: 'b.test', asked: 5, answered: 1, refused: 2, held: 1, ...times },
    { name: 'late.test', asked: 0, answered: 1, refused: 0, held: 0, ...times },
  ];
  const kinds = [
    { kind: 'raw-frames' as const, packets: 12, ...times },
    { kind: 'fragments' as const, packets: 1, ...times },
  ];
  const value = { since: 0, destinations: [], names, kinds };
  const ping = { address: '192.0.2.7', name: undefined, protocol: 'icmp', port: undefined };
  const counts = { sentPackets: 1, sentBytes: 60, receivedPackets: 0, receivedBytes: 0 };
  const destinations = [{ ...ping, ...counts, refusedPackets: 1 }];
  const fake = Object.assign(service(fakeEgressView({ names: [], destinations })), {
    egressSeen: () => ({ ok: true as const, value }),
  });
  const { out } = await run('list web', fake);
  expect(out).toMatch(/the name a\.test was asked 4 times and answered 3 times, last /);
  expect(out).toMatch(/the name late\.test was answered once, last /);
  expect(out).toMatch(/the name none\.test was asked once and never answered, last /);
  expect(out).toMatch(
    /Refused by name.*\n {2}the name b\.test was asked 5 times, answered once, refused 2 times and held once, last /,
  );
  expect(out).toMatch(/raw frames, past the kernel’s own network code: 12 packets refused, last /);
  expect(out).toMatch(/fragments of its own making: 1 packet refused, last /);
  expect(out).toContain('192.0.2.7 icmp (ping): 60 B sent, 0 B received, 1 packet refused');
  const json = (await run('list web --json', fake)).out;
  expect(json).toContain('"refusedKinds":[{"kind":"raw-frames","packets":12');
  expect(json).toMatch(/"refusedNames":\[\{"name":"b\.test"[^\]]*\],"names":\[\{"name":"a\.test"/);
});

test('A list names each limit of the wall on a line of its own; a change says how many there are.', async () => {
  const sight = { state: 'seeing', limits: ['One thing.', 'Another.'] } as const;
  const view = fakeEgressView({ coverage: { sensor: 'egress', sight, since: 0, dropped: 0 } });
  const { out } = await run('list web', service(view));
  expect(out).toContain('seeing, with 2 limits\n');
  expect(out).toContain('\n  limit: One thing.\n  limit: Another.\n');
  expect((await run('mode web enforce', service(view))).out).toMatch(/with 2 limits\n$/);
  expect((await run('list web --json', service(view))).out).toContain('"One thing."');
});

test('Nothing that a container chose steers the terminal.', async () => {
  for (const hostile of hostileNames) {
    const view = fakeEgressView({
      name: hostile,
      notice: hostile,
      names: [{ name: hostile, refused: false, count: 1 }],
      coverage: {
        sensor: 'egress',
        sight: { state: 'partly', reason: hostile },
        since: 0,
        dropped: 0,
      },
    });
    const name = { ...refusedName(hostile, 3), held: 1 };
    const value = { since: 0, destinations: [], names: [name], kinds: [] };
    for (const line of ['list web', 'undo web', 'list web --json']) {
      const fake = Object.assign(service(view), {
        egressSeen: () => ({ ok: true as const, value }),
      });
      const { out } = await run(line, fake);
      expect(out.replaceAll('\n', '')).not.toMatch(steeringCharacters);
    }
  }
});

test('A lock down names what it does not reach, and then it failed; lifted, it says so.', async () => {
  const locked = await run('lockdown');
  expect(locked.out).toContain('2 containers cut off');
  expect(locked.out).toContain('NOT CUT OFF: guest: It is not its own.');
  expect(locked.code).toBe(1);
  expect(await run('lift')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Lifted') as string,
  });
  await expect(run('lockdown web')).rejects.toThrow('takes no name');
});

test('The record is erased when the person says that it is meant, and not else.', async () => {
  answers = ['n'];
  expect(await run('erase web')).toMatchObject({ code: 1, out: '' });
  expect((await run('erase')).complaints).toContain('Add --yes');
  answers = ['y'];
  expect(await run('erase web')).toMatchObject({
    code: 0,
    out: expect.stringContaining('3 rows erased') as string,
  });
  expect((await run('erase --yes')).out).toContain('12 rows erased');
  expect((await run('erase nobody --yes')).code).toBe(1);
});

test.each([
  ...['list web', 'prove web', 'lockdown', 'lift', 'preset', 'preset show npm', 'erase --yes'],
  ...['held', 'held a1a1 allow', 'held a1a1 refuse', 'learn web', 'learn web --accept all'],
])('What "egress %s" prints of a simulated engine is marked.', async (line) => {
  const probe = { what: 'a.test', outcome: 'as-it-should', detail: 'Refused.' } as const;
  const fake = service(fakeEgressView({ probes: [probe] }));
  fake.state = { ...fake.state, simulated: true };
  const { out } = await run(line, fake);
  expect(out).not.toBe('');
  for (const each of out.trimEnd().split('\n')) expect(each).toMatch(/^SIMULATED /);
  const json = (await run(`${line} --json`, fake)).out;
  expect(json).toContain('"simulated":true');
  expect(json).not.toContain('"simulated":false');
});

test('A list that is written out is a list, of a simulated engine too; as JSON it is marked.', async () => {
  const fake = service();
  fake.state = { ...fake.state, simulated: true };
  expect((await run('export web', fake)).out).toBe('sentra-egress: 1\n');
  expect((await run('export web --json', fake)).out).toContain('"simulated":true');
});

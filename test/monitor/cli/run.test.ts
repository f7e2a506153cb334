import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Context } from '../../../monitor/cli/context.ts';
import { runCommand } from '../../../monitor/cli/run.ts';
import { lockFile } from '../../../monitor/rpc/socket/control-folder.ts';
import type { MonitorOptions, StartMonitor } from '../../../monitor/rpc/service/service.ts';
import { takeLock } from '../../../monitor/runtime/lock.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';
import {
  createFakeService,
  fakeAction,
  fakeFinding,
  fakeReading,
  fakeView,
  fakeWorkload,
  idOf,
  scriptTime,
} from '../rpc/fake-service.ts';
import type { FakeService } from '../rpc/fake-service.ts';
import { createMemoryTerminal, hostileNames, steeringCharacters } from './memory-terminal.ts';
import type { MemoryTerminal } from './memory-terminal.ts';

let folder: string;
let service: FakeService;
let stopping: AbortController;
let started: MonitorOptions[];
const watches: Promise<unknown>[] = [];
const never = new Promise<void>(() => undefined);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-cli-'));
  service = createFakeService();
  stopping = new AbortController();
  started = [];
});

afterEach(async () => {
  stopping.abort();
  await Promise.all(watches.splice(0));
  rmSync(folder, { recursive: true });
});

/** Starts the fake service as the real monitor is started: under the engine's lock. */
const start: StartMonitor = (options) => {
  started.push(options);
  const lock = takeLock(lockFile(options.controlFolder, 'ENGINE-1'));
  if (!lock.ok) return Promise.resolve(failed({ kind: 'already-running', engineId: 'ENGINE-1' }));
  const stop = (): Promise<void> => {
    lock.value.release();
    return Promise.resolve();
  };
  return Promise.resolve(ok({ service, stop, disarmed: never }));
};

function contextWith(terminal: MemoryTerminal, change: Partial<Context> = {}): Context {
  return {
    terminal,
    surroundings: {
      environment: { SENTRA_STATE: folder },
      platform: process.platform,
      home: folder,
    },
    uid: process.getuid?.(),
    temporaryFolder: tmpdir(),
    workingFolder: folder,
    start,
    listStanding: () => Promise.resolve({ items: [], unseen: [] }),
    stopped: stopping.signal,
    ...change,
  };
}

/** Starts a watch that goes on until the test ends, and waits until it can be reached. */
async function watching(
  words = ['watch'],
  terminal = createMemoryTerminal(),
): Promise<MemoryTerminal> {
  watches.push(runCommand(words, contextWith(terminal)));
  await vi.waitFor(() => expect(terminal.written).not.toBe(''));
  return terminal;
}

async function run(
  words: readonly string[],
  terminal = createMemoryTerminal(),
): Promise<{ code: number; out: string; complaints: string }> {
  const code = await runCommand(words, contextWith(terminal));
  return { code, out: terminal.written, complaints: terminal.complaints.join('\n') };
}

/** The note of a monitor of the engine at `unix:///NAME`, as a monitor writes it. */
function writeNote(name: string, where: { address: string; folder: string }): void {
  const note = { ...where, engineId: name, endpoint: `unix:///${name}`, pid: 1 };
  writeFileSync(join(folder, 'control', `${name}.json`), JSON.stringify(note), { mode: 0o600 });
}

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test.each([
  [['status']],
  [['findings']],
  [['kill', 'builder']],
  [['acknowledge', 'a']],
  [['retention']],
])('Where nothing watches, %j says so, says how to start, and ends with 3.', async (words) => {
  const { code, out, complaints } = await run(words);
  expect(code).toBe(3);
  expect(out).toBe('');
  expect(complaints).toContain('Nothing watches');
  expect(complaints).toContain('sentra watch');
});

test('Where nothing watches, status names what of Sentra’s stands all the same, and who is closed whole.', async () => {
  const words = 'what guards or counts its network; CLOSED whole, for its resolver has ended';
  const item = { kind: 'wall', container: 'a'.repeat(64), name: 'agent\u001b[2J', words } as const;
  const listStanding = () => Promise.resolve({ items: [item], unseen: ['no engine answers'] });
  const terminal = createMemoryTerminal();
  expect(await runCommand(['status'], contextWith(terminal, { listStanding }))).toBe(3);
  expect(terminal.written).toContain(`${'a'.repeat(12)}: ${words}\n`);
  expect(terminal.written).toContain('Not seen: no engine answers');
  expect(terminal.written).toContain('sentra disarm');
  expect(terminal.written).not.toContain('\u001b');
});

test('A command line that is not understood ends with 2, help and version with 0.', async () => {
  expect(await run(['watch', '--jsn'])).toMatchObject({ code: 2, out: '' });
  expect(await run(['--help'])).toMatchObject({ code: 0, complaints: '' });
  expect((await run(['version'])).out).toMatch(/^sentra \d/);
});

test('Watch ends by itself after its time, with a summary.', async () => {
  const { code, out } = await run(['watch', '--for', '200ms']);
  expect(code).toBe(0);
  expect(out).toContain('Watched 2 containers');
  expect(started).toMatchObject([{ simulate: false, controlFolder: join(folder, 'control') }]);
});

test('A watch for longer than a timer can wait goes on, and ends after its time.', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timers.mockRestore());
  const long = () => timers.mock.calls.filter(([, ms = 0]) => ms > 3_600_000);
  await watching(['watch', '--for', '600h']);
  await vi.waitFor(() => expect(long()).toHaveLength(1));
  expect(long()[0]?.[1]).toBe(2 ** 31 - 1);
  long()[0]?.[0]();
  expect(long()[1]?.[1]).toBe(600 * 3_600_000 - (2 ** 31 - 1));
  long()[1]?.[0]();
  expect(await watches[0]).toBe(0);
});

test('Events are told as lines, and Ctrl-C ends the watch cleanly.', async () => {
  const terminal = await watching();
  const [view] = service.state.workloads;
  service.emit({ kind: 'finding', at: scriptTime, finding: fakeFinding(view!.workload) });
  service.emit({
    kind: 'action',
    at: scriptTime,
    action: fakeAction(view!.workload, { outcome: { state: 'would-have' } }),
  });
  expect(terminal.written).toContain('finding  high  builder: Has used 1.97 cores');
  expect(terminal.written).toContain('action  would have paused builder');
  stopping.abort();
  expect(await watches[0]).toBe(0);
  expect(terminal.written).toContain('1 new finding, 0 actions, 1 that would have been taken.');
  expect(service.subscribers()).toBe(0);
  expect((await run(['status'])).code).toBe(3);
});

test('Findings that were open before a watch are not told as new, however many there are.', async () => {
  const { workload } = service.state.workloads[0]!;
  service.knownFindings = Array.from({ length: 60 }, (_, index) =>
    fakeFinding(workload, { id: `f-${index}` }),
  );
  const terminal = await watching();
  for (const finding of service.knownFindings) {
    service.emit({ kind: 'finding', at: scriptTime, finding });
  }
  service.emit({ kind: 'finding', at: scriptTime, finding: fakeFinding(workload, { id: 'new' }) });
  for (const finding of service.knownFindings) {
    service.emit({ kind: 'finding', at: scriptTime, finding });
  }
  stopping.abort();
  await watches[0];
  expect(terminal.written.split('finding  high')).toHaveLength(2);
  expect(terminal.written).toContain('1 new finding,');
});

test('The first line of a watch waits for the first readings, but not for ever.', async () => {
  const view = service.state.workloads[0]!;
  service.state = { ...service.state, workloads: [] };
  const terminal = createMemoryTerminal();
  watches.push(runCommand(['watch'], contextWith(terminal)));
  await vi.waitFor(() => expect(service.subscribers()).toBe(1));
  expect(terminal.written).toBe('');
  service.emit({ kind: 'workload', at: scriptTime, change: 'appeared', view });
  await vi.waitFor(() => expect(terminal.written).toContain(' 1 container,'));
  expect(terminal.written).not.toContain('0 containers');

  service.state = { ...service.state, workloads: [] };
  const idle = createMemoryTerminal();
  watches.push(runCommand(['watch'], contextWith(idle)));
  await vi.waitFor(() => expect(idle.written).toContain('0 containers'), 4000);
});

test('With --json each line is one object with its type; the last is the summary.', async () => {
  const terminal = await watching(['watch', '--json']);
  const { workload } = service.state.workloads[0]!;
  service.emit({
    kind: 'observations',
    leftOut: 2,
    at: scriptTime,
    observations: [fakeReading(workload)],
    cost: service.state.cost,
  });
  service.emit({ kind: 'policy', at: scriptTime, policy: service.state.policy });
  stopping.abort();
  await watches[0];
  const lines = jsonLines(terminal.written);
  expect(lines.map(({ type }) => type)).toEqual(['snapshot', 'observations', 'policy', 'summary']);
  expect(lines.every(({ simulated }) => simulated === false)).toBe(true);
});

test.each([[['watch', '--for', '200ms']], [['watch', '--json', '--for', '200ms']]])(
  'Everything that %j prints of a simulated engine is marked.',
  async (words) => {
    service.state = { ...service.state, simulated: true };
    const { out } = await run(words);
    for (const line of out.trimEnd().split('\n')) {
      expect(line).toMatch(words.includes('--json') ? /"simulated":true/ : /^SIMULATED /);
    }
  },
);

test('A reader that stalls makes a watch leave events out, and say how many.', async () => {
  const terminal = await watching(['watch', '--json']);
  const event = { kind: 'policy', at: scriptTime, policy: service.state.policy } as const;
  terminal.isBehind = () => true;
  service.emit(event);
  service.emit(event);
  terminal.isBehind = () => false;
  service.emit(event);
  terminal.isBehind = () => true;
  service.emit(event);
  stopping.abort();
  await watches[0];
  const lines = jsonLines(terminal.written);
  expect(lines.map(({ type }) => type)).toEqual(['snapshot', 'lost', 'policy', 'summary']);
  expect(lines[1]).toMatchObject({ count: 2 });
  expect(lines[3]).toMatchObject({ missed: 3 });
});

test('A reader of lines that stalls gets none about the state of things meanwhile.', async () => {
  const terminal = await watching();
  const before = terminal.written;
  const { cost } = service.state;
  const kind = 'observations';
  terminal.isBehind = () => true;
  service.emit({ kind, at: scriptTime + 60_000, observations: [], cost, leftOut: 0 });
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(terminal.written).toBe(before);
  terminal.isBehind = () => false;
  await vi.waitFor(() => expect(terminal.written).toContain('too slowly: 1 update.'), 4000);
  expect(terminal.written.split('\n').filter((line) => line.includes('2 containers'))).toHaveLength(
    2,
  );
});

test('Where no engine answers, the simulator is shown and said to be one; not if an engine was named.', async () => {
  const withoutEngine: StartMonitor = (options, around) =>
    options.simulate
      ? start(options, around)
      : Promise.resolve(
          failed({ kind: 'no-engine', message: 'No socket.', advice: 'Start Docker.' }),
        );
  const terminal = createMemoryTerminal();
  const context = contextWith(terminal, { start: withoutEngine });
  expect(await runCommand(['watch', '--for', '100ms'], context)).toBe(0);
  expect(terminal.complaints.join('\n')).toContain('No engine answers. No socket.');
  expect(terminal.complaints.join('\n')).toContain('SIMULATED');
  expect(started).toMatchObject([{ simulate: true }]);
  expect(await runCommand(['watch', '--engine', 'unix:///e'], context)).toBe(1);
  expect(started).toHaveLength(1);
});

test('A second watch attaches to the first, says so, and sees the same.', async () => {
  await watching();
  const terminal = createMemoryTerminal();
  const second = runCommand(['watch', '--learn', '1h', '--by-api'], contextWith(terminal));
  watches.push(second);
  await vi.waitFor(() => expect(terminal.written).toContain('2 containers'));
  expect(terminal.complaints.join('\n')).toContain(
    `(process ${process.pid}) watches this engine already`,
  );
  expect(terminal.complaints.join('\n')).toContain('Without effect on it: --learn, --by-api.');
  service.emit({
    kind: 'finding',
    at: scriptTime,
    finding: fakeFinding(service.state.workloads[0]!.workload),
  });
  await vi.waitFor(() => expect(terminal.written).toContain('Has used 1.97 cores'));
});

test('A watch that begins while another command holds the lock for a moment waits for it.', async () => {
  const control = join(folder, 'control');
  mkdirSync(control, { mode: 0o700 });
  const lock = takeLock(lockFile(control, 'ENGINE-1'));
  if (!lock.ok) throw new Error('The lock is not had.');
  setTimeout(() => lock.value.release(), 1_500);
  const terminal = createMemoryTerminal();
  const code = await runCommand(['watch', '--for', '100ms'], contextWith(terminal));
  expect(code, terminal.complaints.join('\n')).toBe(0);
  expect(started.length).toBeGreaterThan(1);
});

test('An attached watch ends with 3 when the monitor goes.', async () => {
  await watching();
  const terminal = createMemoryTerminal();
  const stayed = new AbortController();
  const second = runCommand(['watch'], contextWith(terminal, { stopped: stayed.signal }));
  await vi.waitFor(() => expect(terminal.written).toContain('2 containers'));
  stopping.abort();
  expect(await second).toBe(3);
  expect(terminal.complaints.join('\n')).toContain('The monitor has gone');
});

test('On a terminal, watch draws the table on the second screen and gives the first one back.', async () => {
  const terminal = await watching(['watch'], createMemoryTerminal({ isLive: true }));
  expect(terminal.written).toContain('\u001b[?1049h');
  expect(terminal.written).toContain('builder');
  stopping.abort();
  await watches[0];
  expect(terminal.written).toMatch(/\u001b\[\?1049lWatched 2 containers.*\n$/);
});

test('Status shows the table once, or all of it as JSON.', async () => {
  await watching();
  const table = await run(['status']);
  expect(table.code).toBe(0);
  expect(table.out).toMatch(/^calm +builder/m);
  const json = await run(['status', '--json']);
  expect(jsonLines(json.out)).toEqual([
    { type: 'snapshot', ...(JSON.parse(JSON.stringify(service.state)) as object) },
  ]);
});

test('Findings lists the open ones, with --all those that are over too.', async () => {
  await watching();
  const { workload } = service.state.workloads[0]!;
  expect((await run(['findings'])).out).toBe('No open findings.\n');
  service.knownFindings = [
    fakeFinding(workload),
    fakeFinding(workload, { id: 'old', status: 'closed' }),
  ];
  expect((await run(['findings'])).out.trimEnd().split('\n')).toHaveLength(1);
  expect((await run(['findings', '--all'])).out).toContain('high, over  builder:');
  expect(jsonLines((await run(['findings', '--json'])).out)).toMatchObject([
    { type: 'finding', finding: { id: service.knownFindings[0]!.id } },
  ]);
});

test('Findings of a record that failed are said to be perhaps incomplete; open ones are not.', async () => {
  service.state = { ...service.state, losses: [{ what: 'records not written', count: 3 }] };
  await watching();
  expect((await run(['findings'])).complaints).toBe('');
  const all = await run(['findings', '--all']);
  expect(all.complaints).toBe(
    'The record failed 3 times since the monitor started: findings that are over may be missing.',
  );
  expect(all.out).toBe('');
});

test('Where what was done cannot be read, status and watch say so and show the rest.', async () => {
  service.brokenRecord = {
    kind: 'record-failed',
    message: 'The actions were not read: database is locked.',
    advice: 'Close the other program.',
  };
  const told =
    'What was done cannot be read, and is missing here: The actions were not read: database is locked.\nClose the other program.';
  const terminal = await watching();
  expect(terminal.complaints.join('\n')).toContain(told);
  const status = await run(['status']);
  expect(status).toMatchObject({ code: 0, complaints: told });
  expect(status.out).toMatch(/^calm +builder/m);
});

test('Findings as JSON tell what a person said of them.', async () => {
  const { workload } = service.state.workloads[0]!;
  service.knownFindings = [
    fakeFinding(workload, { id: 'false' }),
    fakeFinding(workload, { id: 'normal' }),
    fakeFinding(workload, { id: 'neither' }),
  ];
  const words = [
    { says: 'false-alarm', finding: 'false', at: scriptTime },
    { says: 'normal', finding: 'normal', at: scriptTime },
  ] as const;
  service.state = { ...service.state, triage: { words, mutes: [] } };
  await watching();
  const lines = jsonLines((await run(['findings', '--json'])).out);
  const said = lines.map(({ finding, says }) => [(finding as { id: string }).id, says]);
  expect(said).toEqual([
    ['false', 'false-alarm'],
    ['normal', 'normal'],
    ['neither', undefined],
  ]);
});

test('An action prints what was done and its proof; only what is proved ends with 0.', async () => {
  await watching();
  const done = await run(['pause', 'web']);
  expect(done).toMatchObject({
    code: 0,
    out: 'Paused web-1: The engine says it is paused, and it used no CPU time.\n',
  });
  expect(service.acted).toEqual([{ name: 'pause', target: idOf('cafe') }]);
  for (const outcome of [
    { state: 'failed', reason: 'the engine refused' },
    { state: 'refused', reason: 'it is protected' },
    { state: 'partly', proof: 'Paused.', holes: ['it is on the host network'] },
  ] as const) {
    service.outcome = (workload, { name }) =>
      Promise.resolve(fakeAction(workload, { name, outcome }));
    const { code, out } = await run(['release', 'builder']);
    expect(code).toBe(1);
    expect(out).toContain('reason' in outcome ? outcome.reason : outcome.holes[0]);
    expect(out).not.toContain('cannot hold');
  }
  expect((await run(['pause', 'builder'])).out).toContain('It cannot hold: it is on the host');
});

test('An action tells everything that did not come back, however much it is.', async () => {
  await watching();
  const holes = Array.from(
    { length: 40 },
    (_, port) => `port ${port}/tcp was published as 1, is 2`,
  );
  service.outcome = (workload, { name }) => {
    const outcome = { state: 'partly', proof: 'Released.', holes } as const;
    return Promise.resolve(fakeAction(workload, { name, outcome }));
  };
  expect((await run(['release', 'builder'])).out).toContain('port 39/tcp was published as 1, is 2');
});

test('A container that is unknown or ambiguous is refused with the ones that may be meant.', async () => {
  service = createFakeService([
    fakeView(fakeWorkload('web-1', 'cafe01')),
    fakeView(fakeWorkload('web-2', 'cafe02')),
  ]);
  await watching();
  for (const target of ['cafe', 'web']) {
    const { code, complaints } = await run(['pause', target]);
    expect(code).toBe(1);
    expect(complaints).toContain('web-1');
    expect(complaints).toContain('web-2');
  }
});

test('Kill asks, naming the container; anything but yes does nothing; --yes does not ask.', async () => {
  await watching();
  const declining = createMemoryTerminal({ answers: ['no'] });
  expect(await run(['kill', 'builder'], declining)).toMatchObject({
    code: 1,
    complaints: 'Nothing was done.',
  });
  expect(declining.questions[0]).toContain('Kill builder (b0b000000000)?');
  expect(service.acted).toEqual([]);
  expect((await run(['kill', 'builder'], createMemoryTerminal({ answers: ['y'] }))).code).toBe(0);
  const sure = createMemoryTerminal({ answers: ['no'] });
  expect((await run(['kill', 'builder', '--yes'], sure)).code).toBe(0);
  expect(sure.questions).toEqual([]);
});

test('What containers are called never steers the terminal, in no command.', async () => {
  const views = hostileNames.map((name, index) =>
    fakeView(
      fakeWorkload(name, `${index + 10}ab`, { image: name, key: name, composeService: name }),
    ),
  );
  service = createFakeService(views);
  const { workload } = views[0]!;
  service.knownFindings = views.map((view) =>
    fakeFinding(view.workload, { id: view.workload.name, sentence: view.workload.name }),
  );
  const proof = hostileNames.join(' ');
  service.outcome = () =>
    Promise.resolve(fakeAction(workload, { outcome: { state: 'proved', proof } }));
  const lines = await watching();
  const objects = createMemoryTerminal();
  watches.push(runCommand(['watch', '--json'], contextWith(objects)));
  await vi.waitFor(() => expect(objects.written).not.toBe(''));
  for (const view of views) {
    service.emit({ kind: 'workload', at: scriptTime, change: 'gone', view });
    service.emit({ kind: 'workload', at: scriptTime, change: 'appeared', view });
    service.emit({
      kind: 'finding',
      at: scriptTime,
      finding: fakeFinding(view.workload, { sentence: view.workload.name }),
    });
    const coverage = {
      sensor: 'resource',
      sight: { state: 'blind', reason: view.workload.name },
      since: 0,
      dropped: 0,
    } as const;
    service.emit({
      kind: 'coverage',
      at: scriptTime,
      workload: '',
      container: view.workload.container,
      coverage,
    });
  }
  const printed = [lines, objects];
  for (const words of [
    ['status'],
    ['findings'],
    ['findings', '--json'],
    ['kill', idOf('10ab')],
    ['pause', 'nobody'],
  ]) {
    const terminal = createMemoryTerminal({ answers: ['y'] });
    printed.push(terminal);
    await run(words, terminal);
  }
  for (const { written, complaints, questions } of printed) {
    expect([written, ...complaints, ...questions].join('\n')).not.toMatch(steeringCharacters);
  }
});

test('Two monitors are told apart by their engines.', async () => {
  await watching();
  const other = createFakeService([fakeView(fakeWorkload('elsewhere', 'e15e'))]);
  other.state = {
    ...other.state,
    engine: { ...other.state.engine!, id: 'ENGINE-2', endpoint: 'unix:///two' },
  };
  const terminal = createMemoryTerminal();
  const stop = (): Promise<void> => Promise.resolve();
  const startOther: StartMonitor = () =>
    Promise.resolve(ok({ service: other, stop, disarmed: never }));
  watches.push(runCommand(['watch'], contextWith(terminal, { start: startOther })));
  await vi.waitFor(() => expect(terminal.written).not.toBe(''));
  const both = await run(['status']);
  expect(both.code).toBe(2);
  expect(both.complaints).toContain('unix:///two');
  expect((await run(['status', '--engine', 'unix:///two'])).out).toContain('elsewhere');
  expect((await run(['status', '--engine', 'ENGINE-1'])).out).toContain('builder');
});

test('A monitor that runs and cannot be talked to is not passed over for another one.', async () => {
  await watching();
  const control = join(folder, 'control');
  const path = join(control, 'mute.sock');
  const mute = createServer((socket) => socket.destroy()).listen(path);
  await once(mute, 'listening');
  writeNote('mute', { address: path, folder: control });
  const lock = takeLock(lockFile(control, 'mute'));
  const { code, complaints } = await run(['kill', 'builder', '--yes']);
  expect(code).toBe(2);
  expect(complaints).toContain('2 monitors run, for ');
  expect(complaints).toContain('unix:///mute');
  expect(service.acted).toEqual([]);
  expect((await run(['status', '--engine', 'ENGINE-1'])).code).toBe(0);
  expect((await run(['status', '--engine', 'unix:///mute'])).code).toBe(1);
  if (lock.ok) lock.value.release();
  // What answers there is no monitor of this user's: nobody holds the engine's lock.
  expect((await run(['status', '--engine', 'unix:///mute'])).code).toBe(3);
  expect((await run(['kill', 'builder', '--yes'])).code).toBe(0);
  mute.close();
});

test('A monitor whose folder has gone counts while it runs, and not when it is gone itself.', async () => {
  const control = join(folder, 'control');
  mkdirSync(control, { mode: 0o700 });
  const gone = join(folder, 'gone');
  writeNote('gone', { address: join(gone, 'x.sock'), folder: gone });
  // As after a restart of the machine.
  expect(await run(['status'])).toMatchObject({ code: 3 });
  // As after the last log-out of a person whose monitor runs on.
  const lock = takeLock(lockFile(control, 'gone'));
  for (const words of [['status'], ['disarm']]) {
    const { code, complaints } = await run(words);
    expect(code).toBe(1);
    expect(complaints).toContain('A monitor runs');
    if (words[0] === 'disarm') expect(complaints).toContain('in its window, under Settings');
  }
  if (lock.ok) lock.value.release();
  await watching();
  expect(await run(['status'])).toMatchObject({ code: 0 });
});

test('An engine is named for a command as for watch: also by a path or the name of a context.', async () => {
  await watching();
  expect(service.state.engine?.endpoint).toBe('unix:///var/run/docker.sock');
  const meta = JSON.stringify({
    Name: 'mine',
    Endpoints: { docker: { Host: 'unix:///var/run/docker.sock' } },
  });
  const hash = createHash('sha256').update('mine').digest('hex');
  const context = join(folder, '.docker', 'contexts', 'meta', hash);
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, 'meta.json'), meta);
  for (const engine of ['unix:///var/run/docker.sock', '/var/run/docker.sock', 'mine']) {
    expect(await run(['status', '--engine', engine])).toMatchObject({ code: 0, complaints: '' });
  }
});

test('Where monitors run, but none for the engine that is named, none is not what is told.', async () => {
  await watching();
  const { code, complaints } = await run(['status', '--engine', 'unix:///other.sock']);
  expect(code).toBe(3);
  expect(complaints).toContain('Nothing watches unix:///other.sock');
  expect(complaints).not.toContain('no monitor of yours runs');
});

test('A watch ends when its monitor has taken its hands off everything, and says so.', async () => {
  const terminal = createMemoryTerminal();
  const disarming: StartMonitor = async (options, around) => {
    const started = await start(options, around);
    return started.ok ? ok({ ...started.value, disarmed: Promise.resolve() }) : started;
  };
  expect(await runCommand(['watch'], contextWith(terminal, { start: disarming }))).toBe(0);
  expect(terminal.complaints.join('\n')).toContain('hands were taken off everything');
  expect(await run(['status'])).toMatchObject({ code: 3 });
});

test('A policy file is explained, or its problems are named by line and column.', async () => {
  writeFileSync(
    join(folder, 'good.yaml'),
    'version: 1\nrules:\n  - name: contain runaways\n    when: finding.severity >= high\n    do: [pause]\n',
  );
  const good = await run(['policy', 'check', 'good.yaml']);
  expect(good).toMatchObject({ code: 0, complaints: '' });
  expect(good.out).toContain('contain runaways');
  writeFileSync(join(folder, 'bad.yaml'), 'version: 1\nrules:\n  - name: x\n    whn: "true"\n');
  const bad = await run(['policy', 'check', 'bad.yaml']);
  expect(bad.code).toBe(1);
  expect(bad.out).toMatch(/^bad\.yaml:\d+:\d+: ./m);
  writeFileSync(join(folder, 'large.yaml'), '#'.repeat(256 * 1024 + 1));
  expect((await run(['policy', 'check', 'large.yaml'])).complaints).toContain('at most 256 KB');
  mkdirSync(join(folder, 'folder'));
  for (const file of ['missing.yaml', 'folder']) {
    expect(await run(['policy', 'check', file])).toMatchObject({ code: 1, out: '' });
  }
});

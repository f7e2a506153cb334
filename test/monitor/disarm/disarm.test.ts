import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { listStanding } from '../../../monitor/cli/disarm/standing.ts';
import { runCommand } from '../../../monitor/cli/run.ts';
import { startMonitor } from '../../../monitor/monitor.ts';
import type { RunningMonitor } from '../../../monitor/rpc/service/service.ts';
import { isDisarmed } from '../../../monitor/rpc/service/service-disarm.ts';
import { startSimulator, type Simulator } from '../../../monitor/simulator/simulator.ts';
import { ask, demand } from '../../engine/engine-http.ts';
import { createMemoryTerminal } from '../cli/memory-terminal.ts';

let folder: string;
let simulator: Simulator;
let monitor: RunningMonitor | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-disarm-'));
  const agent = { agent: 'idle', image: 'example/agent:1' } as const;
  simulator = await startSimulator({
    socketPath: join(folder, 'engine.sock'),
    plan: {
      networks: [],
      containers: [
        { ...agent, name: 'coder', restartPolicy: { name: 'always', maximumRetryCount: 0 } },
        { ...agent, name: 'tests' },
        { ...agent, name: 'queue' },
      ],
    },
  });
});

afterEach(async () => {
  await monitor?.stop();
  monitor = undefined;
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const engine = (): string => `unix://${simulator.socketPath}`;
const control = (): string => join(folder, 'control');

/** A monitor that knows all three. */
async function watch(): Promise<RunningMonitor> {
  mkdirSync(control(), { recursive: true, mode: 0o700 });
  const started = await startMonitor({
    engine: engine(),
    policyFile: undefined,
    learnMs: 3_000,
    intervalMs: undefined,
    stateFolder: folder,
    controlFolder: control(),
    simulate: false,
    byApi: false,
  });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  monitor = started.value;
  const { service } = started.value;
  await vi.waitFor(() => expect(service.snapshot().workloads).toHaveLength(3), 20_000);
  return started.value;
}

async function standing(name: string) {
  const path = `/containers/${name}/json`;
  const { State: state, HostConfig: host } = z
    .looseObject({
      State: z.looseObject({ Status: z.string() }),
      HostConfig: z.looseObject({ RestartPolicy: z.looseObject({ Name: z.string() }) }),
    })
    .parse(await demand(simulator.socketPath, 'GET', path));
  return { status: state.Status, restarts: host.RestartPolicy.Name };
}

/** As a person who is not root types it; whose files are whose is not looked at. */
async function sentra(
  words: readonly string[],
  answers: string[] = [],
  beforeAnswer: () => Promise<unknown> = () => Promise.resolve(),
) {
  const terminal = createMemoryTerminal({ answers });
  const answer = terminal.ask.bind(terminal);
  terminal.ask = (question) => beforeAnswer().then(() => answer(question));
  const code = await runCommand(words, {
    terminal,
    surroundings: { environment: { SENTRA_STATE: folder }, platform: 'linux', home: folder },
    uid: undefined,
    temporaryFolder: tmpdir(),
    workingFolder: folder,
    start: startMonitor,
    listStanding,
    stopped: new AbortController().signal,
  });
  return { code, out: terminal.written, complaints: terminal.complaints.join('\n') };
}

const pauseBehindItsBack = (name: string) =>
  ask(simulator.socketPath, 'POST', `/containers/${name}/pause`);

test('A monitor lists what it has its hands on, lets go what it holds, and puts nothing back.', async () => {
  const { service, disarmed } = await watch();
  await service.act({ name: 'pause', target: 'coder' });
  await pauseBehindItsBack('queue');
  await service.egress({ name: 'mode', target: 'tests', mode: 'enforce' });
  await vi.waitFor(async () => {
    const { items } = await service.disarmList();
    expect(items.map(({ kind, name }) => `${kind} ${name}`)).toContain('wall tests');
  }, 20_000);
  const { items } = await service.disarmList();
  expect(items[0]).toMatchObject({
    kind: 'contained',
    name: 'coder',
    words: expect.stringMatching(
      /^paused, cut off from bridge, its restart policy always held down, since /,
    ) as string,
  });
  expect(await standing('coder')).toEqual({ status: 'paused', restarts: 'no' });

  const report = await service.disarm();
  await disarmed;
  expect(isDisarmed(report), JSON.stringify(report)).toBe(true);
  expect(report.items.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
    expect.arrayContaining(['contained coder', 'wall tests']),
  );
  expect(await standing('coder')).toEqual({ status: 'running', restarts: 'always' });
  // Not Sentra's doing, so not undone: named.
  expect(report.bound).toEqual([
    expect.objectContaining({
      name: 'queue',
      commands: [`docker unpause ${simulator.idOf('queue').slice(0, 12)}`],
    }),
  ]);
  expect(report.proof).toContain('as Docker left');
  // It is at rest: whoever comes now is not watched.
  simulator.add({ name: 'late', agent: 'idle', image: 'example/agent:1' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(service.snapshot().workloads).toHaveLength(3);
});

test('Without a monitor the command asks, lets go what the record says is held, and takes the autostart.', async () => {
  const { service } = await watch();
  await service.act({ name: 'pause', target: 'coder' });
  await service.act({ name: 'quarantine', target: 'tests' });
  const words = ['disarm', '--engine', engine()];
  await monitor?.stop();
  monitor = undefined;
  const file = join(folder, '.config', 'autostart', 'dev.sentra.app.desktop');
  mkdirSync(join(folder, '.config', 'autostart'), { recursive: true });
  writeFileSync(file, '[Desktop Entry]\n');

  const declined = await sentra(words, ['no']);
  expect(declined).toMatchObject({ code: 1, complaints: 'Nothing was taken away.' });
  expect(declined.out).toContain(
    `coder, ${simulator.idOf('coder').slice(0, 12)}, which Sentra holds`,
  );
  expect(declined.out).toContain(file);
  expect(await sentra(words)).toMatchObject({
    code: 1,
    complaints: 'Nothing was taken away.\nAdd --yes.',
  });
  expect(existsSync(file)).toBe(true);
  expect((await standing('coder')).status).toBe('paused');

  const done = await sentra(words, ['yes']);
  expect(done, done.out).toMatchObject({ code: 0, complaints: '' });
  expect(done.out).toMatch(/coder, \w{12}: let go: .*Released\./);
  expect(done.out).toContain('Sentra starts with your session no more.');
  expect(await standing('coder')).toEqual({ status: 'running', restarts: 'always' });
  expect(existsSync(file)).toBe(false);
  const again = await sentra([...words, '--yes']);
  expect(again).toMatchObject({ code: 0, out: 'Nothing of Sentra’s is found.\n' });
});

test('A monitor that begins before the yes keeps all that it holds.', async () => {
  const { service } = await watch();
  await service.act({ name: 'pause', target: 'coder' });
  await monitor?.stop();
  const words = ['disarm', '--engine', engine()];
  const { code, complaints } = await sentra(words, ['yes'], watch);
  expect(code).toBe(1);
  expect(complaints).toContain('A monitor runs, and would put the walls up again.');
  expect((await standing('coder')).status).toBe('paused');
});

test('With the record deleted what is paused or cut off is named, with the command that frees it.', async () => {
  const { service } = await watch();
  await service.act({ name: 'pause', target: 'coder' });
  await service.act({ name: 'quarantine', target: 'tests' });
  await monitor?.stop();
  monitor = undefined;
  rmSync(join(folder, 'engines'), { recursive: true });
  const { code, out } = await sentra(['disarm', '--yes', '--engine', engine()]);
  expect(code, out).toBe(0);
  const [coder, tests] = ['coder', 'tests'].map((name) => simulator.idOf(name).slice(0, 12));
  expect(out).toContain(`coder, ${coder}: It is on no network; no record says whether Sentra did`);
  expect(out).toContain(`    docker unpause ${coder}\n`);
  expect(out).toContain(`    docker network connect NETWORK ${tests}\n`);
  expect(out).not.toContain('queue');
  // Nothing that may be the person's own doing is undone.
  expect((await standing('coder')).status).toBe('paused');
});

test('Who only asks how it stands leaves a damaged record to whoever can tell of it.', async () => {
  const { service } = await watch();
  await service.act({ name: 'pause', target: 'coder' });
  const path = service.settings().record.path;
  await monitor?.stop();
  monitor = undefined;
  writeFileSync(path, 'no record');
  await sentra(['status', '--engine', engine()]);
  expect(readFileSync(path, 'utf8')).toBe('no record');
  // So it still is known that nobody knows.
  const { out } = await sentra(['disarm', '--yes', '--engine', engine()]);
  expect(out).toContain('It is paused; no record says whether Sentra did that.');
});

test('Whoever asks how it stands is not in the way of a monitor that begins meanwhile.', async () => {
  const { service } = await watch();
  await service.act({ name: 'pause', target: 'coder' });
  await monitor?.stop();
  monitor = undefined;
  simulator.faults.inject({ kind: 'slow', delayMs: 3_000, operations: ['list'] });
  const asked = sentra(['status', '--engine', engine()]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  simulator.faults.clear();
  await watch();
  expect((await asked).out).toContain('coder');
});

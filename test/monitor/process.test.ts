import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectMonitor, readAddresses } from '../../monitor/rpc/socket/address.ts';
import { createMonitorClient, type MonitorClient } from '../../monitor/rpc/client.ts';
import {
  fromProcessSchema,
  type FromProcess,
  type ProcessOptions,
  type ToProcess,
} from '../../monitor/rpc/process-message.ts';
import { createProcessPort } from '../../monitor/rpc/process-port.ts';
import { demoPlan } from '../../monitor/simulator/demo-plan.ts';
import { startSimulator, type Simulator } from '../../monitor/simulator/simulator.ts';

const patience = { timeout: 20_000, interval: 50 };

let folder: string;
let simulator: Simulator;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-process-'));
  const plan = demoPlan(3, { firstIncidentAfterSeconds: 100_000 });
  simulator = await startSimulator({ socketPath: join(folder, 'engine.sock'), plan, seed: 3 });
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A monitor's process as a driver has it. */
interface Driven {
  readonly child: ChildProcess;
  readonly said: FromProcess[];
  readonly exit: Promise<number | null>;
  tell(message: ToProcess): void;
  client(): Promise<MonitorClient>;
}

function drive(): Driven {
  const child = fork(join(import.meta.dirname, '../../monitor/process.ts'), [], {
    env: { ...process.env, SENTRA_STATE: folder, XDG_RUNTIME_DIR: folder },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  const said: FromProcess[] = [];
  const tell = (message: ToProcess): void => void child.send(message);
  const port = createProcessPort(tell);
  child.on('message', (raw) => {
    const message = fromProcessSchema.parse(raw);
    if (message.type === 'rpc') port.deliver(message.message);
    else said.push(message);
  });
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      port.end('The process has ended.');
      resolve(code);
    });
  });
  return {
    child,
    said,
    exit,
    tell,
    async client() {
      const client = await createMonitorClient(port.port, { program: 'test' });
      if (!client.ok) throw new Error(client.error);
      return client.value;
    },
  };
}

async function started(options: ProcessOptions = {}): Promise<Driven> {
  const driven = drive();
  const engine = `unix://${simulator.socketPath}`;
  driven.tell({ type: 'start', options: { engine, learnMs: 3000, ...options } });
  await vi.waitFor(() => expect(driven.said).not.toEqual([]), patience);
  return driven;
}

/** The monitor's time; throws where it does not answer. */
async function momentOf(client: MonitorClient): Promise<number> {
  const snapshot = await client.snapshot();
  if (!snapshot.ok) throw new Error(snapshot.error.message);
  return snapshot.value.at;
}

test('The process says when it is ready, answers, tells what happens, and stops when told to.', async () => {
  const driven = await started();
  expect(driven.said).toMatchObject([{ type: 'ready', simulated: true }]);
  expect(driven.said[0]).not.toHaveProperty('noControlSocket');
  const client = await driven.client();
  const events: string[] = [];
  await client.subscribe({ onEvent: ({ kind }) => events.push(kind), onLost: () => undefined });
  await vi.waitFor(async () => {
    const snapshot = await client.snapshot();
    expect(snapshot.ok && snapshot.value.workloads.length).toBe(8);
  }, patience);
  await vi.waitFor(() => expect(events).toContain('observations'), patience);
  driven.tell({ type: 'stop' });
  expect(await driven.exit).toBe(0);
  expect(driven.said.at(-1)).toEqual({ type: 'stopped' });
  expect(await client.snapshot()).toMatchObject({ ok: false, error: { kind: 'closed' } });
}, 120_000);

test('Beside its driver it can be reached by the control socket, which goes with it.', async () => {
  const driven = await started();
  const addresses = readAddresses(join(folder, 'control'), process.getuid?.());
  const [address] = addresses.ok ? addresses.value : [];
  if (address === undefined) throw new Error('No address was written down.');
  expect(address.pid).toBe(driven.child.pid);
  const client = await connectMonitor(address, process.getuid?.(), 'test');
  if (!client.ok) throw new Error(client.error.message);
  expect(await client.value.snapshot()).toMatchObject({ ok: true, value: { simulated: true } });
  driven.child.kill('SIGTERM');
  expect(await driven.exit).toBe(0);
  expect(readAddresses(join(folder, 'control'), process.getuid?.())).toEqual({
    ok: true,
    value: [],
  });
  await client.value.closed;
}, 120_000);

test('A second one says that the engine is watched already, and of which engine.', async () => {
  const first = await started();
  const second = await started();
  const [ready] = first.said;
  expect(second.said).toMatchObject([
    {
      type: 'failed',
      failure: {
        kind: 'already-running',
        engineId: ready?.type === 'ready' ? ready.engineId : 'none',
      },
    },
  ]);
  expect(await second.exit).toBe(1);
}, 120_000);

test('An engine that is not there is said with what to do, and nothing is simulated in its place.', async () => {
  const driven = await started({ engine: `unix://${join(folder, 'absent.sock')}` });
  const [answer] = driven.said;
  if (answer?.type !== 'failed') throw new Error(JSON.stringify(answer));
  expect(answer.failure.kind).toBe('failed');
  expect(answer.failure.message).toContain('absent.sock');
  expect(answer.failure.advice).not.toBe('');
  expect(await driven.exit).toBe(1);
}, 120_000);

test('It stops by itself when its driver is gone, and gives the lock back.', async () => {
  const driven = await started();
  driven.child.disconnect();
  expect(await driven.exit).toBe(0);
  const next = await started();
  expect(next.said).toMatchObject([{ type: 'ready' }]);
}, 120_000);

test('It watches on when nobody reads its log any more.', async () => {
  const driven = await started();
  const client = await driven.client();
  driven.child.stderr?.destroy();
  // Each of these is told to the log.
  for (let round = 0; round < 3; round += 1) driven.child.send('hello');
  const before = await momentOf(client);
  await vi.waitFor(async () => {
    expect((await momentOf(client)) - before).toBeGreaterThan(1500);
  }, patience);
  driven.tell({ type: 'stop' });
  expect(await driven.exit).toBe(0);
}, 120_000);

test('A stop that comes while it starts ends it cleanly too; what is no message is passed over.', async () => {
  const driven = drive();
  driven.child.send({ type: 'start', options: { engine: 7 } });
  driven.child.send('hello');
  driven.tell({ type: 'start', options: { engine: `unix://${simulator.socketPath}` } });
  driven.tell({ type: 'stop' });
  expect(await driven.exit).toBe(0);
  expect(driven.said.at(-1)).toEqual({ type: 'stopped' });
}, 120_000);

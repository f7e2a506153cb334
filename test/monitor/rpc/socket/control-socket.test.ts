import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectMonitor, readAddresses } from '../../../../monitor/rpc/socket/address.ts';
import type { Address } from '../../../../monitor/rpc/socket/address.ts';
import type { MonitorClient } from '../../../../monitor/rpc/client.ts';
import { lockFile } from '../../../../monitor/rpc/socket/control-folder.ts';
import { openControlSocket } from '../../../../monitor/rpc/socket/control-socket.ts';
import type { ControlSocket } from '../../../../monitor/rpc/socket/control-socket.ts';
import { createLinePort } from '../../../../monitor/rpc/socket/line-port.ts';
import { admitPeer } from '../../../../monitor/rpc/socket/peer-challenge.ts';
import { bounds, protocolVersion } from '../../../../monitor/rpc/protocol.ts';
import type { MonitorEvent } from '../../../../monitor/rpc/service/service.ts';
import { createLogger } from '../../../../monitor/runtime/logger.ts';
import { createFakeService, fakeReading, fakeWorkload, scriptTime } from '../fake-service.ts';
import type { FakeService } from '../fake-service.ts';
import { createPortAndStream } from '../port-pair.ts';

const uid = process.getuid?.();
const isRoot = uid === 0;
const nobody = 65534;

let folder: string;
let service: FakeService;
let log: string[];
const openSockets: ControlSocket[] = [];
const openClients: MonitorClient[] = [];
const rawSockets: Socket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-socket-'));
  service = createFakeService();
  log = [];
});

afterEach(async () => {
  vi.useRealTimers();
  for (const client of openClients.splice(0)) client.close();
  for (const socket of rawSockets.splice(0)) socket.destroy();
  await Promise.all(openSockets.splice(0).map((socket) => socket.close()));
  rmSync(folder, { recursive: true });
});

async function open(): Promise<ControlSocket> {
  const opened = await openControlSocket(service, {
    places: { runtimeFolder: undefined, controlFolder: folder, temporaryFolder: tmpdir() },
    uid,
    program: '0.1.0',
    engineId: 'ENGINE-1',
    endpoint: 'unix:///var/run/docker.sock',
    logger: createLogger((line) => log.push(line)),
  });
  if (!opened.ok) throw new Error(opened.error);
  openSockets.push(opened.value);
  return opened.value;
}

function onlyAddress(): Address {
  const addresses = readAddresses(folder, uid);
  if (!addresses.ok) throw new Error(addresses.error);
  expect(addresses.value).toHaveLength(1);
  return addresses.value[0]!;
}

async function connected(): Promise<MonitorClient> {
  const client = await connectMonitor(onlyAddress(), uid, '0.1.0');
  if (!client.ok) throw new Error(client.error.message);
  openClients.push(client.value);
  return client.value;
}

/** Connects without proving anything and hands the challenge to `answer`. Resolves when cut off. */
async function rawPeer(
  address: string,
  answer: (proof: string, nonce: string) => void,
  speech: readonly object[] = [{ type: 'answered' }],
): Promise<void> {
  const socket = connect(address);
  rawSockets.push(socket);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  const { nonce } = JSON.parse(chunk.toString()) as { nonce: string };
  answer(join(folder, `peer-${nonce.slice(0, 32)}`), nonce);
  const closed = once(socket, 'close');
  socket.resume();
  for (const message of speech) socket.write(`${JSON.stringify(message)}\n`);
  await closed;
}

function runStranger(address: string): Promise<string> {
  const program = join(import.meta.dirname, 'stranger.ts');
  const child = spawn(process.execPath, [program, address, folder], {
    uid: nobody,
    gid: nobody,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return once(child.stdout, 'data').then(([chunk]) => String(chunk).trim());
}

test('The owner of the monitor connects, asks and acts through the socket.', async () => {
  await open();
  const client = await connected();
  expect(await client.snapshot()).toEqual({ ok: true, value: service.state });
  expect(await client.act({ name: 'pause', target: 'builder' })).toMatchObject({ ok: true });
  // Nothing is left of the proof.
  expect(readdirSync(folder).filter((name) => name.startsWith('peer-'))).toEqual([]);
});

test('Socket and address note are for their owner alone, and are gone after closing.', async () => {
  const socket = await open();
  expect(statSync(socket.address).mode & 0o777).toBe(0o600);
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
  await socket.close();
  expect(readdirSync(folder)).toEqual([]);
});

test.skipIf(!isRoot)(
  'Another user is stopped by the file modes (needs root to become one).',
  async () => {
    const { address } = await open();
    expect(await runStranger(address)).toMatch(/^no connection: .*EACCES/);
  },
);

test.skipIf(!isRoot)(
  'With the modes loosened, another user is stopped by the challenge (needs root to become one).',
  async () => {
    const { address } = await open();
    chmodSync(folder, 0o777);
    chmodSync(address, 0o666);
    expect(await runStranger(address)).toMatch(/^not admitted/);
    expect(log.join('')).toContain(`it is user ${nobody}`);
    expect(service.acted).toEqual([]);
    chmodSync(folder, 0o700);
  },
);

test('In a folder that others may write to nobody is trusted, not even its owner.', async () => {
  const { address } = await open();
  chmodSync(folder, 0o770);
  await rawPeer(address, (proof, nonce) => writeFileSync(proof, nonce, { mode: 0o600 }));
  expect(log.join('')).toContain('is open to others (mode 770)');
  expect(readAddresses(folder, uid)).toMatchObject({ ok: false });
  chmodSync(folder, 0o700);
  expect((await connected()).program).toBe('0.1.0');
});

test.each<[string, string, (proof: string, nonce: string) => void]>([
  ['no proof', 'cannot be read', () => undefined],
  [
    'a link',
    'cannot be read',
    (proof, nonce) => {
      writeFileSync(`${proof}.real`, nonce, { mode: 0o600 });
      symlinkSync(`${proof}.real`, proof);
    },
  ],
  [
    'a second name of a file',
    'second name',
    (proof, nonce) => {
      writeFileSync(`${proof}.real`, nonce, { mode: 0o600 });
      linkSync(`${proof}.real`, proof);
    },
  ],
  [
    'another content',
    'another file',
    (proof, nonce) => writeFileSync(proof, `${nonce}0`, { mode: 0o600 }),
  ],
  [
    'a file open to others',
    'open to others',
    (proof, nonce) => writeFileSync(proof, nonce, { mode: 0o644 }),
  ],
  ['a pipe', 'not a plain file', (proof) => execFileSync('mkfifo', ['-m', '600', proof])],
])('A peer that offers %s as its proof is cut off.', async (_, reason, answer) => {
  const { address } = await open();
  const call = { type: 'call', id: 1, method: 'kill', params: { target: 'builder' } };
  const hello = { type: 'hello', protocol: protocolVersion, program: 'x' };
  await rawPeer(address, answer, [{ type: 'answered' }, hello, call]);
  expect(log.join('')).toContain(reason);
  expect(service.acted).toEqual([]);
});

test('A peer that speaks before it has proved who it is is cut off.', async () => {
  const { address } = await open();
  const hello = { type: 'hello', protocol: protocolVersion, program: 'x' };
  await rawPeer(address, () => undefined, [hello]);
  expect(log.join('')).toContain('it spoke before');
});

test('A peer that stays silent is cut off after the time for greetings.', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { server, stream } = createPortAndStream();
  const ended = once(stream.resume(), 'end');
  const admitted = admitPeer(server, { folder, uid }, () => undefined);
  await vi.advanceTimersByTimeAsync(bounds.greetingMs);
  expect(await admitted).toBe(false);
  await ended;
});

test('At most 32 connections are kept; one more is closed at once, and the others go on.', async () => {
  const { address } = await open();
  const client = await connected();
  for (let count = 1; count < 32; count += 1) {
    const socket = connect(address);
    rawSockets.push(socket);
    await once(socket, 'data');
  }
  const beyond = connect(address);
  rawSockets.push(beyond);
  await once(beyond.resume(), 'close');
  expect((await client.snapshot()).ok).toBe(true);
});

test('The socket of a monitor that was killed leads to nobody, and the next monitor takes its place.', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'socket-holder.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(String((await once(child.stdout, 'data'))[0])).toBe('open\n');
  await connected();
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const address = onlyAddress();
  expect(existsSync(address.address)).toBe(true);
  expect(await connectMonitor(address, uid, '0.1.0')).toMatchObject({ error: { kind: 'nobody' } });
  await open();
  expect((await (await connected()).snapshot()).ok).toBe(true);
});

test('A note whose folder has gone, as after a restart of the machine, leads to nobody.', async () => {
  const gone = join(folder, 'gone');
  const address = {
    address: join(gone, 'x.sock'),
    folder: gone,
    engineId: 'ENGINE-1',
    endpoint: 'unix:///e',
    pid: 1,
  };
  expect(await connectMonitor(address, uid, '0.1.0')).toMatchObject({ error: { kind: 'nobody' } });
});

test('What stands in the way of the socket and is none is not removed.', async () => {
  const path = lockFile(folder, 'ENGINE-1').replace('.lock', '.sock');
  writeFileSync(path, 'precious');
  await expect(open()).rejects.toThrow('is not a socket');
  expect(existsSync(path)).toBe(true);
});

test('A client that does not read gets the latest readings and the count of what it missed.', async () => {
  const { address } = await open();
  const socket = connect(address);
  rawSockets.push(socket);
  const port = createLinePort(socket, bounds.replyBytes);
  const got: { type?: string; count?: number; event?: MonitorEvent }[] = [];
  const admitted = new Promise<void>((resolve) => {
    port.open({
      onMessage: (message) => {
        const { type, nonce } = message as { type: string; nonce: string };
        if (type === 'challenge') {
          writeFileSync(join(folder, `peer-${nonce.slice(0, 32)}`), nonce, { mode: 0o600 });
          port.send({ type: 'answered' });
        } else if (type === 'admitted') {
          port.send({ type: 'hello', protocol: protocolVersion, program: 'x' });
          port.send({ type: 'call', id: 0, method: 'subscribe', params: {} });
        } else if (type === 'reply') resolve();
        else got.push(message as { type: string });
      },
      onDrain: () => undefined,
      onClose: () => undefined,
    });
  });
  await admitted;
  socket.pause();
  const workload = fakeWorkload('builder', 'b0b0');
  const observations = Array.from({ length: 500 }, () => fakeReading(workload));
  const sent = 200;
  for (let tick = 1; tick <= sent; tick += 1) {
    service.emit({
      kind: 'observations',
      leftOut: 2,
      at: scriptTime + tick,
      observations,
      cost: service.state.cost,
    });
  }
  service.emit({ kind: 'policy', at: scriptTime, policy: service.state.policy });
  socket.resume();
  await vi.waitFor(() => expect(got.at(-1)?.event?.at).toBe(scriptTime + sent));
  const lost = got.reduce((sum, message) => sum + (message.count ?? 0), 0);
  const readings = got.filter((message) => message.event?.kind === 'observations').length;
  expect(readings).toBeLessThan(sent / 2);
  expect(readings + lost).toBe(sent);
  expect(got.filter((message) => message.event?.kind === 'policy')).toHaveLength(1);
});

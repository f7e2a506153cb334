import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { dialSocket } from '../../../monitor/helper/helper-door.ts';
import { dialPort } from '../../../monitor/helper/sealed-connection.ts';
import { openMiddle } from './port-stage.ts';
import { eventually } from '../egress/egress-stage.ts';

const sources = fileURLToPath(new URL('../../../helper/source/', import.meta.url));

/** The helper as a process of this machine, in a network of its own, that ends at the first fault. */
export interface NativeHelper {
  /** Opens a connection to it, past its door where that takes a key. */
  dial(): Promise<Duplex>;
  /** Writes the bytes as they are, and resolves to all that comes back until the end. */
  send(bytes: Uint8Array | string): Promise<string>;
  /** What the sanitizers, and the helper itself, have said. */
  said(): string;
  isAlive(): boolean;
  stop(): void;
}

/** One that is reached by a port. */
export interface NativePortHelper extends NativeHelper {
  /** What leads to it, without any meddling, and the key. */
  readonly port: number;
  readonly key: Buffer;
  /** The process whose network it is in. */
  readonly pid: number;
  /** Starts another and hands it that in place of a key; what it says at its end. */
  startOther(handed: string): Promise<string>;
}

/** One that is reached by a socket. */
export interface NativeSocketHelper extends NativeHelper {
  readonly socket: string;
}

let built: ReturnType<typeof buildAnew> | undefined;

function build(): ReturnType<typeof buildAnew> {
  return (built ??= buildAnew());
}

/** Builds it with the sanitizers for addresses and undefined behaviour. */
function buildAnew(): { readonly folder: string; readonly program: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-helper-'));
  const program = join(folder, 'sentra-helper');
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
  const made = spawnSync(
    'gcc',
    [
      ...['-std=gnu11', '-g', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined'],
      ...['-fno-sanitize-recover=all', ...files, '-o', program, '-lnettle'],
    ],
    { cwd: sources, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return { folder, program };
}

function helperOf(
  child: ChildProcess,
  dial: () => Promise<Duplex>,
): NativeHelper & { readonly pid: number } {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return {
    dial,
    pid: child.pid ?? 0,
    said: () => said,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    send: async (bytes) => sendTo(await dial(), bytes),
    stop() {
      child.kill('SIGKILL');
    },
  };
}

/** Starts one that listens on a socket. */
export async function startNativeHelper(): Promise<NativeSocketHelper> {
  const { folder, program } = build();
  const home = mkdtempSync(join(folder, 'home-'));
  const child = spawn('unshare', ['--net', '--', program, home]);
  const socket = join(home, 'helper.sock');
  await eventually('it listens', () => readdirSync(home).includes('helper.sock'), 10_000);
  const dial = async (): Promise<Duplex> => {
    const dialled = await dialSocket(socket);
    if (!dialled.ok) throw new Error(dialled.error);
    return dialled.value;
  };
  return { ...helperOf(child, dial), socket };
}

/** Starts one that listens on a port. What starts it plays the engine, whose network it then works in. */
export async function startNativePortHelper(): Promise<NativePortHelper> {
  const { program } = build();
  const script = 'ip link set lo up && "$0" port; exit $?';
  const child = spawn('unshare', ['--net', '--', 'sh', '-c', script, program]);
  const key = randomBytes(32);
  child.stdin.end(`${key.toString('hex')}\n`);
  const inside = ['-t', String(child.pid), '-n', 'ss', '-Htln'];
  await eventually('it listens', () =>
    spawnSync('nsenter', inside, { encoding: 'utf8' }).stdout.includes(':7373 '),
  );
  const middle = await openMiddle(child.pid ?? 0, 7373);
  const dial = async (): Promise<Duplex> => {
    const dialled = await dialPort({ port: middle.port, key });
    if (!dialled.ok) throw new Error(dialled.error);
    return dialled.value;
  };
  const helper = helperOf(child, dial);
  return {
    ...helper,
    port: middle.port,
    key,
    startOther(handed) {
      const other = spawnSync('unshare', ['--net', '--', 'sh', '-c', script, program], {
        input: handed,
        encoding: 'utf8',
        timeout: 10_000,
      });
      return Promise.resolve(`${other.status} ${other.stderr}`);
    },
    stop() {
      void middle.stop();
      spawnSync('pkill', ['-KILL', '-P', String(child.pid)]);
      helper.stop();
    },
  };
}

function sendTo(connection: Duplex, bytes: Uint8Array | string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const limit = setTimeout(() => {
      connection.destroy();
      reject(new Error('The helper neither answered nor closed.'));
    }, 15_000);
    connection.write(bytes);
    connection.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    // A helper that closes while it is written to has seen enough.
    connection.on('error', () => undefined);
    connection.on('close', () => {
      clearTimeout(limit);
      resolve(text);
    });
  });
}

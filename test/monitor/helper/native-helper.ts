import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../egress/egress-stage.ts';

const sources = fileURLToPath(new URL('../../../helper/source/', import.meta.url));

/** The helper as a process of this machine, in a network of its own, that ends at the first fault. */
export interface NativeHelper {
  readonly socket: string;
  /** Writes the bytes as they are, and resolves to all that comes back until the end. */
  send(bytes: Uint8Array | string): Promise<string>;
  /** What the sanitizers, and the helper itself, have said. */
  said(): string;
  isAlive(): boolean;
  stop(): void;
}

/** Builds it with the sanitizers for addresses and undefined behaviour, and starts it. */
export async function startNativeHelper(): Promise<NativeHelper> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-helper-'));
  const program = join(folder, 'sentra-helper');
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
  const built = spawnSync(
    'gcc',
    [
      ...['-std=gnu11', '-g', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined'],
      ...['-fno-sanitize-recover=all', ...files, '-o', program],
    ],
    { cwd: sources, encoding: 'utf8' },
  );
  if (built.status !== 0) throw new Error(built.stderr);
  const home = mkdtempSync(join(folder, 'home-'));
  const child = spawn('unshare', ['--net', '--', program, home]);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const socket = join(home, 'helper.sock');
  await eventually('it listens', () => readdirSync(home).includes('helper.sock'), 10_000);
  return {
    socket,
    said: () => said,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    send: (bytes) => sendTo(socket, bytes),
    stop() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function sendTo(socket: string, bytes: Uint8Array | string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const connection = connect(socket, () => connection.write(bytes));
    connection.setTimeout(15_000, () => {
      connection.destroy();
      reject(new Error('The helper neither answered nor closed.'));
    });
    connection.on('data', (chunk) => (text += chunk.toString('latin1')));
    // A helper that closes while it is written to has seen enough.
    connection.on('error', () => undefined);
    connection.on('close', () => resolve(text));
  });
}

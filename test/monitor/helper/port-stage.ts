import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { engineSocket } from '../../engine/capabilities.ts';
import { ask } from '../../engine/engine-http.ts';
import { enginePid } from './elsewhere-stage.ts';

const relay = fileURLToPath(new URL('./port-relay.ts', import.meta.url));

/** What stands between a monitor and the helper's port, and may do as it likes. */
export interface Middle {
  /** On this machine's loopback. */
  readonly port: number;
  /** The connections there are now. */
  count(): number;
  stop(): Promise<void>;
}

/** Does something to what goes one way over one connection; called for each piece that passes. */
export interface Meddler {
  /** Gives what is passed on in its place. `cut` ends the connection in both directions. */
  readonly up?: (bytes: Buffer, cut: () => void) => Buffer;
  readonly down?: (bytes: Buffer, cut: () => void) => Buffer;
}

/**
 * Leads a port of the loopback here to a port of the loopback in the network of that process, by two
 * hops, as an engine in a virtual machine has it.
 */
export async function openMiddle(
  pid: number,
  port: number,
  meddle: () => Meddler = () => ({}),
  listensOn = 0,
): Promise<Middle> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-port-'));
  const path = join(folder, 'far');
  const words = ['-t', String(pid), '-n', '--', process.execPath, relay, path, String(port)];
  const child = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path, allowHalfOpen: true });
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    const { up, down } = meddle();
    near.pipe(passing(up, cut)).pipe(far);
    far.pipe(passing(down, cut)).pipe(near);
    open.add(near);
    for (const each of [near, far]) each.on('error', cut);
    near.on('close', () => {
      open.delete(near);
      far.destroy();
    });
    far.on('close', () => near.destroy());
  });
  server.listen(listensOn, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    port: (server.address() as AddressInfo).port,
    count: () => open.size,
    async stop() {
      for (const each of open) each.destroy();
      server.close();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function passing(change: Meddler['up'], cut: () => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      done(null, change === undefined ? chunk : change(chunk, cut));
    },
  });
}

/**
 * Leads each port that the engine publishes for its helper to the same port here, as what comes with a
 * virtual machine does. Gives what ends that.
 */
export function followPublishedPort(): () => Promise<void> {
  const over = new AbortController();
  const middles = new Map<number, Middle>();

  async function published(): Promise<number | undefined> {
    const { status, text } = await ask(engineSocket(), 'GET', '/containers/sentra-helper/json');
    const found = /"7373\/tcp":\[\{"HostIp":"127.0.0.1","HostPort":"(\d+)"/.exec(
      text.slice(text.indexOf('"NetworkSettings"')),
    );
    return status === 200 && found !== null ? Number(found[1]) : undefined;
  }

  const following = (async () => {
    while (!over.signal.aborted) {
      const port = await published();
      if (port !== undefined && !middles.has(port)) {
        middles.set(port, await openMiddle(enginePid(), port, undefined, port));
      }
      await delay(50);
    }
  })();
  // What goes wrong is thrown where it is ended.
  following.catch(() => undefined);
  return async () => {
    over.abort();
    await following.finally(() =>
      Promise.all([...middles.values()].map((middle) => middle.stop())),
    );
  };
}

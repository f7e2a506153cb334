import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A unix socket before an engine's that leaves calls about one container unanswered. */
export interface WedgingProxy {
  readonly host: string;
  /**
   * From now on what is asked about the container (the list of all is not) reaches the engine only
   * when `isWedged` says no, as with an engine that waits for a frozen container.
   */
  wedge(container: string, isWedged: () => boolean): void;
  close(): Promise<void>;
}

/** Opens the proxy in a temporary folder. */
export async function openWedgingProxy(engineSocket: string): Promise<WedgingProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-wedge-'));
  const path = join(folder, 'engine.sock');
  const sockets = new Set<Socket>();
  let part: string | undefined;
  let wedged: () => boolean = () => false;

  async function pass(chunk: Buffer, engine: Socket): Promise<void> {
    const asked = chunk.toString('latin1').split('\r\n', 1)[0] ?? '';
    while (part !== undefined && asked.includes(part) && wedged()) {
      if (engine.destroyed) return;
      await delay(20);
    }
    if (!engine.destroyed) engine.write(chunk);
  }

  const server = createServer((client) => {
    const engine = connect(engineSocket);
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => void pass(chunk, engine));
    engine.on('data', (chunk) => client.write(chunk));
    client.on('close', () => engine.destroy());
    engine.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    wedge(container, isWedged) {
      part = `/containers/${container}/`;
      wedged = isWedged;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

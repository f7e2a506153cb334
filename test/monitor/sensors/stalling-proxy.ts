import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A unix socket before an engine's that can stop forwarding without closing anything. */
export interface StallingProxy {
  readonly host: string;
  /** From now on the engine's answers on connections that asked for this part of a path are kept back. */
  stall(pathPart: string): void;
  /** Forwards again on connections made from now on. Those that stalled stay silent. */
  recover(): void;
  close(): Promise<void>;
}

/** Opens the proxy in a temporary folder. */
export async function openStallingProxy(engineSocket: string): Promise<StallingProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-proxy-'));
  const path = join(folder, 'engine.sock');
  const sockets = new Set<Socket>();
  let stalledPart: string | undefined;

  const server = createServer((client) => {
    const engine = connect(engineSocket);
    let asked = '';
    let silent = false;
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => {
      asked = chunk.toString('latin1').split('\r\n', 1)[0] ?? '';
      engine.write(chunk);
    });
    engine.on('data', (chunk) => {
      if (stalledPart !== undefined && asked.includes(stalledPart)) silent = true;
      if (!silent) client.write(chunk);
    });
    client.on('close', () => engine.destroy());
    engine.on('close', () => {
      if (!silent) client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    stall(pathPart) {
      stalledPart = pathPart;
    },
    recover() {
      stalledPart = undefined;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine, type ConnectFailure } from '../../../monitor/engine/connect.ts';
import { systemEnvironment } from '../../../monitor/engine/environment.ts';
import type { Engine } from '../../../monitor/engine/port.ts';
import type { Result } from '../../../monitor/runtime/result.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';

/** A server on a unix socket that poses as an engine. */
export interface HostileServer {
  readonly socketPath: string;
  /** Method and target of every request that arrived. */
  readonly requests: readonly string[];
  /** Bodies of the requests, in the same order. */
  readonly bodies: readonly string[];
  stop(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const manners: Readonly<Record<string, Handler>> = {
  '/_ping': (_, response) => {
    response.setHeader('Api-Version', '1.41');
    response.end('OK');
  },
  '/version': (_, response) =>
    response.end(JSON.stringify({ Version: '20.10', ApiVersion: '1.41', MinAPIVersion: '1.12' })),
  '/v1.41/info': (_, response) =>
    response.end(
      JSON.stringify({ ID: 'HOST', Name: 'hostile', NCPU: 2, MemTotal: 8e9, CgroupVersion: '2' }),
    ),
};

/**
 * Starts a server that is polite while it is being connected to (unless `handlers` say otherwise,
 * by path without query) and hands everything else to `fallback`. It listens in a new folder, or at
 * `wantedPath`.
 */
export async function startHostileServer(
  fallback: Handler,
  handlers: Readonly<Record<string, Handler>> = {},
  wantedPath?: string,
): Promise<HostileServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sentra-hostile-'));
  const socketPath = wantedPath ?? join(folder, 'engine.sock');
  const requests: string[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const index = requests.push(`${request.method ?? ''} ${request.url ?? ''}`) - 1;
    bodies[index] = '';
    request.on(
      'data',
      (chunk: Buffer) => (bodies[index] = `${bodies[index] ?? ''}${chunk.toString()}`),
    );
    const path = (request.url ?? '').replace(/\?.*/, '');
    const known = handlers[path] ?? manners[path] ?? fallback;
    request.on('end', () => known(request, response));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    requests,
    bodies,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Connects to a socket with this machine's own environment. */
export async function connectTo(socketPath: string): Promise<Result<Engine, ConnectFailure>> {
  return await connectEngine({
    endpoint: `unix://${socketPath}`,
    environment: systemEnvironment(),
    logger: silentLogger,
    signal: new AbortController().signal,
  });
}

/** As {@link connectTo}, where it must work. */
export async function engineAt(socketPath: string): Promise<Engine> {
  const connected = await connectTo(socketPath);
  if (!connected.ok) throw new Error(JSON.stringify(connected.error));
  return connected.value;
}

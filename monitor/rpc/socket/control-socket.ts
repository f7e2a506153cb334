import { chmodSync, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { Result } from '../../runtime/result.ts';
import type { Address } from './address.ts';
import { addressFile, pipeName, socketFile } from './control-folder.ts';
import type { SocketPlaces } from './control-folder.ts';
import { createLinePort } from './line-port.ts';
import { admitPeer } from './peer-challenge.ts';
import { bounds } from '../protocol.ts';
import { serveMonitor } from '../server.ts';
import type { ServerOptions } from '../server.ts';
import type { MonitorService } from '../service/service.ts';

/** Connections beyond this are closed at once. */
const connectionLimit = 32;

/** Where the socket stands, for whom, and what is told to those who look for it. */
export interface ControlSocketOptions extends ServerOptions {
  readonly places: SocketPlaces;
  /** This user; undefined on Windows, where a named pipe is opened. */
  readonly uid: number | undefined;
  /** The engine's endpoint, so that a person can tell two monitors apart. */
  readonly endpoint: string;
}

/** An open control socket. */
export interface ControlSocket {
  readonly address: string;
  /** Ends every connection and removes socket and address note. */
  close(): Promise<void>;
}

/**
 * Opens the monitor's control socket: mode 0600 in a folder of mode 0700, each peer checked before
 * anything it says is read as a call. The caller holds the engine's lock (runtime/lock.ts), so a
 * socket file that is there already is one that a killed monitor left, and is replaced.
 */
export async function openControlSocket(
  service: MonitorService,
  options: ControlSocketOptions,
): Promise<Result<ControlSocket, string>> {
  const { engineId, logger, places, uid } = options;
  const placed =
    uid === undefined
      ? ok(pipeName(places.controlFolder, engineId))
      : socketFile(places, engineId, uid);
  if (!placed.ok) return placed;
  const address = placed.value;
  const folder = uid === undefined ? places.controlFolder : dirname(address);
  const stale = uid === undefined ? undefined : removeStaleSocket(address);
  if (stale !== undefined) return failed(stale);

  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void serveSocket(socket);
  });
  server.maxConnections = connectionLimit;

  async function serveSocket(socket: Socket): Promise<void> {
    const port = createLinePort(socket, bounds.requestBytes);
    const admitted = await admitPeer(port, { folder, uid }, (reason) =>
      logger.warn(`A client of the control socket was refused: ${reason}.`),
    );
    if (admitted) serveMonitor(service, port, options);
  }

  const note = addressFile(places.controlFolder, engineId);
  try {
    await listen(server, address);
    server.on('error', (error) => logger.error(`The control socket failed: ${error.message}`));
    if (uid !== undefined) chmodSync(address, 0o600);
    writeNote(note, { address, folder, engineId, endpoint: options.endpoint, pid: process.pid });
  } catch (error) {
    server.close();
    return failed(`The control socket ${address} cannot be opened: ${messageOf(error)}.`);
  }
  return ok({
    address,
    async close() {
      rmSync(note, { force: true });
      const done = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      // The server removes the socket file itself when it closes.
      await done;
    },
  });
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Removes what stands in the way if it is a socket; anything else was not put there by Sentra. */
function removeStaleSocket(path: string): string | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (!status.isSocket())
    return `${path} is in the way and is not a socket. Look at it and remove it.`;
  rmSync(path);
  return undefined;
}

/** Written beside and moved into place, so that nobody reads half a note. */
function writeNote(path: string, address: Address): void {
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, JSON.stringify(address), { mode: 0o600, flag: 'wx' });
  renameSync(`${path}.new`, path);
}

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { Result } from '../../runtime/result.ts';
import { createMonitorClient } from '../client.ts';
import type { MonitorClient } from '../client.ts';
import { folderProblem } from './control-folder.ts';
import { createLinePort } from './line-port.ts';
import { proveOneself } from './peer-challenge.ts';
import { bounds } from '../protocol.ts';

const addressSchema = z.object({
  /** The path of the socket, or the name of the pipe. */
  address: z.string().min(1).max(4096),
  /** The folder for the proofs of peers. */
  folder: z.string().min(1).max(4096),
  engineId: z.string(),
  endpoint: z.string(),
  pid: z.number().int(),
});

/** Where a monitor listens, as it has written it down. The monitor may be gone. */
export type Address = z.infer<typeof addressSchema>;

/** A note is small; a larger file is none. */
const noteBytes = 64 * 1024;

/** At most so many notes are looked at. */
const noteLimit = 100;

/**
 * The notes in the control folder, of monitors that run and of such as were killed. No folder means
 * no notes. The error is a sentence: the folder is not this user's alone, so nothing in it counts.
 */
export function readAddresses(
  controlFolder: string,
  uid: number | undefined,
): Result<readonly Address[], string> {
  if (lstatSync(controlFolder, { throwIfNoEntry: false }) === undefined) return ok([]);
  const problem = folderProblem(controlFolder, uid);
  if (problem !== undefined) return failed(problem);
  const names = readdirSync(controlFolder).filter((name) => name.endsWith('.json'));
  return ok(names.slice(0, noteLimit).flatMap((name) => readAddress(join(controlFolder, name))));
}

function readAddress(path: string): readonly Address[] {
  try {
    const status = lstatSync(path);
    if (!status.isFile() || status.size > noteBytes) return [];
    const note = addressSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return note.success ? [note.data] : [];
  } catch {
    // Removed in between, or not a note: either way nobody listens by it.
    return [];
  }
}

/** Why there is no connection. */
export type ConnectFailure =
  /** Nobody listens there: the monitor was killed, is just starting, or has lost its folder. */
  | { readonly kind: 'nobody'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Connects to a monitor, proves who we are, and greets. The failure says whether nobody listens there
 * or we were refused, and why.
 */
export async function connectMonitor(
  address: Address,
  uid: number | undefined,
  program: string,
): Promise<Result<MonitorClient, ConnectFailure>> {
  if (lstatSync(address.folder, { throwIfNoEntry: false }) === undefined) {
    // As after the last log-out, or a restart of the machine, which empty the runtime folder.
    return failed({ kind: 'nobody', message: `The folder ${address.folder} is not there.` });
  }
  const problem = folderProblem(address.folder, uid);
  if (problem !== undefined) return failed({ kind: 'refused', message: problem });
  const socket = await openSocket(address.address);
  if (!socket.ok) return failed({ kind: 'nobody', message: socket.error });
  const port = createLinePort(socket.value, bounds.replyBytes);
  const proved = await proveOneself(port, address.folder);
  if (!proved.ok) return failed({ kind: 'refused', message: proved.error });
  const client = await createMonitorClient(port, { program });
  return client.ok ? client : failed({ kind: 'refused', message: client.error });
}

function openSocket(path: string): Promise<Result<Socket, string>> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const onError = (error: Error): void => resolve(failed(messageOf(error)));
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      resolve(ok(socket));
    });
  });
}

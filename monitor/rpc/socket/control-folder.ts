import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../runtime/logger.ts';
import { makeFolder } from '../../runtime/make-folder.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { Result } from '../../runtime/result.ts';

/**
 * The longest path that a socket can be bound to on every system, in bytes: `sun_path` has 104 on
 * macOS and 108 on Linux, the closing zero among them.
 */
const socketPathBytes = 103;

/** The lock of the monitor that watches the engine with this id, in the control folder. */
export function lockFile(controlFolder: string, engineId: string): string {
  return join(controlFolder, `${shortName(engineId)}.lock`);
}

/** The note that tells where that monitor listens, in the control folder. */
export function addressFile(controlFolder: string, engineId: string): string {
  return join(controlFolder, `${shortName(engineId)}.json`);
}

/** That monitor's named pipe on Windows. The folder is the user's own, and so is the name. */
export function pipeName(controlFolder: string, engineId: string): string {
  return `\\\\.\\pipe\\sentra-${shortName(`${controlFolder}\n${engineId}`)}`;
}

/** Where sockets are put, best first. */
export interface SocketPlaces {
  /** `$XDG_RUNTIME_DIR`; passed over when it is not this user's own folder. */
  readonly runtimeFolder: string | undefined;
  readonly controlFolder: string;
  /** The folder for temporary files, for when the other paths are too long for a socket. */
  readonly temporaryFolder: string;
}

/**
 * The path for the monitor's control socket, its folder made and checked: in `sentra` of the runtime
 * folder, else in the control folder, else, when that path is too long to bind to, in a folder of
 * this user's in the temporary one. The error is a sentence that says what is in the way.
 */
export function socketFile(
  places: SocketPlaces,
  engineId: string,
  uid: number,
): Result<string, string> {
  const name = `${shortName(engineId)}.sock`;
  const short = join(
    places.temporaryFolder,
    `sentra-${uid}-${shortName(places.controlFolder).slice(0, 8)}`,
  );
  const runtime = places.runtimeFolder;
  const folders = [
    ...(runtime !== undefined && isOwnFolder(runtime, uid) ? [join(runtime, 'sentra')] : []),
    places.controlFolder,
    short,
  ];
  const folder = folders.find((path) => Buffer.byteLength(join(path, name)) <= socketPathBytes);
  if (folder === undefined) {
    return failed(`No folder has a path short enough for a socket; the last tried was ${short}.`);
  }
  const made = makePrivateFolder(folder, uid);
  return made.ok ? ok(join(folder, name)) : made;
}

/**
 * Makes the folder (0700) unless it is there, and checks that it is this user's alone. An open one
 * is not closed silently: somebody may have put something into it. The error is a sentence.
 */
export function makePrivateFolder(folder: string, uid: number | undefined): Result<void, string> {
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    return failed(`The folder ${folder} cannot be made: ${messageOf(error)}.`);
  }
  const problem = folderProblem(folder, uid);
  return problem === undefined ? ok(undefined) : failed(problem);
}

/**
 * What is wrong with a folder that ought to be this user's alone, as a sentence; undefined when
 * nothing is. On Windows, where `uid` is undefined, the access list of the user's profile is trusted.
 */
export function folderProblem(folder: string, uid: number | undefined): string | undefined {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  if (status === undefined) return `The folder ${folder} is not there.`;
  if (!status.isDirectory()) return `${folder} is not a folder, or is a link to one.`;
  if (uid === undefined) return undefined;
  if (status.uid !== uid) return `The folder ${folder} belongs to user ${status.uid}, not ${uid}.`;
  const mode = status.mode % 0o1000;
  if (mode % 0o100 !== 0) {
    return `The folder ${folder} is open to others (mode ${mode.toString(8)}). Look at what is in it, then run: chmod 700 ${folder}`;
  }
  return undefined;
}

function isOwnFolder(folder: string, uid: number): boolean {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === uid;
}

/** 16 hexadecimal digits that stand for a text of any length and content. */
function shortName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

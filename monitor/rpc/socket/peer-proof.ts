import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../runtime/logger.ts';
import { folderProblem } from './control-folder.ts';

/** Where the proof is expected, and of whom. */
export interface ProofPlace {
  /** A folder of this user's alone. */
  readonly folder: string;
  /** This user; undefined on Windows, where the folder's access list stands for it. */
  readonly uid: number | undefined;
}

function proofFile(folder: string, nonce: string): string {
  return join(folder, `peer-${nonce.slice(0, 32)}`);
}

/** Makes the proof; undefined when it stands, else a sentence that says what is in the way. */
export function writeProof(folder: string, nonce: string): string | undefined {
  try {
    const descriptor = openSync(proofFile(folder, nonce), 'wx', 0o600);
    try {
      writeSync(descriptor, nonce);
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    return `The proof of who you are cannot be written: ${messageOf(error)}.`;
  }
}

/**
 * Looks at the proof and removes it. Undefined when it is good, else what is wrong with it or with
 * the folder, as half a sentence.
 */
export function proofProblem(place: ProofPlace, nonce: string): string | undefined {
  const problem = readProof(place, nonce) ?? folderProblem(place.folder, place.uid);
  removeProof(place.folder, nonce);
  return problem;
}

function readProof({ folder, uid }: ProofPlace, nonce: string): string | undefined {
  let descriptor: number;
  try {
    // Without following a link, and without waiting for the other end of a pipe put there.
    const careful = uid === undefined ? 0 : constants.O_NOFOLLOW + constants.O_NONBLOCK;
    descriptor = openSync(proofFile(folder, nonce), constants.O_RDONLY + careful);
  } catch (error) {
    return `its proof cannot be read (${messageOf(error)})`;
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return 'its proof is not a plain file';
    if (uid !== undefined && status.uid !== uid) return `it is user ${status.uid}`;
    if (status.nlink !== 1) return 'its proof has a second name';
    if (uid !== undefined && status.mode % 0o1000 !== 0o600) return 'its proof is open to others';
    const content = Buffer.alloc(nonce.length + 1);
    const length = readSync(descriptor, content, 0, content.length, 0);
    // A file of this user's that was moved here holds something else.
    return content.toString('latin1', 0, length) === nonce
      ? undefined
      : 'its proof is another file';
  } finally {
    closeSync(descriptor);
  }
}

/** Removes the proof, if there is one. */
export function removeProof(folder: string, nonce: string): void {
  try {
    unlinkSync(proofFile(folder, nonce));
  } catch {
    // The peer made none, or an open folder let somebody put there what cannot be unlinked. Either
    // way the name was drawn for this connection and is never asked for again.
  }
}

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { failed, ok } from '../../runtime/result.ts';
import type { Result } from '../../runtime/result.ts';
import { proofProblem, removeProof, writeProof } from './peer-proof.ts';
import type { ProofPlace } from './peer-proof.ts';
import type { Port } from '../port.ts';
import { bounds } from '../protocol.ts';

/**
 * Node cannot ask the kernel who is at the other end of a socket, so the server asks the peer for
 * something that only this user can do: make a file of its own in the control folder, with a content
 * that the server has just chosen. See docs/decisions/0003.
 */
const challengeSchema = z.object({
  type: z.literal('challenge'),
  folder: z.string().max(4096),
  nonce: z.string().regex(/^[0-9a-f]{64}$/),
});

const answeredSchema = z.strictObject({ type: z.literal('answered') });

const verdictSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('admitted') }),
  z.object({ type: z.literal('farewell'), reason: z.string() }),
]);

/**
 * The server's part: resolves to true once the peer has proved that it is this user, and to false
 * after cutting it off: for a wrong proof, for speaking out of turn, or for silence of
 * `bounds.greetingMs`. Tells `onRefused` why. No other message is read before.
 */
export function admitPeer(
  port: Port,
  place: ProofPlace,
  onRefused: (reason: string) => void,
): Promise<boolean> {
  const nonce = randomBytes(32).toString('hex');
  return new Promise((resolve) => {
    let settled = false;
    const timer = setTimeout(() => refuse('it gave no proof in time'), bounds.greetingMs);

    function settle(admitted: boolean): boolean {
      if (settled) return false;
      settled = true;
      clearTimeout(timer);
      resolve(admitted);
      return true;
    }

    function refuse(reason: string): void {
      if (!settle(false)) return;
      removeProof(place.folder, nonce);
      // The peer is not told more than that: it has not proved who it is.
      port.send({
        type: 'farewell',
        reason: 'You have not proved to be the user of this monitor.',
      });
      port.close(`The peer was refused: ${reason}.`);
      onRefused(reason);
    }

    port.open({
      onMessage: (message) => {
        if (settled) return;
        const problem = answeredSchema.safeParse(message).success
          ? proofProblem(place, nonce)
          : 'it spoke before it had proved who it is';
        if (problem !== undefined) refuse(problem);
        else if (settle(true)) port.send({ type: 'admitted' });
      },
      onDrain: () => undefined,
      onClose: () => {
        if (settle(false)) removeProof(place.folder, nonce);
      },
    });
    port.send({ type: 'challenge', folder: place.folder, nonce });
  });
}

/**
 * The client's part: resolves once the server has admitted it. `folder` is where the client found
 * the server, already checked to be this user's alone: a server that names another folder is not the
 * one that was looked for, and gets nothing.
 */
export function proveOneself(port: Port, folder: string): Promise<Result<void, string>> {
  return new Promise((resolve) => {
    let nonce: string | undefined;
    const timer = setTimeout(() => {
      finish(failed('The monitor did not answer in time.'));
      port.close('The monitor did not answer in time.');
    }, bounds.greetingMs);

    function finish(result: Result<void, string>): void {
      clearTimeout(timer);
      if (nonce !== undefined) removeProof(folder, nonce);
      resolve(result);
    }

    function giveUp(reason: string): void {
      finish(failed(reason));
      port.close(reason);
    }

    function onMessage(message: unknown): void {
      if (nonce === undefined) {
        const challenge = challengeSchema.safeParse(message);
        if (!challenge.success || challenge.data.folder !== folder) {
          giveUp('What answers is not a monitor of Sentra, or it has been moved.');
          return;
        }
        nonce = challenge.data.nonce;
        const problem = writeProof(folder, nonce);
        if (problem === undefined) port.send({ type: 'answered' });
        else giveUp(problem);
        return;
      }
      const verdict = verdictSchema.safeParse(message);
      if (!verdict.success) giveUp('What answers is not a monitor of Sentra.');
      else if (verdict.data.type === 'admitted') finish(ok(undefined));
      else giveUp(`The monitor refused: ${verdict.data.reason}`);
    }

    port.open({ onMessage, onDrain: () => undefined, onClose: (why) => finish(failed(why)) });
  });
}

import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { failed, ok, type Result } from '../runtime/result.ts';

// The form of helper/source/channel.c: a greeting, two proofs, and then frames, each direction with a
// key of its own. A frame is the length of what it holds, that sealed, and what shows it unchanged.

/** The length of the key, of what each end chooses, and of a proof; bytes. */
export const keyBytes = 32;
/** The helper's answer to the greeting: what it chose, and its proof. */
export const answerBytes = 2 * keyBytes;

const greeting = Buffer.from('SentraH1');
const headBytes = 4;
const tagBytes = 16;
/** The most that one frame holds. */
const mostHeld = 16_384;

/** The keys of one connection. */
export interface ChannelKeys {
  readonly toHelper: Buffer;
  readonly fromHelper: Buffer;
}

/** What the monitor says first; `choice` are bytes that were never chosen before. */
export function greet(choice: Buffer): Buffer {
  return Buffer.concat([greeting, choice]);
}

/**
 * Whether what answers has the key; then the monitor's own proof, and the keys of the connection.
 * Undefined when it has not.
 */
export function meet(
  key: Buffer,
  choice: Buffer,
  answer: Buffer,
): { readonly proof: Buffer; readonly keys: ChannelKeys } | undefined {
  const choices = Buffer.concat([choice, answer.subarray(0, keyBytes)]);
  const derive = (label: string): Buffer =>
    createHmac('sha256', key).update(`${label}\0`).update(choices).digest();
  if (!timingSafeEqual(derive('helper'), answer.subarray(keyBytes, answerBytes))) return undefined;
  const keys = { toHelper: derive('from monitor'), fromHelper: derive('to monitor') };
  return { proof: derive('monitor'), keys };
}

/** Each frame is sealed with its number in its direction: none can stand in another's place. */
function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 4);
  return nonce;
}

/** Seals frames, in the order in which they go out. */
export interface Sealer {
  /** The bytes in as many frames as they need. */
  seal(bytes: Uint8Array): Buffer;
  /** The frame that ends this direction. */
  end(): Buffer;
}

/** For the direction that has that key. */
export function createSealer(key: Buffer): Sealer {
  let number = 0;

  function frame(bytes: Uint8Array): readonly Buffer[] {
    const head = Buffer.alloc(headBytes);
    head.writeUInt32BE(bytes.length);
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number));
    number += 1;
    cipher.setAAD(head);
    return [head, cipher.update(bytes), cipher.final(), cipher.getAuthTag()];
  }

  return {
    seal(bytes) {
      const parts: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += mostHeld) {
        parts.push(...frame(bytes.subarray(at, at + mostHeld)));
      }
      return Buffer.concat(parts);
    },
    end: () => Buffer.concat(frame(Buffer.alloc(0))),
  };
}

/** Opens frames as they come in. */
export interface Opener {
  /**
   * Takes what came, in pieces of any length, and gives what whole frames held. The failure is for ever:
   * something came that the helper did not seal, or not there.
   */
  open(chunk: Buffer): Result<readonly Buffer[], string>;
  /** Whether the direction was ended; a connection that closes without was cut. */
  isEnded(): boolean;
}

/** For the direction that has that key. */
export function createOpener(key: Buffer): Opener {
  let rest: Buffer = Buffer.alloc(0);
  let [number, isEnded] = [0, false];

  /** What the frame held that is at the beginning; undefined for one that is none of the helper's. */
  function take(length: number): Buffer | undefined {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number), {
      authTagLength: tagBytes,
    });
    number += 1;
    decipher.setAAD(rest.subarray(0, headBytes));
    const held = decipher.update(rest.subarray(headBytes, headBytes + length));
    decipher.setAuthTag(rest.subarray(headBytes + length, headBytes + length + tagBytes));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    rest = rest.subarray(headBytes + length + tagBytes);
    return held;
  }

  return {
    open(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const found: Buffer[] = [];
      while (rest.length >= headBytes) {
        const length = rest.readUInt32BE(0);
        if (length > mostHeld || isEnded) return failed(changed);
        if (rest.length < headBytes + length + tagBytes) break;
        const held = take(length);
        if (held === undefined) return failed(changed);
        if (held.length === 0) isEnded = true;
        else found.push(held);
      }
      return isEnded && rest.length > 0 ? failed(changed) : ok(found);
    },
    isEnded: () => isEnded,
  };
}

const changed = 'What came from the helper was changed on the way.';

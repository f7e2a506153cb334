import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { failed, ok, type Result } from '../runtime/result.ts';
import {
  answerBytes,
  createOpener,
  createSealer,
  greet,
  keyBytes,
  meet,
  type ChannelKeys,
} from './sealed-frames.ts';

/** Where a helper by port listens, and what it was handed at its start. */
export interface HelperPort {
  readonly port: number;
  readonly key: Buffer;
}

/** A greeting is answered within a round trip. */
const greetingMs = 5000;

/**
 * Connects to the port on this machine's loopback, and proves the key in both directions. The failure
 * is a sentence: nobody listens, or who does has not the key.
 */
export function dialPort({ port, key }: HelperPort): Promise<Result<Duplex, string>> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const choice = randomBytes(keyBytes);
    let answer = Buffer.alloc(0);

    function fail(reason: string): void {
      clearTimeout(limit);
      socket.destroy();
      resolve(failed(reason));
    }
    const limit = setTimeout(
      () => fail(`What listens on the helper’s port ${port} does not greet.`),
      greetingMs,
    );
    const onClose = (): void =>
      fail(`What listens on the helper’s port ${port} closed the connection at once.`);
    const onData = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < answerBytes) return;
      const met = meet(key, choice, answer);
      // Nothing more is said before this end has proved what it is.
      if (met === undefined || answer.length > answerBytes) {
        fail(`What listens on the helper’s port ${port} has not the key that it was started with.`);
        return;
      }
      socket.off('data', onData);
      socket.off('end', onClose);
      socket.pause();
      // Handed over only once that is written: one that is gone by now fails here, where somebody listens.
      socket.write(met.proof, (error) => {
        if (error !== null && error !== undefined) return;
        clearTimeout(limit);
        socket.off('close', onClose);
        resolve(ok(new SealedConnection(socket, met.keys)));
      });
    };
    socket.on('error', (error) => fail(`The helper cannot be reached: ${error.message}.`));
    socket.on('close', onClose);
    socket.on('end', onClose);
    socket.on('data', onData);
    socket.write(greet(choice));
  });
}

/** What goes in goes out sealed, and the other way round. It fails when the connection is cut or changed. */
class SealedConnection extends Duplex {
  readonly #socket: Socket;
  readonly #sealer;
  readonly #opener;

  constructor(socket: Socket, keys: ChannelKeys) {
    super();
    this.#socket = socket;
    this.#sealer = createSealer(keys.toHelper);
    this.#opener = createOpener(keys.fromHelper);
    socket.removeAllListeners('error');
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.destroy(error));
    const onCut = (): void => {
      if (!this.#opener.isEnded()) this.destroy(new Error('The connection to it was cut.'));
    };
    socket.on('end', onCut);
    socket.on('close', onCut);
  }

  #take(chunk: Buffer): void {
    const opened = this.#opener.open(chunk);
    if (!opened.ok) {
      this.destroy(new Error(opened.error));
      return;
    }
    for (const held of opened.value) if (!this.push(held)) this.#socket.pause();
    if (!this.#opener.isEnded()) return;
    this.push(null);
    // The helper serves one request a connection: who has said all hears nothing more.
    if (!this.writableEnded) this.end();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(this.#sealer.seal(chunk), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(this.#sealer.end(), () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { failed, ok, type Result } from '../runtime/result.ts';
import { dialPort, type HelperPort } from './sealed-connection.ts';

/** Opens a connection to the helper. The failure is a sentence. */
export type Dial = () => Promise<Result<Duplex, string>>;

/** Where the helper is reached now: it is another port and another key after each start. */
export interface HelperDoor {
  readonly dial: Dial;
  /** Undefined leads to the socket again, where there is one. */
  lead(port: HelperPort | undefined): void;
  /** Undefined where it is reached by the socket, or not yet by a port. */
  port(): number | undefined;
}

/**
 * How many greet at a time. The helper hears out so many whom it does not know yet, and ends the oldest
 * for one more: a monitor that looks at hundreds of containers must not push itself out.
 */
const mostGreeting = 16;

/** A door to the socket at that path, or to nowhere, until it is led to a port. */
export function createHelperDoor(socketPath: string | undefined): HelperDoor {
  let ported: HelperPort | undefined;
  let greeting = 0;
  const waiting: (() => void)[] = [];

  async function dialInTurn(): ReturnType<Dial> {
    if (greeting >= mostGreeting) await new Promise<void>((resolve) => waiting.push(resolve));
    else greeting += 1;
    try {
      return ported === undefined ? failed(noKey) : await dialPort(ported);
    } finally {
      const next = waiting.shift();
      if (next === undefined) greeting -= 1;
      else next();
    }
  }

  return {
    dial() {
      if (ported !== undefined) return dialInTurn();
      if (socketPath !== undefined) return dialSocket(socketPath);
      return Promise.resolve(failed(noKey));
    },
    lead: (port) => void (ported = port),
    port: () => ported?.port,
  };
}

const noKey = 'This Sentra has not the key of the helper.';

/** Connects to the socket of a file. */
export function dialSocket(path: string): ReturnType<Dial> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(ok(socket)));
    socket.on('error', (error) => {
      socket.destroy();
      resolve(failed(`The helper cannot be reached: ${error.message}.`));
    });
  });
}

import { connect, type Socket } from 'node:net';

/**
 * A connection to a unix socket whose bytes go through Node's parser for the head of the answer, and
 * around it afterwards. A reading comes from every container every second, and taken through the
 * parser, its message and their streams each costs several times what it takes to understand it; and
 * memory of 64 KiB, cut to size, for each.
 */
export interface Bypass {
  /** Opens the connection; for `http.request`. */
  readonly connect: () => Socket;
  /**
   * To be called as the head of the answer has arrived: from now on nothing goes to Node's parser any
   * more. False where it is not plain where the head ends; then all stays as it was.
   */
  takeOver(): boolean;
  /** Who gets what came after the head, with the marks of its chunks. Good during the call only. */
  deliver(take: (bytes: Buffer) => void): void;
  /** All goes through Node's parser to the end. */
  leave(): void;
}

/**
 * What is read is read into this by all connections: the event loop of a unix system reads and hands
 * over in one go, so that nothing is in it between two calls.
 */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

const success = /^HTTP\/1\.[01] 200[ \r]/;
const headEnd = '\r\n\r\n';
/** Node refuses a head beyond 16 KiB. Where so much came and no head, several were sent, or none is. */
const mostHead = 32 * 1024;

/** A way around the parser for one answer from the engine that listens at `path`. */
export function createBypass(path: string): Bypass {
  let way: 'head' | 'around' | 'parser' = 'head';
  /** What came until the head is there, and what came after it until somebody takes it. */
  let held = Buffer.alloc(0);
  let take: ((bytes: Buffer) => void) | undefined;

  function hold(bytes: Buffer): void {
    held = Buffer.concat([held, bytes]);
    if (way === 'head' && held.length > mostHead) leave();
  }

  function leave(): void {
    way = 'parser';
    held = Buffer.alloc(0);
  }

  function arrived(socket: Socket, bytes: Buffer): boolean {
    if (take !== undefined) {
      take(bytes);
      return true;
    }
    if (way !== 'parser') hold(bytes);
    return way === 'around' || socket.push(Buffer.from(bytes));
  }

  return {
    connect() {
      const socket: Socket = connect({
        path,
        onread: {
          buffer: shared,
          callback: (length) => arrived(socket, shared.subarray(0, length)),
        },
      });
      return socket;
    },
    takeOver() {
      const end = held.indexOf(headEnd);
      // Another head may have come before it, such as `100 Continue`.
      if (end < 0 || !success.test(held.toString('latin1', 0, 16))) return false;
      held = held.subarray(end + headEnd.length);
      way = 'around';
      return true;
    },
    deliver(to) {
      take = to;
      const begun = held;
      held = Buffer.alloc(0);
      if (begun.length > 0) to(begun);
    },
    leave,
  };
}

import type { Duplex } from 'node:stream';
import { messageOf } from '../../runtime/logger.ts';
import type { Port, PortHandlers } from '../port.ts';

/** How long a closed port may take to deliver what was sent before, in milliseconds. */
const lingerMs = 1000;

const newline = 0x0a;

/**
 * A port over a byte stream: one JSON value a line (NDJSON). A line of more than `limitBytes`, or
 * one that is not JSON, closes the port. The port owns the stream from here on.
 */
export function createLinePort(stream: Duplex, limitBytes: number): Port {
  let handlers: PortHandlers | undefined;
  let closedFor: string | undefined;
  let parts: Buffer[] = [];
  let partBytes = 0;

  function end(reason: string): void {
    if (closedFor !== undefined) return;
    closedFor = reason;
    parts = [];
    handlers?.onClose(reason);
  }

  function close(reason: string): void {
    if (closedFor !== undefined) return;
    end(reason);
    stream.end();
    // A far end that reads nothing must not keep the connection for ever.
    const timer = setTimeout(() => stream.destroy(), lingerMs);
    timer.unref();
    stream.once('close', () => clearTimeout(timer));
    stream.resume();
  }

  function onLine(line: Buffer): void {
    let message: unknown;
    try {
      message = JSON.parse(line.toString('utf8'));
    } catch (error) {
      close(`The far end sent a line that is not JSON: ${messageOf(error)}`);
      return;
    }
    handlers?.onMessage(message);
  }

  function onData(chunk: Buffer): void {
    let rest = chunk;
    for (let at = rest.indexOf(newline); at >= 0; at = rest.indexOf(newline)) {
      if (partBytes + at > limitBytes) break;
      const line = Buffer.concat([...parts, rest.subarray(0, at)]);
      parts = [];
      partBytes = 0;
      rest = rest.subarray(at + 1);
      onLine(line);
      if (closedFor !== undefined) return;
    }
    if (rest.length === 0) return;
    parts.push(rest);
    partBytes += rest.length;
    if (partBytes > limitBytes) close(`The far end sent a line of more than ${limitBytes} bytes.`);
  }

  return {
    open(next) {
      const first = handlers === undefined;
      handlers = next;
      if (closedFor !== undefined) {
        next.onClose(closedFor);
        return;
      }
      if (!first) return;
      stream.on('data', (chunk: Buffer) => {
        if (closedFor === undefined) onData(chunk);
      });
      stream.on('drain', () => handlers?.onDrain());
      stream.on('error', (error) => end(`The connection failed: ${error.message}`));
      stream.on('close', () => end('The far end closed the connection.'));
      stream.on('end', () => close('The far end closed the connection.'));
    },
    send(message) {
      if (closedFor === undefined) stream.write(`${JSON.stringify(message)}\n`);
    },
    waitingBytes: () => stream.writableLength,
    close,
  };
}

import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { createLinePort } from '../../../monitor/rpc/socket/line-port.ts';
import type { Port } from '../../../monitor/rpc/port.ts';
import { bounds } from '../../../monitor/rpc/protocol.ts';

/** Two ports that are connected in memory by the real line transport. */
export function createPortPair(): { server: Port; client: Port } {
  const [left, right] = duplexPair();
  return {
    server: createLinePort(left, bounds.requestBytes),
    client: createLinePort(right, bounds.replyBytes),
  };
}

/** A server's port with the bare stream at the other end. */
export function createPortAndStream(): { server: Port; stream: Duplex } {
  const [left, right] = duplexPair();
  return { server: createLinePort(left, bounds.requestBytes), stream: right };
}

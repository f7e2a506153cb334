import { hasWordAt, lineEnd, unsignedAt } from './byte-fields.ts';

/** Traffic through a network namespace's interfaces, loopback left out; changed in place. */
export interface InterfaceBytes {
  receivedBytes: number;
  sentBytes: number;
  receivedPackets: number;
  sentPackets: number;
}

const space = 32;
const colon = 58;
const loopback = Buffer.from('lo:');

/** Sums the lines of /proc/PID/net/dev: after the name, eight receive and eight send columns. */
export function interfaceBytes(bytes: Uint8Array, length: number, into: InterfaceBytes): void {
  into.receivedBytes = 0;
  into.sentBytes = 0;
  into.receivedPackets = 0;
  into.sentPackets = 0;
  let line = 0;
  while (line < length) {
    const end = lineEnd(bytes, line, length);
    let index = line;
    while (index < end && bytes[index] === space) index += 1;
    if (!hasWordAt(bytes, index, end, loopback)) addInterface(bytes, index, end, into);
    line = end + 1;
  }
}

function addInterface(bytes: Uint8Array, from: number, end: number, into: InterfaceBytes): void {
  let index = from;
  while (index < end && bytes[index] !== colon) index += 1;
  // The two title lines have no colon.
  if (index === end) return;
  index += 1;
  for (let column = 0; column < 10 && index < end; column += 1) {
    while (index < end && bytes[index] === space) index += 1;
    const value = unsignedAt(bytes, index, end);
    if (value < 0) return;
    if (column === 0) into.receivedBytes += value;
    else if (column === 1) into.receivedPackets += value;
    else if (column === 8) into.sentBytes += value;
    else if (column === 9) into.sentPackets += value;
    while (index < end && bytes[index] !== space) index += 1;
  }
}

import type { Writable } from 'node:stream';

/** Bytes of a log that may wait for a reader who stalls; what comes then is left out. */
const mostWaiting = 1024 * 1024;

/**
 * Takes text for a stream that is read by people, such as standard error. Nobody has to read it: a
 * reader who is gone, or takes nothing, ends nothing and holds nothing up. How many parts a reader
 * who stalled has missed is said once there is room again.
 */
export function openLogOutput(stream: Writable): (text: string) => void {
  let leftOut = 0;
  // An error of a stream that nobody hears ends the process.
  stream.on('error', () => undefined);
  return (text) => {
    if (stream.writableLength > mostWaiting) {
      leftOut += 1;
      return;
    }
    if (leftOut > 0) stream.write(`(left out, since this is read too slowly: ${leftOut})\n`);
    leftOut = 0;
    stream.write(text);
  };
}

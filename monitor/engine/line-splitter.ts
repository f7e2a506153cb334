/** Cuts a stream of bytes into lines of text. */
export interface LineSplitter {
  /** The bytes of `chunk` are good during the call only: of what is no whole line yet a copy is kept. */
  push(chunk: Buffer): void;
  /** The far end is done: what is left is a line too. */
  end(): void;
}

const newline = 0x0a;

/**
 * Calls `onLine` for each line that is not blank, decoded as UTF-8 (a character may be cut by a
 * chunk's border). A line longer than `limitBytes` is thrown away as it comes, and `onTooLong` is
 * called once for it: at most that much is ever held.
 */
export function createLineSplitter(
  limitBytes: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): LineSplitter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let skipping = false;

  function drop(): void {
    held = [];
    heldBytes = 0;
    skipping = true;
    onTooLong();
  }

  function keep(piece: Buffer): void {
    if (skipping || piece.length === 0) return;
    heldBytes += piece.length;
    if (heldBytes > limitBytes) drop();
    else held.push(Buffer.from(piece));
  }

  function tell(line: string): void {
    if (line.trim() !== '') onLine(line);
  }

  /** What is held ends here. */
  function flush(): void {
    if (heldBytes > 0) tell(Buffer.concat(held, heldBytes).toString('utf8'));
    held = [];
    heldBytes = 0;
    skipping = false;
  }

  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        // A line as a rule comes in one piece, which is read where it lies.
        if (heldBytes === 0 && !skipping && at - start <= limitBytes) {
          if (at > start) tell(chunk.toString('utf8', start, at));
        } else {
          keep(chunk.subarray(start, at));
          flush();
        }
        start = at + 1;
        if (start === chunk.length) return;
      }
      keep(start === 0 ? chunk : chunk.subarray(start));
    },
    end: flush,
  };
}

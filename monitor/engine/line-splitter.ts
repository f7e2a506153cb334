/** Cuts a stream of bytes into lines of text. */
export interface LineSplitter {
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

  function keep(piece: Buffer): void {
    if (skipping || piece.length === 0) return;
    heldBytes += piece.length;
    if (heldBytes > limitBytes) {
      held = [];
      skipping = true;
      onTooLong();
    } else {
      held.push(piece);
    }
  }

  function flush(last: Buffer): void {
    keep(last);
    const only = held[0];
    if (!skipping && only !== undefined) {
      const line = (held.length === 1 ? only : Buffer.concat(held, heldBytes)).toString('utf8');
      if (line.trim() !== '') onLine(line);
    }
    held = [];
    heldBytes = 0;
    skipping = false;
  }

  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        flush(chunk.subarray(start, at));
        start = at + 1;
      }
      keep(start === 0 ? chunk : chunk.subarray(start));
    },
    end() {
      flush(Buffer.alloc(0));
    },
  };
}

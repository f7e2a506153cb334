/** The part of a string that matching reads: so that a test can count how often it is read. */
export interface Characters {
  readonly length: number;
  charCodeAt(index: number): number;
}

const star = 0x2a;
const questionMark = 0x3f;
const bitsInWord = 32;

/** A pattern made ready: what each position accepts, one bit a position. */
interface Machine {
  /** The bit that stands for "all of the pattern has been seen". */
  readonly final: number;
  /** Bits of the positions that accept the character; characters not listed: `anything`. */
  readonly accepts: ReadonlyMap<number, Uint32Array>;
  readonly anything: Uint32Array;
  /** Bits of the positions with a star before them: they wait there for as long as it takes. */
  readonly waits: Uint32Array;
}

/**
 * Whether `pattern` fits the whole of `text`; `*` stands for any characters, none too, and `?` for
 * exactly one (UTF-16 unit). Case counts; there is no escape. The pattern's positions are bits that
 * move along together (Shift-And, Baeza-Yates and Gonnet 1992), so that each character of `text` is
 * read at most once and costs one step for every 32 characters of `pattern`: no text and no pattern
 * makes it go back.
 */
export function matchesGlob(pattern: string, text: Characters): boolean {
  const { final, accepts, anything, waits } = machineOf(pattern);
  let seen = new Uint32Array(anything.length);
  let next = new Uint32Array(anything.length);
  seen[0] = 1;
  for (let index = 0; index < text.length; index += 1) {
    const accepting = accepts.get(text.charCodeAt(index)) ?? anything;
    let carry = 0;
    let alive = 0;
    for (let word = 0; word < seen.length; word += 1) {
      const bits = at(seen, word);
      const moved = bits & at(accepting, word);
      const now = (moved << 1) | carry | (bits & at(waits, word));
      carry = moved >>> (bitsInWord - 1);
      next[word] = now;
      alive |= now;
    }
    if (alive === 0) return false;
    [seen, next] = [next, seen];
  }
  return has(seen, final);
}

function machineOf(pattern: string): Machine {
  const words = Math.floor(pattern.length / bitsInWord) + 1;
  const accepts = new Map<number, Uint32Array>();
  const anything = new Uint32Array(words);
  const waits = new Uint32Array(words);
  const any: number[] = [];
  let position = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    const code = pattern.charCodeAt(index);
    if (code === star) {
      set(waits, position);
      continue;
    }
    if (code === questionMark) {
      set(anything, position);
      any.push(position);
    } else {
      const mask = accepts.get(code) ?? new Uint32Array(words);
      set(mask, position);
      accepts.set(code, mask);
    }
    position += 1;
  }
  for (const mask of accepts.values()) for (const bit of any) set(mask, bit);
  return { final: position, accepts, anything, waits };
}

function at(bits: Uint32Array, word: number): number {
  return bits[word] ?? 0;
}

function set(bits: Uint32Array, position: number): void {
  const word = Math.floor(position / bitsInWord);
  bits[word] = at(bits, word) | (1 << (position % bitsInWord));
}

function has(bits: Uint32Array, position: number): boolean {
  return (at(bits, Math.floor(position / bitsInWord)) & (1 << (position % bitsInWord))) !== 0;
}

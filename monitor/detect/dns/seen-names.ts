/**
 * Which names were seen, roughly, in 64 bytes: a Bloom filter of 512 bits with two hashes (Bloom 1970).
 * It never takes a seen name for new; of new ones it takes a few for seen. When half full, at about 180
 * names, it begins anew.
 */
export interface SeenNames {
  readonly words: number[];
  /** Bits set. */
  set: number;
}

const bits = 512;

/** Nothing seen. */
export function createSeenNames(): SeenNames {
  return { words: new Array<number>(bits / 32).fill(0), set: 0 };
}

/** Notes a name; true when it was not noted before. */
export function noteName(seen: SeenNames, labels: readonly string[]): boolean {
  const first = hash(labels, 0x811c9dc5);
  const second = hash(labels, 0x9747b28c);
  const fresh = !hasBit(seen, first) || !hasBit(seen, second);
  if (fresh && seen.set >= bits / 2) {
    seen.words.fill(0);
    seen.set = 0;
  }
  setBit(seen, first);
  setBit(seen, second);
  return fresh;
}

function hasBit(seen: SeenNames, place: number): boolean {
  return (((seen.words[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1;
}

function setBit(seen: SeenNames, place: number): void {
  if (hasBit(seen, place)) return;
  seen.words[place >>> 5] = ((seen.words[place >>> 5] ?? 0) | (1 << (place & 31))) >>> 0;
  seen.set += 1;
}

/** FNV-1a over the characters of the labels and the dots between, then mixed; a place below 512. */
function hash(labels: readonly string[], seed: number): number {
  let value = seed;
  for (const label of labels) {
    for (let index = 0; index < label.length; index += 1) {
      value = Math.imul(value ^ label.charCodeAt(index), 0x01000193);
    }
    value = Math.imul(value ^ 46, 0x01000193);
  }
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  value ^= value >>> 12;
  return value & (bits - 1);
}

/**
 * Parsers over raw bytes that make no strings: they run for every container in every sweep. They
 * take whatever bytes come; what they cannot find is -1.
 */

const newline = 10;
const zero = 48;

/** The unsigned decimal number that begins at `from`, reading up to `end`; -1 where no digit is. */
export function unsignedAt(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  let index = from;
  for (; index < end; index += 1) {
    const digit = (bytes[index] ?? 0) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return index === from ? -1 : value;
}

/** The end of the line that `from` is in: the index of its newline, or `length`. */
export function lineEnd(bytes: Uint8Array, from: number, length: number): number {
  let index = from;
  while (index < length && bytes[index] !== newline) index += 1;
  return index;
}

/** Whether `bytes` has `word` at `from`, before `end`. */
export function hasWordAt(bytes: Uint8Array, from: number, end: number, word: Uint8Array): boolean {
  if (from < 0 || from + word.length > end) return false;
  for (let index = 0; index < word.length; index += 1) {
    if (bytes[from + index] !== word[index]) return false;
  }
  return true;
}

/** Keys for `keyedValues`, each with the space that follows it in the file. */
export function fieldKeys(names: readonly string[]): readonly Uint8Array[] {
  return names.map((name) => Buffer.from(`${name} `, 'latin1'));
}

/**
 * Reads a file of `key value` lines: the value of `keys[i]` goes to `into[i]`, -1 where the key is
 * not there. Stops as soon as every key was found.
 */
export function keyedValues(
  bytes: Uint8Array,
  length: number,
  keys: readonly Uint8Array[],
  into: Float64Array,
): void {
  into.fill(-1);
  let missing = keys.length;
  let line = 0;
  while (line < length && missing > 0) {
    const end = lineEnd(bytes, line, length);
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index];
      if (key === undefined || into[index] !== -1) continue;
      if (!hasWordAt(bytes, line, end, key)) continue;
      into[index] = unsignedAt(bytes, line + key.length, end);
      missing -= 1;
      break;
    }
    line = end + 1;
  }
}

/** The number after `word` within one line; -1 where the word is not there. */
export function numberAfter(
  bytes: Uint8Array,
  from: number,
  end: number,
  word: Uint8Array,
): number {
  for (let index = from; index + word.length <= end; index += 1) {
    if (hasWordAt(bytes, index, end, word)) return unsignedAt(bytes, index + word.length, end);
  }
  return -1;
}

/** How deep a payload may be nested; the contract's deepest has three levels. */
const depthLimit = 16;

/** What a value beside its text counts, in characters. */
const valueCost = 8;

/**
 * Whether a payload, as the structured clone gave it, is within `limit` characters of text, names
 * and values together. Ends as soon as it is not, so that a giant costs nothing more.
 */
export function isWithin(payload: unknown, limit: number): boolean {
  let left = limit;

  function take(value: unknown, depth: number): boolean {
    left -= valueCost;
    if (typeof value === 'string') left -= value.length;
    if (left < 0 || depth > depthLimit) return false;
    if (typeof value !== 'object' || value === null) return true;
    if (Array.isArray(value)) return value.every((each) => take(each, depth + 1));
    const prototype: unknown = Object.getPrototypeOf(value);
    // A Map, a Date, bytes: the contract has none of them.
    if (prototype !== Object.prototype && prototype !== null) return false;
    return Object.entries(value).every(([name, each]) => {
      left -= name.length;
      return take(each, depth + 1);
    });
  }

  return take(payload, 0);
}

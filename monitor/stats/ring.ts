/** The latest numbers of a series, oldest dropped first. */
export interface Ring {
  readonly values: Float64Array;
  /** Where the next value goes. */
  next: number;
  size: number;
}

/** An empty ring for `capacity` numbers. */
export function createRing(capacity: number): Ring {
  return { values: new Float64Array(capacity), next: 0, size: 0 };
}

/** Adds a number; the oldest goes when the ring is full. */
export function pushToRing(ring: Ring, value: number): void {
  ring.values[ring.next] = value;
  const { length } = ring.values;
  ring.next = ring.next + 1 === length ? 0 : ring.next + 1;
  if (ring.size < length) ring.size += 1;
}

/** The number that was added `back` steps ago (0 is the latest); undefined beyond what is kept. */
export function ringAt(ring: Ring, back: number): number | undefined {
  if (back < 0 || back >= ring.size) return undefined;
  const place = ring.next - 1 - back;
  return ring.values[place < 0 ? place + ring.values.length : place];
}

/** The latest `count` numbers, oldest first; fewer when fewer are kept. */
export function latestOfRing(ring: Ring, count: number): number[] {
  const latest: number[] = [];
  for (let back = Math.min(count, ring.size) - 1; back >= 0; back -= 1) {
    const value = ringAt(ring, back);
    if (value !== undefined) latest.push(value);
  }
  return latest;
}

/** The smallest of the latest `count` numbers; undefined while fewer are kept. */
export function ringFloor(ring: Ring, count: number): number | undefined {
  if (ring.size < count || count <= 0) return undefined;
  let floor = Infinity;
  for (let back = 0; back < count; back += 1)
    floor = Math.min(floor, ringAt(ring, back) ?? Infinity);
  return floor;
}

/** Forgets everything. */
export function clearRing(ring: Ring): void {
  ring.next = 0;
  ring.size = 0;
}

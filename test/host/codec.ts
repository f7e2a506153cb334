/**
 * What the structured clone keeps, as text and back, for a channel that carries only text. Both
 * functions stand for themselves: their source is also run in the page. Throws Electron's words for
 * what cannot be cloned.
 */
export function encode(value: unknown): string {
  const refuse = (): never => {
    throw new Error('An object could not be cloned.');
  };
  let cloned: unknown;
  try {
    cloned = structuredClone(value);
  } catch {
    refuse();
  }
  const write = (item: unknown): unknown => {
    if (item === undefined) return ['u'];
    if (item === null || typeof item === 'boolean' || typeof item === 'string') return ['v', item];
    if (typeof item === 'number') {
      return Number.isFinite(item) && !Object.is(item, -0)
        ? ['v', item]
        : ['n', Object.is(item, -0) ? '-0' : String(item)];
    }
    if (typeof item === 'bigint') return ['b', String(item)];
    if (Array.isArray(item)) return ['a', Array.from(item, write)];
    if (item instanceof Date) return ['d', item.getTime()];
    if (item instanceof Map)
      return ['m', [...item].map(([key, each]) => [write(key), write(each)])];
    if (item instanceof Set) return ['s', [...item].map(write)];
    if (item instanceof Uint8Array) return ['y', Array.from(item)];
    if (item instanceof Error) return ['e', item.message];
    if (typeof item !== 'object' || Object.prototype.toString.call(item) !== '[object Object]') {
      throw new Error(
        `stand-in: cloning ${Object.prototype.toString.call(item)} is not implemented`,
      );
    }
    return ['o', Object.entries(item).map(([key, each]) => [key, write(each)])];
  };
  return JSON.stringify(write(cloned));
}

/** The value that `encode` made a text of. */
export function decode(text: string): unknown {
  type Part = readonly [string, unknown];
  const read = ([kind, content]: Part): unknown => {
    switch (kind) {
      case 'u':
        return undefined;
      case 'v':
        return content;
      case 'n':
        return Number(content);
      case 'b':
        return BigInt(content as string);
      case 'a':
        return (content as Part[]).map(read);
      case 'd':
        return new Date(content as number);
      case 'm':
        return new Map((content as [Part, Part][]).map(([key, each]) => [read(key), read(each)]));
      case 's':
        return new Set((content as Part[]).map(read));
      case 'y':
        return Uint8Array.from(content as number[]);
      case 'e':
        return new Error(content as string);
      default:
        return Object.fromEntries(
          (content as [string, Part][]).map(([key, each]) => [key, read(each)]),
        );
    }
  };
  return read(JSON.parse(text) as Part);
}

/**
 * What the structured clone keeps, as text and back, for a channel that carries only text. What JSON
 * has is written as JSON; what it has not, as an object with the one key `$`, its kind first. Both
 * functions stand for themselves: their source is also run in the page. Throws Electron's words for
 * what cannot be cloned.
 */
export function encode(value: unknown): string {
  let cloned: unknown;
  try {
    cloned = structuredClone(value);
  } catch {
    throw new Error('An object could not be cloned.');
  }
  let isPlain = true;
  // What stands in two places is the same object in both: it is written once.
  const written = new Map<object, unknown>();
  const mark = (kind: string, content?: unknown): object => {
    isPlain = false;
    return { $: content === undefined ? [kind] : [kind, content] };
  };
  const writeAll = (items: unknown[]): unknown[] => {
    // Written in place: the clone belongs to nobody else.
    for (let index = 0; index < items.length; index += 1) items[index] = write(items[index]);
    return items;
  };
  const write = (item: unknown): unknown => {
    if (item === undefined) return mark('u');
    if (item === null || typeof item === 'boolean' || typeof item === 'string') return item;
    if (typeof item === 'number') {
      if (Number.isFinite(item) && !Object.is(item, -0)) return item;
      return mark('n', Object.is(item, -0) ? '-0' : String(item));
    }
    if (typeof item === 'bigint') return mark('b', String(item));
    if (written.has(item)) return written.get(item);
    const made = writeObject(item);
    written.set(item, made);
    return made;
  };
  const writeObject = (item: object): unknown => {
    if (Array.isArray(item)) return writeAll(item);
    if (item instanceof Date) return mark('d', item.getTime());
    if (item instanceof Map) return mark('m', [...item].map(writeAll));
    if (item instanceof Set) return mark('s', writeAll([...item]));
    if (item instanceof Uint8Array) return mark('y', Array.from(item));
    if (item instanceof Error) return mark('e', item.message);
    if (Object.prototype.toString.call(item) !== '[object Object]') {
      const kind = Object.prototype.toString.call(item);
      throw new Error(`stand-in: cloning ${kind} is not implemented`);
    }
    const record = item as Record<string, unknown>;
    // One that looks like a mark, and one with a key that cannot be assigned to.
    if (Object.hasOwn(record, '$') || Object.hasOwn(record, '__proto__')) {
      return mark('o', Object.entries(record).map(writeAll));
    }
    for (const key in record) record[key] = write(record[key]);
    return record;
  };
  const text = JSON.stringify(write(cloned));
  // `mark` may have been called, which the compiler does not see.
  return ((isPlain as boolean) ? 'j' : 'm') + text;
}

/** The value that `encode` made a text of. */
export function decode(text: string): unknown {
  const readAll = (items: unknown[]): unknown[] => {
    for (let index = 0; index < items.length; index += 1) items[index] = read(items[index]);
    return items;
  };
  const read = (item: unknown): unknown => {
    if (typeof item !== 'object' || item === null) return item;
    if (Array.isArray(item)) return readAll(item);
    const record = item as Record<string, unknown>;
    if (Object.hasOwn(record, '$')) return unmark(record['$'] as readonly [string, unknown]);
    for (const key in record) record[key] = read(record[key]);
    return record;
  };
  const unmark = ([kind, content]: readonly [string, unknown]): unknown => {
    switch (kind) {
      case 'u':
        return undefined;
      case 'n':
        return Number(content);
      case 'b':
        return BigInt(content as string);
      case 'd':
        return new Date(content as number);
      case 'm':
        return new Map(
          (content as [unknown, unknown][]).map(([key, each]) => [read(key), read(each)]),
        );
      case 's':
        return new Set(readAll(content as unknown[]));
      case 'y':
        return Uint8Array.from(content as number[]);
      case 'e':
        return new Error(content as string);
      default:
        return Object.fromEntries(
          (content as [string, unknown][]).map(([key, each]) => [key, read(each)]),
        );
    }
  };
  const parsed: unknown = JSON.parse(text.slice(1));
  return text.startsWith('j') ? parsed : read(parsed);
}

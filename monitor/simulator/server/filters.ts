import * as z from 'zod';

/** Docker's `filters` parameter: for each name the values of which one must match. */
export type Filters = ReadonlyMap<string, readonly string[]>;

export type FilterResult =
  | { readonly ok: true; readonly filters: Filters }
  | { readonly ok: false; readonly status: number; readonly message: string };

/** Both forms that engines accept: lists, and the older maps of `value: true`. */
const filterShape = z.record(
  z.string(),
  z.union([z.array(z.string()), z.record(z.string(), z.boolean())]),
);

/**
 * Reads a `filters` parameter. `known` are the names that the call understands; others are refused
 * with 400, text that is no JSON with 500, as Docker does.
 */
export function parseFilters(text: string | null, known: readonly string[]): FilterResult {
  const filters = new Map<string, readonly string[]>();
  if (text === null || text === '') return { ok: true, filters };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      ok: false,
      status: 500,
      message: `invalid character '${text.charAt(0)}' looking for beginning of value`,
    };
  }
  const parsed = filterShape.safeParse(value);
  if (!parsed.success) return { ok: false, status: 400, message: 'invalid filter' };
  for (const [name, values] of Object.entries(parsed.data)) {
    if (!known.includes(name)) {
      return { ok: false, status: 400, message: `Invalid filter '${name}'` };
    }
    filters.set(name, Array.isArray(values) ? values : Object.keys(values));
  }
  return { ok: true, filters };
}

/** Whether nothing was asked of `name`, or one of the values asked for satisfies `matches`. */
export function passes(
  filters: Filters,
  name: string,
  matches: (value: string) => boolean,
): boolean {
  const values = filters.get(name);
  return values === undefined || values.length === 0 || values.some(matches);
}

/** Whether every `key` or `key=value` asked for is among the labels. */
export function passesLabels(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  return (filters.get('label') ?? []).every((wanted) => {
    const at = wanted.indexOf('=');
    return at < 0 ? wanted in labels : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
  });
}

import { z } from 'zod';
import { formatDuration, formatSize, parseDuration, parseSize } from './quantity.ts';
import { quoted } from './problem.ts';

const kinds = {
  duration: {
    parse: parseDuration,
    format: formatDuration,
    wants: 'a duration: a number with ms, s, m or h, such as 2s or 10m',
  },
  size: {
    parse: parseSize,
    format: formatSize,
    wants: 'a size: a number with kB, MB, GB, KiB, MiB or GiB, such as 512MB',
  },
} as const;

/** A text such as `2s` or `512MB`, as milliseconds or bytes, within both bounds. */
export function quantity(
  kind: keyof typeof kinds,
  bounds: { readonly least: string | 0; readonly most: string },
): z.ZodType<number> {
  const { parse, format, wants } = kinds[kind];
  const least = bounds.least === 0 ? 0 : (parse(bounds.least) ?? 0);
  const most = parse(bounds.most) ?? Number.MAX_SAFE_INTEGER;
  return z.unknown().transform((written, context) => {
    const value = typeof written === 'string' ? parse(written) : undefined;
    let message;
    if (value === undefined) message = `${shown(written)} is not ${wants}.`;
    else if (value < least) message = `${shown(written)} is too little: at least ${format(least)}.`;
    else if (value > most) message = `${shown(written)} is too much: at most ${format(most)}.`;
    else return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function shown(written: unknown): string {
  switch (typeof written) {
    case 'string':
      return quoted(written);
    case 'number':
    case 'boolean':
      return String(written);
    default:
      return 'This';
  }
}

import { oneLine } from '../format/plain-text.ts';
import type { MonitorSettings } from '../state/model.ts';

type Patterns = MonitorSettings['selection']['only'];

/** Patterns as a person reads them; undefined when they narrow nothing. */
export function patternWords(patterns: Patterns): string | undefined {
  const list = (what: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${what} ${values.join(', ')}`];
  const labels = patterns.labels.map(({ key, pattern }) =>
    pattern === true ? key : `${key}=${pattern}`,
  );
  const parts = [
    ...list('names', patterns.names),
    ...list('images', patterns.images),
    ...list('projects', patterns.composeProjects),
    ...list('labels', labels),
  ];
  return parts.length === 0 ? undefined : oneLine(parts.join('; '), 600);
}

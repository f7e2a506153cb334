import type { MonitorSettings } from './model.ts';

type Selection = MonitorSettings['selection'];
type Patterns = Selection['only'];

/** Patterns as they stand in fields, separated by commas; labels as `key` or `key=pattern`. */
export type PatternsDraft = Readonly<Record<keyof Patterns, string>>;

/** A selection while it is being edited. */
export interface SelectionDraft {
  readonly only: PatternsDraft;
  readonly exclude: PatternsDraft;
}

/** The fields for a selection. */
export function draftOf({ only, exclude }: Selection): SelectionDraft {
  return { only: patternsDraft(only), exclude: patternsDraft(exclude) };
}

function patternsDraft({ names, images, composeProjects, labels }: Patterns): PatternsDraft {
  return {
    names: names.join(', '),
    images: images.join(', '),
    composeProjects: composeProjects.join(', '),
    labels: labels
      .map(({ key, pattern }) => (pattern === true ? key : `${key}=${pattern}`))
      .join(', '),
  };
}

/** The selection that the fields say. */
export function selectionOf({ only, exclude }: SelectionDraft): Selection {
  return { only: patternsOf(only), exclude: patternsOf(exclude) };
}

function patternsOf({ names, images, composeProjects, labels }: PatternsDraft): Patterns {
  return {
    names: words(names),
    images: words(images),
    composeProjects: words(composeProjects),
    labels: words(labels).map((word) => {
      const at = word.indexOf('=');
      return at < 0
        ? { key: word, pattern: true as const }
        : { key: word.slice(0, at).trim(), pattern: word.slice(at + 1).trim() };
    }),
  };
}

function words(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

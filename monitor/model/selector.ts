import { matchesGlob } from './glob.ts';
import { isOwn } from './own-container.ts';
import type { Workload } from './workload.ts';

/** Patterns over what a container is called; `*` and `?` stand for any text and any character. */
export interface WorkloadPatterns {
  readonly names: readonly string[];
  /** Compared with the image as it is, without its digest, and without digest and tag. */
  readonly images: readonly string[];
  readonly composeProjects: readonly string[];
  /** Label key to pattern over its value; `true` asks only that the label is there. */
  readonly labels: Readonly<Record<string, string | true>>;
}

/**
 * Which containers are meant. Each field that is given narrows: one of its names, images and
 * projects must fit, and all of its labels. `exclude` takes away: one fit of any kind is enough.
 */
export interface WorkloadSelector extends WorkloadPatterns {
  readonly exclude: WorkloadPatterns;
}

/** What a selector looks at. Untrusted text. */
export type SelectableWorkload = Pick<Workload, 'name' | 'image' | 'labels' | 'composeProject'>;

/** Patterns that say nothing. */
export const noPatterns: WorkloadPatterns = {
  names: [],
  images: [],
  composeProjects: [],
  labels: {},
};

/** The default: every container but Sentra's own. */
export const everyWorkload: WorkloadSelector = { ...noPatterns, exclude: noPatterns };

/**
 * Whether `selector` means this container. Never true for Sentra's own, whatever the selector says.
 * Time is linear in the length of the texts compared.
 */
export function selects(selector: WorkloadSelector, workload: SelectableWorkload): boolean {
  return (
    !isOwn(workload) &&
    (selector.names.length === 0 || nameFits(selector, workload)) &&
    (selector.images.length === 0 || imageFits(selector, workload)) &&
    (selector.composeProjects.length === 0 || composeProjectFits(selector, workload)) &&
    labelFits(selector, workload).every((fits) => fits) &&
    !fitsAny(selector.exclude, workload)
  );
}

/** Whether one of the patterns fits, of whichever kind: how exceptions are read. */
export function fitsAny(patterns: WorkloadPatterns, workload: SelectableWorkload): boolean {
  return (
    nameFits(patterns, workload) ||
    imageFits(patterns, workload) ||
    composeProjectFits(patterns, workload) ||
    labelFits(patterns, workload).some((fits) => fits)
  );
}

function nameFits(patterns: WorkloadPatterns, workload: SelectableWorkload): boolean {
  return patterns.names.some((pattern) => matchesGlob(pattern, workload.name));
}

function imageFits(patterns: WorkloadPatterns, workload: SelectableWorkload): boolean {
  const forms = imageForms(workload.image);
  return patterns.images.some((pattern) => forms.some((form) => matchesGlob(pattern, form)));
}

function composeProjectFits(patterns: WorkloadPatterns, workload: SelectableWorkload): boolean {
  const project = workload.composeProject;
  if (project === undefined) return false;
  return patterns.composeProjects.some((pattern) => matchesGlob(pattern, project));
}

function labelFits(patterns: WorkloadPatterns, workload: SelectableWorkload): readonly boolean[] {
  return Object.entries(patterns.labels).map(([key, pattern]) => {
    if (!Object.hasOwn(workload.labels, key)) return false;
    return pattern === true || matchesGlob(pattern, workload.labels[key] ?? '');
  });
}

/** `node:22@sha256:…`, `node:22` and `node`: so that `images: [node]` means every tag of it. */
function imageForms(image: string): readonly string[] {
  const digest = image.indexOf('@');
  const tagged = digest === -1 ? image : image.slice(0, digest);
  const colon = tagged.lastIndexOf(':');
  // A colon before the last slash belongs to the registry's port.
  const bare = colon > tagged.lastIndexOf('/') ? tagged.slice(0, colon) : tagged;
  return [...new Set([image, tagged, bare])];
}

import type { Workload } from './workload.ts';

/** How the engine calls the helper's container: one an engine, whoever installed it. */
export const helperName = 'sentra-helper';

/** The label of the helper's container; its value is the digest of what the image holds. */
export const helperLabel = 'sentra.helper';

/**
 * Whether it is Sentra's own, the helper: never watched, never acted on. By name and label together: a
 * label alone comes with an image, and so could be borrowed by whoever does not want to be watched.
 */
export function isOwn({ name, labels }: Pick<Workload, 'name' | 'labels'>): boolean {
  return name === helperName && Object.hasOwn(labels, helperLabel);
}

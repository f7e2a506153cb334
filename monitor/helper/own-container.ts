/** Sentra's own container, which is never watched and never acted upon. */
const ownName = 'sentra-helper';
const ownLabel = 'sentra.helper';

/**
 * Whether it is the helper's: by its name and its label together. A label alone comes with an image,
 * and so could be borrowed by whoever does not want to be watched.
 */
export function isOwnContainer(container: {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}): boolean {
  return container.name === ownName && container.labels[ownLabel] !== undefined;
}

import type { Reading, SetElement } from '../carrier/carrier.ts';
import type { WallPlan } from './wall-plan.ts';
import type { WallNote } from './wall-record.ts';

/**
 * How a wall of the mode enforce differs from what was put up, though nobody of ours changed it;
 * undefined when it does not. `isExplained` tells addresses that a name led to, or that were there
 * when the wall was put up.
 */
export function driftOf(
  standing: WallNote,
  { listing, devices, elements, resolver }: Reading,
  { ttlSeconds }: Pick<WallPlan, 'ttlSeconds'>,
  isExplained: (element: SetElement) => boolean,
): string | undefined {
  if (listing === undefined) return 'The wall around its egress was taken away.';
  const hasSameDevices = standing.devices.join(' ') === devices.join(' ');
  const isAsPutUp = hasSameDevices
    ? listing.digest === standing.digest
    : listing.innerDigest === standing.innerDigest;
  if (!isAsPutUp) {
    return 'The rules of the wall around its egress were changed from outside of Sentra.';
  }
  const foreign = elements.find(
    (element) => isTooLong(element, ttlSeconds) || !isExplained(element),
  );
  if (foreign !== undefined) {
    return `The address ${foreign.address}, which no allowed name led to, was put into the wall around its egress.`;
  }
  if (resolver === 'replaced') {
    return 'In the place of its resolver ran a program that Sentra did not start.';
  }
  return undefined;
}

/** Addresses stay for the set's own time, or for what is left of theirs when the wall is made anew. */
function isTooLong({ seconds }: SetElement, ttlSeconds: number): boolean {
  return seconds !== undefined && (seconds === 0 || seconds > 2 * ttlSeconds);
}

/**
 * Tables that Docker makes when a network is attached, to lead questions to its own resolver. What
 * they turn elsewhere has been turned before the wall decides about it.
 */
const tablesOfEngine: ReadonlySet<string> = new Set(['ip nat', 'ip6 nat']);

/** Tables that are there beside the wall, and were not when it was first put up. */
export function newTables(standing: WallNote, { otherTables }: Reading): readonly string[] {
  return otherTables.filter(
    (table) => !tablesOfEngine.has(table) && !standing.otherTables.includes(table),
  );
}

import type { Containment, KeptLimits } from '../model/containment.ts';
import type { PlannedAction } from '../model/decision.ts';

/**
 * Whether upkeep brings about what was asked for, where it failed: by what the container is held to
 * since. A stop holds nothing, so that nobody sees to it but on what is frozen.
 */
export function isSeenTo(request: PlannedAction, held: Containment | undefined): boolean {
  if (held === undefined) return false;
  if (held.depth === 'frozen') return true;
  switch (request.kind) {
    case 'quarantine':
      return held.depth === 'quarantined';
    case 'limit':
      return isKeptTo(request, held.undo.limitedTo);
    default:
      return false;
  }
}

function isKeptTo(wanted: KeptLimits, kept: KeptLimits | undefined): boolean {
  return (['cpus', 'memoryBytes', 'pids'] as const).every(
    (limit) => (kept?.[limit] ?? Infinity) <= (wanted[limit] ?? Infinity),
  );
}

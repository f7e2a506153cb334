/**
 * One alarm for one incident: after a value was let through, what follows within `reach` values is
 * let through only if it is stranger still. Numbers are surprises, -log10 of a probability.
 */
export interface AlarmHold {
  since: number;
  surprise: number;
}

/** Values after an alarm during which only a stranger one is another. */
export const holdReach = 100;

/** Nothing let through yet. */
export function createAlarmHold(): AlarmHold {
  return { since: Number.POSITIVE_INFINITY, surprise: 0 };
}

/** The surprise where it stands for an alarm of its own, else 0; in the scale that it is handed in. */
export function lettingThrough(hold: AlarmHold, surprise: number, reach = holdReach): number {
  hold.since += 1;
  const bar = hold.since < reach ? hold.surprise : 0;
  if (!(surprise > bar)) return 0;
  hold.since = 0;
  hold.surprise = surprise;
  return surprise;
}

import type { StatementSync } from 'node:sqlite';

/**
 * Adds each list of values to the row of its hour: `update` changes one that is there, `insert` makes a
 * new one while there is room for more. Gives how many found none. Throws what SQLite throws.
 */
export function addToHour(
  { update, insert }: { readonly update: StatementSync; readonly insert: StatementSync },
  rows: readonly (readonly (string | number)[])[],
  room: number,
): number {
  let made = 0;
  for (const values of rows) {
    if (Number(update.run(...values).changes) > 0) continue;
    made += 1;
    if (made <= room) insert.run(...values);
  }
  return Math.max(0, made - Math.max(0, room));
}

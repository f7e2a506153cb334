import { DatabaseSync } from 'node:sqlite';

import { messageOf } from '../runtime/logger.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Database } from './database.ts';

/** What is worth taking out of a damaged file, the most important first. */
const tables = ['containments', 'settings', 'actions', 'findings'];

/** The most rows taken over from one end of a table. */
const mostRows = 10_000;

/**
 * Copies what can still be read of a damaged file into a new one: above all what Sentra holds, which
 * would otherwise stay held with nobody knowing. Rows are checked when they are read, as always.
 * Returns how many rows were taken over. Never throws for what the damaged file does.
 */
export function salvage(damagedPath: string, into: Database, logger: Logger): number {
  let damaged: DatabaseSync;
  try {
    damaged = new DatabaseSync(damagedPath, { readOnly: true });
  } catch (error) {
    logger.debug(`Nothing could be read from ${damagedPath}: ${messageOf(error)}`);
    return 0;
  }
  let rows = 0;
  for (const table of tables) {
    // The newest first, which are what is open and unfinished; from the other end where damage stops it.
    for (const order of ['DESC', 'ASC'] as const) {
      try {
        for (const taken of takeOver(table, order, damaged, into)) rows += taken;
        break;
      } catch (error) {
        logger.debug(`Not all ${table} in ${damagedPath} could be read: ${messageOf(error)}`);
      }
    }
  }
  damaged.close();
  return rows;
}

/** Copies row by row, and gives for each whether it was new: 1 or 0. Throws where reading ends. */
function* takeOver(
  table: string,
  order: 'ASC' | 'DESC',
  from: DatabaseSync,
  into: Database,
): Generator<number, void> {
  const columns = into
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name));
  const select = from.prepare(
    `SELECT ${columns.join(', ')} FROM ${table} ORDER BY rowid ${order} LIMIT ${mostRows}`,
  );
  const insert = into.prepare(
    `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  select.setReadBigInts(true);
  for (const row of select.iterate()) {
    yield Number(insert.run(...columns.map((column) => row[column] ?? null)).changes);
  }
}

import { DatabaseSync } from 'node:sqlite';

import { messageOf } from '../runtime/logger.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Database } from './database.ts';

/** What is worth taking out of a damaged file, the most important first. */
const tables = ['containments', 'settings', 'actions', 'findings'];

/** The most rows taken over from one table. */
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
    try {
      rows += copy(table, damaged, into);
    } catch (error) {
      // This table is lost; the others may be readable.
      logger.debug(`The ${table} in ${damagedPath} could not be read: ${messageOf(error)}`);
    }
  }
  damaged.close();
  return rows;
}

function copy(table: string, from: DatabaseSync, into: Database): number {
  const columns = into
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name));
  const select = from.prepare(`SELECT ${columns.join(', ')} FROM ${table} LIMIT ${mostRows}`);
  const insert = into.prepare(
    `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  select.setReadBigInts(true);
  let rows = 0;
  for (const row of select.iterate()) {
    rows += Number(insert.run(...columns.map((column) => row[column] ?? null)).changes);
  }
  return rows;
}

import type { z } from 'zod';

import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { decodeBody, encodeBody } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

/** Small things to remember, each a JSON value under a key. */
export interface SettingRecords {
  /** Undefined when never set, or when what is stored does not fit `schema` (then counted). */
  get<Value>(key: string, schema: z.ZodType<Value>): Result<Value | undefined, StoreError>;
  /** `value` is anything that JSON can hold. */
  set(key: string, value: unknown): Result<void, StoreError>;
  /** Back to never set. */
  remove(key: string): Result<void, StoreError>;
}

/** Over the table of settings: a JSON value by key, checked by whoever reads it. */
export function openSettings(database: Database, refused: RefusedRows): SettingRecords {
  const write = database.prepare(`
    INSERT INTO settings (key, body) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET body = excluded.body
  `);
  const select = database.prepare('SELECT body FROM settings WHERE key = ?');
  const drop = database.prepare('DELETE FROM settings WHERE key = ?');

  return {
    get: (key, schema) =>
      database.attempt('The setting was not read', () => {
        const row = select.get(key);
        return row && decodeBody('settings', row['body'], schema, refused);
      }),
    set(key, value) {
      const wanted = `The setting ${key} was not kept`;
      const body = encodeBody(wanted, value ?? null);
      if (!body.ok) return body;
      return database.attempt(wanted, () => {
        write.run(key, body.value);
      });
    },
    remove: (key) =>
      database.attempt(`The setting ${key} was not removed`, () => {
        drop.run(key);
      }),
  };
}

import type { Milliseconds, Moment } from '../model/time.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { readPragma } from './migrations.ts';
import type { StoreError } from './store-error.ts';
import type { WorkloadIds } from './workloads.ts';

/** What grows with time. Containments, settings and baselines do not. */
export const retainedTables = [
  'seconds',
  'minutes',
  'hours',
  'coverage',
  'egress',
  'egressNames',
  'egressKinds',
  'decisions',
  'findings',
  'actions',
  'policyVersions',
  'workloads',
] as const;

export type RetainedTable = (typeof retainedTables)[number];

/** How long things are kept, and how large the record may grow. */
export interface RetentionLimits {
  readonly maxAgeMs: Readonly<Record<RetainedTable, Milliseconds>>;
  /** The file's pages in use, in bytes. */
  readonly maxBytes: number;
}

const hour = 3_600_000;
const day = 24 * hour;

/**
 * What happened and hourly samples for so many days, changes of coverage for 30 of them, minutes for
 * 14, destinations of egress and names for 8, seconds for 6 hours; or everything shorter than that if
 * `days` is.
 */
export function retentionOf(days: number, maxBytes: number): RetentionLimits {
  const whole = days * day;
  return {
    maxAgeMs: {
      seconds: Math.min(6 * hour, whole),
      minutes: Math.min(14 * day, whole),
      hours: whole,
      coverage: Math.min(30 * day, whole),
      egress: Math.min(8 * day, whole),
      egressNames: Math.min(8 * day, whole),
      egressKinds: Math.min(8 * day, whole),
      decisions: whole,
      findings: whole,
      actions: whole,
      policyVersions: whole,
      workloads: whole,
    },
    maxBytes,
  };
}

/** 180 days; 256 MB (10⁶ bytes). */
export const defaultRetention: RetentionLimits = retentionOf(180, 256_000_000);

/** What one step of sweeping did. */
export interface Sweep {
  readonly removedRows: number;
  /** Whether another call would do something more. */
  readonly more: boolean;
  /** Bytes in use afterwards. May stay above the limit when the rest must not be dropped. */
  readonly bytes: number;
}

/** Keeps the record within its limits. */
export interface Retention {
  /**
   * One step: at most 100 rows or pages, a few milliseconds. By size the finest samples go first,
   * the oldest of them, then coverage, egress, coarser samples, decisions, and what is over. Open findings,
   * unfinished actions, containments, settings, baselines of present workloads and the policy in
   * force are never dropped.
   */
  sweep(now: Moment, limits: RetentionLimits): Result<Sweep, StoreError>;
  /** The file's pages in use, in bytes. */
  usedBytes(): Result<number, StoreError>;
}

/** Rows or pages a step. */
const stepRows = 100;

/** Free pages left in the file for what comes next; more are given back to the disk. */
const sparePages = 256;

/** The table, what of it may be dropped, and by which column it ages, in units of so many ms. */
const places: Readonly<Record<RetainedTable, readonly [string, string, string, Milliseconds]>> = {
  seconds: ['sample_blocks', 'resolution = 1', 'start', 1000],
  minutes: ['sample_blocks', 'resolution = 60', 'start', 1000],
  hours: ['sample_blocks', 'resolution = 3600', 'start', 1000],
  coverage: ['coverage', 'TRUE', 'at', 1],
  egress: ['egress_destinations', 'TRUE', 'hour', 1],
  egressNames: ['egress_names', 'TRUE', 'hour', 1],
  egressKinds: ['egress_kinds', 'TRUE', 'hour', 1],
  decisions: ['decisions', 'TRUE', 'at', 1],
  findings: ['findings', `status = 'closed'`, 'at', 1],
  // Written out state by state so that the index by state serves.
  actions: ['actions', `state IN ('would-have', 'proved', 'partly', 'refused', 'failed')`, 'at', 1],
  policyVersions: ['policy_versions', 'id < (SELECT max(id) FROM policy_versions)', 'at', 1],
  workloads: ['workloads', 'TRUE', 'last_seen', 1],
};

/**
 * What goes when there is too much, first to last: names, which a container makes up as it likes, before
 * all that others may need.
 */
const bySize: readonly RetainedTable[] = [
  'seconds',
  'egressNames',
  'coverage',
  'egress',
  'egressKinds',
  'minutes',
  'decisions',
  'hours',
  'findings',
  'actions',
];

/** Over all tables that age; drops the oldest first, a table at a time. */
export function openRetention(database: Database, ids: WorkloadIds): Retention {
  const drops = new Map(
    retainedTables.map((name) => {
      const [table, droppable, age, unitMs] = places[name];
      const statement = database.prepare(`
        DELETE FROM ${table} WHERE rowid IN (
          SELECT rowid FROM ${table} WHERE ${droppable} AND ${age} < ? ORDER BY ${age} LIMIT ?
        )
      `);
      return [name, { statement, unitMs }];
    }),
  );

  /** Drops up to `rows` rows of before `before`, oldest first. */
  function drop(name: RetainedTable, before: Moment, rows: number): number {
    const place = drops.get(name);
    if (place === undefined || rows <= 0) return 0;
    const bound = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(before / place.unitMs));
    return Number(place.statement.run(bound, rows).changes);
  }

  function usedBytes(): number {
    const used = readPragma(database, 'page_count') - readPragma(database, 'freelist_count');
    return used * readPragma(database, 'page_size');
  }

  function dropByAge(now: Moment, maxAgeMs: RetentionLimits['maxAgeMs']): number {
    let removed = 0;
    for (const name of retainedTables) {
      // Samples point to their workload, so it stays as long as they may.
      const age =
        name === 'workloads' ? Math.max(maxAgeMs.workloads, maxAgeMs.hours) : maxAgeMs[name];
      removed += drop(name, now - age, stepRows - removed);
    }
    return removed;
  }

  function dropBySize(rows: number): number {
    for (const name of bySize) {
      const removed = drop(name, Number.MAX_SAFE_INTEGER, rows);
      if (removed > 0) return removed;
    }
    return 0;
  }

  return {
    usedBytes: () => database.attempt('The size of the record was not read', usedBytes),
    sweep(now, limits) {
      const wanted = 'The record was not brought within its limits';
      const swept = database.transaction(wanted, (): Sweep => {
        let removedRows = dropByAge(now, limits.maxAgeMs);
        let more = removedRows >= stepRows;
        if (!more && usedBytes() > limits.maxBytes) {
          const dropped = dropBySize(stepRows - removedRows);
          removedRows += dropped;
          more = dropped > 0;
        }
        return { removedRows, more, bytes: usedBytes() };
      });
      if (!swept.ok) return swept;
      if (swept.value.removedRows > 0) ids.forget();
      if (swept.value.more) return swept;
      return database.attempt(wanted, () => {
        const free = readPragma(database, 'freelist_count');
        if (free <= sparePages) return swept.value;
        database.execute(`PRAGMA incremental_vacuum(${stepRows})`);
        const still = readPragma(database, 'freelist_count');
        return { ...swept.value, more: still < free && still > sparePages };
      });
    },
  };
}

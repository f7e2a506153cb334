import { z } from 'zod';

import type { SeenDestination } from '../model/egress.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { addToHour } from './hourly-rows.ts';
import type { Database } from './database.ts';
import { wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import { storeError } from './store-error.ts';
import type { StoreError } from './store-error.ts';

/** Of one workload in one hour; beyond it only those that are known already are counted on. */
export const mostDestinationsAnHour = 500;

const hourMs = 3_600_000;

/** What was seen of one workload at one look. */
export interface SeenEgress {
  readonly workload: WorkloadKey;
  /** The id of the image's content, where it is known. */
  readonly image: string | undefined;
  readonly at: Moment;
  readonly destinations: readonly Omit<SeenDestination, 'looks' | 'firstSeenAt' | 'lastSeenAt'>[];
}

/** Where workloads talked to, by the hour. */
export interface EgressRecords {
  /** Adds to what is there; returns how many destinations found no place any more. */
  add(seen: SeenEgress): Result<number, StoreError>;
  /** Since the hour of `since`, with the hours added up; the latest seen first, at most `limit`. */
  list(
    workload: WorkloadKey,
    since: Moment,
    limit: number,
  ): Result<readonly SeenDestination[], StoreError>;
  /** The images that the destination was reached by, at most 50. */
  imagesOf(workload: WorkloadKey, address: string): Result<readonly string[], StoreError>;
  /**
   * Forgets everything of a workload, or of all, refused names as well; returns how many rows went. The file is written anew,
   * so that nothing of them is left in it, nor of what was dropped before; that takes a second for
   * each hundred megabytes or so, and everything waits.
   */
  erase(workload: WorkloadKey | undefined): Result<number, StoreError>;
}

const row = z.object({
  address: z.string(),
  name: z.string(),
  protocol: z.string(),
  port: z.number(),
  looks: z.number(),
  sent_packets: z.number(),
  sent_bytes: z.number(),
  received_packets: z.number(),
  received_bytes: z.number(),
  refused_packets: z.number(),
  first_seen: z.number(),
  last_seen: z.number(),
});

/** Over the table of destinations by the hour; unreadable rows are counted in `refused` and left out. */
export function openEgressDestinations(database: Database, refused: RefusedRows): EgressRecords {
  const update = database.prepare(`
    UPDATE egress_destinations SET
      looks = looks + 1,
      sent_packets = sent_packets + ?8, sent_bytes = sent_bytes + ?9,
      received_packets = received_packets + ?10, received_bytes = received_bytes + ?11,
      refused_packets = refused_packets + ?12,
      last_seen = max(last_seen, ?13)
    WHERE workload = ?1 AND hour = ?2 AND image = ?3 AND address = ?4 AND name = ?5
      AND protocol = ?6 AND port = ?7
  `);
  const insert = database.prepare(`
    INSERT INTO egress_destinations (workload, hour, image, address, name, protocol, port, looks,
      sent_packets, sent_bytes, received_packets, received_bytes, refused_packets,
      first_seen, last_seen)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
  `);
  const count = database.prepare(
    'SELECT count(*) AS rows FROM egress_destinations WHERE workload = ? AND hour = ?',
  );
  const select = database.prepare(`
    SELECT address, name, protocol, port, sum(looks) AS looks,
      sum(sent_packets) AS sent_packets, sum(sent_bytes) AS sent_bytes,
      sum(received_packets) AS received_packets, sum(received_bytes) AS received_bytes,
      sum(refused_packets) AS refused_packets,
      min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM egress_destinations WHERE workload = ? AND hour >= ?
    GROUP BY address, name, protocol, port
    ORDER BY last_seen DESC, sent_bytes DESC LIMIT ?
  `);
  const images = database.prepare(`
    SELECT DISTINCT image FROM egress_destinations WHERE workload = ? AND address = ? LIMIT 50
  `);
  const tables = ['egress_destinations', 'egress_names', 'egress_kinds'];
  const drop = tables.map((each) => database.prepare(`DELETE FROM ${each} WHERE workload = ?`));
  const dropAll = tables.map((each) => database.prepare(`DELETE FROM ${each}`));

  const startOfHour = (at: Moment): number => Math.floor(at / hourMs) * hourMs;

  return {
    add({ workload, image, at, destinations }) {
      if (destinations.length === 0) return ok(0);
      return database.transaction('Where the container talked to was not recorded', () => {
        const hour = startOfHour(at);
        const room = mostDestinationsAnHour - Number(count.get(workload, hour)?.['rows'] ?? 0);
        const rows = destinations.map((each) => [
          workload,
          hour,
          image ?? '',
          each.address,
          each.name ?? '',
          each.protocol,
          each.port ?? -1,
          each.sentPackets,
          each.sentBytes,
          each.receivedPackets,
          each.receivedBytes,
          each.refusedPackets,
          wholeMoment(at),
        ]);
        return addToHour({ update, insert }, rows, room);
      });
    },
    list: (workload, since, limit) =>
      database.attempt('Where the container talked to was not read', () =>
        select.all(workload, startOfHour(since), limit).flatMap((each) => {
          const parsed = row.safeParse(each);
          if (parsed.success) return [seenOf(parsed.data)];
          refused.add('egress_destinations', z.prettifyError(parsed.error));
          return [];
        }),
      ),
    imagesOf: (workload, address) =>
      database.attempt('Which images reached the address was not read', () =>
        images.all(workload, address).map((each) => String(each['image'])),
      ),
    erase(workload) {
      const rows = database.transaction('Where containers talked to was not erased', () => {
        const done =
          workload === undefined
            ? dropAll.map((each) => each.run())
            : drop.map((each) => each.run(workload));
        return done.reduce((sum, { changes }) => sum + Number(changes), 0);
      });
      if (!rows.ok) return rows;
      const wanted = 'The rows are gone, but traces of them may be left in the file';
      const rewritten = database.attempt(wanted, () => rewrite(database));
      if (!rewritten.ok) return rewritten;
      return rewritten.value
        ? rows
        : failed(storeError('busy', wanted, 'another program reads the file'));
    },
  };
}

/**
 * Into a file without a trace of what was deleted; then the log beside it is emptied as well. False
 * where it was not: another program reads what stands in it.
 */
function rewrite(database: Database): boolean {
  // A large file is not to be held in memory meanwhile.
  database.execute('PRAGMA temp_store = FILE');
  try {
    database.execute('VACUUM');
  } finally {
    database.execute('PRAGMA temp_store = MEMORY');
  }
  const log = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  return Number(log?.['busy']) === 0;
}

function seenOf(each: z.infer<typeof row>): SeenDestination {
  return {
    address: each.address,
    name: each.name === '' ? undefined : each.name,
    protocol: each.protocol,
    port: each.port < 0 ? undefined : each.port,
    looks: each.looks,
    sentPackets: each.sent_packets,
    sentBytes: each.sent_bytes,
    receivedPackets: each.received_packets,
    receivedBytes: each.received_bytes,
    refusedPackets: each.refused_packets,
    firstSeenAt: each.first_seen,
    lastSeenAt: each.last_seen,
  };
}

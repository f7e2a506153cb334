import { z } from 'zod';

import type { Containment, DetachedNetwork, KeptLimits, UndoNotes } from '../model/containment.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { absent, decodeBody, encodeBody, moment, wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

const detachedNetwork: z.ZodType<DetachedNetwork> = z.object({
  networkId: z.string(),
  networkName: z.string(),
  aliases: z.array(z.string()),
  links: absent(z.array(z.string())),
  ipv4: absent(z.string()),
  ipv6: absent(z.string()),
  isAddressGiven: absent(z.literal(true)),
  addressCanReturn: z.boolean(),
});

const keptLimits: z.ZodType<KeptLimits> = z.object({
  cpus: absent(z.number()),
  memoryBytes: absent(z.number()),
  memorySwapBytes: absent(z.number()),
  pids: absent(z.number()),
});

const undoNotes: z.ZodType<UndoNotes> = z.object({
  pausedBySentra: z.boolean(),
  networks: z.array(detachedNetwork),
  ports: absent(z.record(z.string(), z.string())),
  restartPolicy: absent(z.object({ name: z.string(), maximumRetryCount: z.number() })),
  limits: absent(
    z.object({
      memoryBytes: absent(z.number()),
      nanoCpus: absent(z.number()),
      cpuQuota: absent(z.number()),
      pids: absent(z.number()),
    }),
  ),
  limitedTo: absent(keptLimits),
});

const containmentSchema: z.ZodType<Containment> = z.object({
  container: z.string(),
  workload: z.string(),
  name: z.string(),
  depth: z.enum(['frozen', 'quarantined', 'limited']),
  since: moment,
  undo: undoNotes,
  holes: z.array(z.string()),
});

/**
 * What Sentra holds, and how to undo it. A containment is put before anything is done and removed
 * on release: what is here at start is what is still held. It is on the disk when `put` or `remove`
 * returns.
 */
export interface ContainmentRecords {
  /** Puts a containment; another one of the same container is replaced. */
  put(containment: Containment): Result<void, StoreError>;
  /** Removes it; nothing happens when there is none. */
  remove(container: ContainerId): Result<void, StoreError>;
  /** Oldest first. Rows that cannot be read are left out and counted. */
  all(): Result<readonly Containment[], StoreError>;
}

/** Over the table of containments, which outlive the process; unreadable rows are counted in `refused`. */
export function openContainments(database: Database, refused: RefusedRows): ContainmentRecords {
  const write = database.prepare(`
    INSERT INTO containments (container, since, body) VALUES (?, ?, ?)
    ON CONFLICT (container) DO UPDATE SET since = excluded.since, body = excluded.body
  `);
  const drop = database.prepare('DELETE FROM containments WHERE container = ?');
  const select = database.prepare('SELECT body FROM containments ORDER BY since, rowid');

  return {
    put(containment) {
      const wanted = 'The containment was not recorded';
      const body = encodeBody(wanted, containment);
      if (!body.ok) return body;
      return database.durably(wanted, () => {
        write.run(containment.container, wholeMoment(containment.since), body.value);
      });
    },
    remove: (container) =>
      database.durably('The release was not recorded', () => {
        drop.run(container);
      }),
    all: () =>
      database.attempt('The containments were not read', () =>
        select
          .all()
          .flatMap(
            ({ body }) => decodeBody('containments', body, containmentSchema, refused) ?? [],
          ),
      ),
  };
}

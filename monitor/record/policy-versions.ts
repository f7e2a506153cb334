import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { Moment } from '../model/time.ts';
import type { Result } from '../runtime/result.ts';
import type { Database } from './database.ts';
import { boundedLimit, decodeBody, encodeBody, moment, wholeMoment } from './stored-document.ts';
import type { RefusedRows } from './stored-document.ts';
import type { StoreError } from './store-error.ts';

/** Where the text of a policy came from. */
export type PolicySource =
  { readonly kind: 'default' } | { readonly kind: 'file'; readonly path: string };

/** A policy that came into force. */
export interface PolicyVersion {
  readonly text: string;
  /** SHA-256 of the text in UTF-8, 64 hexadecimal digits. */
  readonly hash: string;
  readonly loadedAt: Moment;
  readonly source: PolicySource;
}

const versionSchema: z.ZodType<PolicyVersion> = z.object({
  text: z.string(),
  hash: z.string(),
  loadedAt: moment,
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('default') }),
    z.object({ kind: z.literal('file'), path: z.string() }),
  ]),
});

/** Every policy that was ever in force. */
export interface PolicyVersionRecords {
  /**
   * Records that a policy came into force, and returns it with its hash. The same text from the
   * same source as the latest one makes no second row.
   */
  put(policy: Omit<PolicyVersion, 'hash'>): Result<PolicyVersion, StoreError>;
  latest(): Result<PolicyVersion | undefined, StoreError>;
  /** Newest first; at most 1,000. Rows that cannot be read are left out and counted. */
  list(limit: number): Result<readonly PolicyVersion[], StoreError>;
}

/** Over the table of policy versions; unreadable rows are counted in `refused` and left out. */
export function openPolicyVersions(database: Database, refused: RefusedRows): PolicyVersionRecords {
  const write = database.prepare('INSERT INTO policy_versions (hash, at, body) VALUES (?, ?, ?)');
  const select = database.prepare('SELECT body FROM policy_versions ORDER BY id DESC LIMIT ?');

  function list(limit: number): Result<readonly PolicyVersion[], StoreError> {
    return database.attempt('The versions of the policy were not read', () =>
      select
        .all(boundedLimit(limit))
        .flatMap(({ body }) => decodeBody('policy_versions', body, versionSchema, refused) ?? []),
    );
  }

  function latest(): Result<PolicyVersion | undefined, StoreError> {
    const versions = list(1);
    return versions.ok ? { ok: true, value: versions.value[0] } : versions;
  }

  return {
    put(policy) {
      const wanted = 'The version of the policy was not recorded';
      const hash = createHash('sha256').update(policy.text, 'utf8').digest('hex');
      const version: PolicyVersion = { ...policy, hash };
      const last = latest();
      if (!last.ok) return last;
      if (last.value !== undefined && isSame(last.value, version)) {
        return { ok: true, value: last.value };
      }
      const body = encodeBody(wanted, version);
      if (!body.ok) return body;
      return database.attempt(wanted, () => {
        write.run(hash, wholeMoment(version.loadedAt), body.value);
        return version;
      });
    },
    latest,
    list,
  };
}

function isSame(one: PolicyVersion, other: PolicyVersion): boolean {
  return one.hash === other.hash && pathOf(one.source) === pathOf(other.source);
}

function pathOf(source: PolicySource): string | undefined {
  switch (source.kind) {
    case 'default':
      return undefined;
    case 'file':
      return source.path;
  }
}

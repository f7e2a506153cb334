import { z } from 'zod';
import { findingKinds } from '../model/finding.ts';
import type { Store } from '../record/store.ts';
import type { Result } from '../runtime/result.ts';
import type { StoreError } from '../record/store-error.ts';

/** Where what a person said of findings is kept in the record. */
export const triageKey = 'triage';

/** Of what is normal, of false alarms and of mutes, each, at most. */
export const mostWords = 1000;

const ofFinding = {
  finding: z.string(),
  workload: z.string(),
  container: z.string(),
  at: z.number(),
};

const mutes = z
  .array(
    z.object({
      workload: z.string(),
      kind: z.enum(findingKinds),
      since: z.number(),
      until: z.number(),
    }),
  )
  .max(mostWords);

const present = z.object({
  words: z
    .array(z.object({ says: z.enum(['normal', 'false-alarm']), ...ofFinding }))
    .max(2 * mostWords),
  mutes,
});

/** What a person said, as it is kept: of a finding one thing at most. */
export type TriageState = Readonly<z.infer<typeof present>>;

/** What a person said of one finding. */
export type StoredWord = TriageState['words'][number];

/** As it was kept before; what was called false and is over has no container there, and is let go. */
const earlier = z
  .object({
    acknowledged: z
      .array(z.object({ ...ofFinding, isFalse: z.literal(true).exactOptional() }))
      .max(mostWords),
    mutes,
  })
  .transform(({ acknowledged, mutes: muted }): TriageState => ({
    words: acknowledged.map(({ isFalse, ...of }) => ({
      says: isFalse ? 'false-alarm' : 'normal',
      ...of,
    })),
    mutes: muted,
  }));

/** What was kept; undefined where nothing was. Fails where the record cannot be read. */
export function readTriage(
  store: Pick<Store, 'settings'>,
): Result<TriageState | undefined, StoreError> {
  return store.settings.get(triageKey, z.union([present, earlier]));
}

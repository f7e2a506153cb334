import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { changesSchema, type ListChange } from '../../egress/list/change.ts';
import { deadlinesSchema, type DeadlineRecord } from '../../egress/list/deadlines.ts';
import type { ChangeRecord } from '../../egress/egress.ts';
import { usesSchema, type UseRecord } from '../../egress/past/rule-uses.ts';
import type { EgressObservation } from '../../model/observation.ts';
import type { Store } from '../../record/store.ts';
import type { Losses } from '../losses.ts';

/** What is kept of egress beside the lists themselves. */
export interface EgressRecord {
  readonly changes: ChangeRecord;
  readonly uses: UseRecord;
  readonly deadlines: DeadlineRecord;
  /** Where a container of the image was seen to talk to, and which names it asked for. */
  seen(observation: EgressObservation, image: string | undefined): void;
}

const deadlinesKey = 'egress-deadlines';

/** The changes of one list that can be taken back, in characters of JSON; the last one always can. */
const longestChanges = 512 * 1024;

/** Over the record. */
export function createEgressRecord(
  {
    settings,
    egress,
    egressNames,
    egressKinds,
  }: Pick<Store, 'settings' | 'egress' | 'egressNames' | 'egressKinds'>,
  losses: Losses,
): EgressRecord {
  const changesKey = (workload: string): string => `egress-changes ${workload}`;
  const usesKey = (workload: string): string => `egress-uses ${workload}`;
  return {
    changes: {
      read(workload) {
        const kept = settings.get(changesKey(workload), keptChangesSchema);
        losses.check(kept);
        return kept.ok ? unpacked(kept.value ?? []) : [];
      },
      write: (workload, changes) =>
        losses.check(settings.set(changesKey(workload), packed(withinBounds(changes)))),
    },
    uses: {
      read(workload) {
        const kept = settings.get(usesKey(workload), usesSchema);
        losses.check(kept);
        return kept.ok ? kept.value : undefined;
      },
      write: (workload, uses) => losses.check(settings.set(usesKey(workload), uses)),
    },
    deadlines: {
      read() {
        const kept = settings.get(deadlinesKey, deadlinesSchema);
        losses.check(kept);
        return kept.ok ? (kept.value ?? []) : [];
      },
      write: (kept) => losses.check(settings.set(deadlinesKey, kept)),
    },
    seen(observation, image) {
      const { workload, at, destinations, names, omitted } = observation;
      const { refusedKinds: kinds = [], omittedNames = 0, lostEntries = 0 } = observation;
      const added = egress.add({ workload, image, at, destinations });
      losses.check(added);
      const lost = omitted + (added.ok ? added.value : destinations.length);
      if (lost > 0) losses.count('egress destinations not recorded one by one', lost);
      const named = egressNames.add({ workload, at, names });
      losses.check(named);
      if (named.ok && named.value > 0) losses.count('names not recorded one by one', named.value);
      losses.check(egressKinds.add({ workload, at, kinds }));
      if (omittedNames > 0) losses.count('questions of DNS not told one by one', omittedNames);
      if (lostEntries > 0) losses.count('entries of resolvers’ logs that nobody read', lostEntries);
    },
  };
}

/** A list of ten thousand rules that was taken away is too long to be kept as it is. */
const keptChangesSchema = z.union([changesSchema, z.object({ deflated: z.string() })]);

type KeptChanges = z.infer<typeof keptChangesSchema>;

const longestPlain = 64 * 1024;
const mostInflated = 32 * 1024 * 1024;

function packed(changes: readonly ListChange[]): KeptChanges {
  const text = JSON.stringify(changes);
  if (text.length <= longestPlain) return changes;
  return { deflated: deflateRawSync(text).toString('base64') };
}

/** None where they cannot be read. */
function unpacked(kept: KeptChanges): readonly ListChange[] {
  if (!('deflated' in kept)) return kept;
  try {
    const bytes = Buffer.from(kept.deflated, 'base64');
    const text = inflateRawSync(bytes, { maxOutputLength: mostInflated }).toString('utf8');
    return changesSchema.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

/** Without the oldest, as far as they are too long together. */
function withinBounds(changes: readonly ListChange[]): readonly ListChange[] {
  let [kept, length] = [0, 0];
  for (const change of changes.toReversed()) {
    length += JSON.stringify(change).length;
    if (length > longestChanges && kept > 0) break;
    kept += 1;
  }
  return changes.slice(changes.length - kept);
}

import { z } from 'zod';
import { packProfile, unpackProfile } from '../../detect/profile.ts';
import { baselineVersion, packBaseline, unpackBaseline } from '../../detect/learned.ts';
import type { LearnedBaseline } from '../../detect/learned.ts';
import { mostLearnedStarts } from '../../detect/starts/learned-starts.ts';
import type { Baseline } from '../../model/baseline.ts';
import type { Moment } from '../../model/time.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { readProfile } from './stored-profile.ts';

const pairs = z.array(z.tuple([z.number(), z.number()])).max(1000);

const bySeries = z.object({
  cpu: pairs,
  memory: pairs,
  processes: pairs,
  sent: pairs,
  received: pairs,
  block: pairs,
});

const paths = z.array(z.string().max(1100)).max(mostLearnedStarts);

const packed = z.object({
  seconds: bySeries,
  floors: z.object({ cpu: pairs, sent: pairs }),
  uploads: pairs,
  longUploads: pairs.optional(),
  // One that was stored before there was such a thing has none.
  restless: pairs.default([]),
  restlessFive: pairs.default([]),
  learnedMs: z.number().nonnegative(),
  weight: z.number().positive(),
  execs: z.number().nonnegative(),
  profile: z.unknown().optional(),
  starts: z.object({ programs: paths, pairs: paths, places: paths, calls: paths }).optional(),
});

/** A baseline as it is stored. */
export function toStored(
  workload: WorkloadKey,
  baseline: LearnedBaseline,
  updatedAt: Moment,
): Baseline {
  const state = { ...packBaseline(baseline), profile: packProfile(baseline.profile) };
  return { workload, version: baselineVersion, updatedAt, state };
}

/**
 * A stored baseline; undefined when it is of another version or not what Sentra writes. What cannot be
 * read of its profile is learned anew.
 */
export function fromStored(stored: Baseline): LearnedBaseline | undefined {
  if (stored.version !== baselineVersion) return undefined;
  const parsed = packed.safeParse(stored.state);
  if (!parsed.success) return undefined;
  return unpackBaseline(parsed.data, unpackProfile(readProfile(parsed.data.profile)));
}

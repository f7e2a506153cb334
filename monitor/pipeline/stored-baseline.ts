import { z } from 'zod';
import { baselineVersion, packBaseline, unpackBaseline } from '../detect/learned.ts';
import type { LearnedBaseline } from '../detect/learned.ts';
import { mostLearnedStarts } from '../detect/starts/learned-starts.ts';
import type { Baseline } from '../model/baseline.ts';
import type { Moment } from '../model/time.ts';
import type { WorkloadKey } from '../model/workload.ts';

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
  floors: bySeries,
  uploads: pairs,
  learnedMs: z.number().nonnegative(),
  weight: z.number().positive(),
  execs: z.number().nonnegative(),
  starts: z.object({ programs: paths, pairs: paths, places: paths, calls: paths }).optional(),
});

/** A baseline as it is stored. */
export function toStored(
  workload: WorkloadKey,
  baseline: LearnedBaseline,
  updatedAt: Moment,
): Baseline {
  return { workload, version: baselineVersion, updatedAt, state: packBaseline(baseline) };
}

/** A stored baseline; undefined when it is of another version or not what Sentra writes. */
export function fromStored(stored: Baseline): LearnedBaseline | undefined {
  if (stored.version !== baselineVersion) return undefined;
  const parsed = packed.safeParse(stored.state);
  return parsed.success ? unpackBaseline(parsed.data) : undefined;
}

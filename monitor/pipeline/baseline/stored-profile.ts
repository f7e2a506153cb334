import { z } from 'zod';
import { alarmsPerDayBounds } from '../../detect/budget/alarm-budget.ts';
import { mostSpans } from '../../detect/budget/alarm-tally.ts';
import { alarmSources } from '../../detect/budget/alarm-source.ts';
import { channelsTogether } from '../../detect/together/together-core.ts';
import type { PackedProfile } from '../../detect/profile.ts';
import { mostKinds, mostMixes } from '../../detect/syscalls/learned-mixes.ts';

const time = z.number().nonnegative();
const pairs = z.array(z.tuple([z.number().nonnegative(), z.number().nonnegative()])).max(128);
const tops = z.array(z.tuple([z.string().max(300), z.number().nonnegative()])).max(1000);

const series = z.object({
  now: z.object({
    seen: z.number().nonnegative(),
    low: z.number(),
    high: z.number(),
    middle: z.number(),
    deviation: z.number().nonnegative(),
  }),
  scores: pairs,
});

const views = z.object({
  now: z.object({
    seen: z.number().nonnegative(),
    last: z.number(),
    localMean: z.number(),
    meanDeviation: z.number().nonnegative(),
    usualStep: z.number().nonnegative(),
    localStep: z.number().nonnegative(),
    strength: z.number(),
  }),
  mean: pairs,
  unrest: pairs,
  together: pairs,
});
const square = z.number().nonnegative();
const nats = z.number().min(0).max(1e6);

const together = z.object({
  views: z.object({
    cpu: views,
    memory: views,
    processes: views,
    sent: views,
    received: views,
    block: views,
  }),
  many: z.object({
    seen: z.number().nonnegative(),
    channels: z
      .array(
        z.object({
          low: z.number(),
          high: z.number(),
          middle: z.number(),
          last: z.number(),
          recent: z.number(),
          squares: z.tuple([square, square, square]),
        }),
      )
      .length(channelsTogether),
    views: z
      .array(z.object({ score: z.number(), mean: z.number(), variance: z.number().nonnegative() }))
      .length(3),
    together: pairs,
  }),
  rate: views.extend({ level: series }),
  mix: pairs,
  gains: pairs,
  places: series,
  record: z.object({ before: nats, now: nats, sinceMs: time }),
  watchedMs: time,
});

const strength = z.number().min(0).max(1000);
const moments = z.array(time).max(64);
const share = z.int().min(1).max(100_000);

const parts = {
  cores: z.object({
    cpu: series,
    memory: series,
    processes: series,
    sent: series,
    received: series,
    block: series,
  }),
  together,
  calls: z.object({
    tops,
    watchedMs: time,
    prior: z.object({ tops, watchedMs: time }).exactOptional(),
  }),
  mixes: z.object({
    // Two of the same name would be counted in one place.
    kinds: z
      .array(z.string().max(300))
      .max(mostKinds)
      .refine((kinds) => new Set(kinds).size === kinds.length),
    known: z
      .array(z.tuple([z.number().positive(), z.array(z.tuple([z.int().nonnegative(), share]))]))
      .max(mostMixes),
    watchedMs: time,
    farthest: z.object({
      beforeSinceMs: time,
      before: z.number().min(0).max(1),
      sinceMs: time,
      now: z.number().min(0).max(1),
    }),
    prior: z.object({ distance: z.number().min(0).max(1), watchedMs: time }),
  }),
  domains: tops,
  places: z.object({
    places: z.array(z.tuple([z.string().max(300), time])).max(128),
    firsts: z.array(time).max(16),
    since: time.exactOptional(),
    watchedSince: time.exactOptional(),
    image: z.string().max(300).exactOptional(),
    imageSince: time.exactOptional(),
  }),
  volumes: z.array(z.tuple([z.string().max(300), z.number().nonnegative()])).max(128),
  escapes: z.object({
    sinceMs: time,
    latest: z.array(z.tuple([z.string().max(300), time])).max(64),
  }),
  budget: z.object({
    alarmsPerDay: z.number().min(alarmsPerDayBounds.least).max(alarmsPerDayBounds.most),
    watchedMs: time,
    correction: z.number().min(-1000),
    togetherCorrection: z.number().min(-1000).max(0).exactOptional(),
    episodes: z.partialRecord(
      z.enum(alarmSources),
      z.array(z.union([z.tuple([time, strength]), z.tuple([time, strength, z.number()])])).max(65),
    ),
    alarms: z
      .array(z.tuple([time, time]))
      .max(mostSpans)
      .exactOptional(),
    told: moments.exactOptional(),
    beside: moments.exactOptional(),
    markedFalse: z.array(z.union([time, z.tuple([time, z.string().max(1024)])])).max(64),
  }),
};

/** What can be read of a stored profile; each part that is not what Sentra writes is left out. */
export function readProfile(stored: unknown): Partial<PackedProfile> {
  const found = z.looseObject({}).safeParse(stored);
  const part = <Value>(name: keyof PackedProfile, schema: z.ZodType<Value>): Value | undefined =>
    schema.safeParse(found.data?.[name]).data;
  const cores = part('cores', parts.cores);
  const together = part('together', parts.together);
  const calls = part('calls', parts.calls);
  const mixes = part('mixes', parts.mixes);
  const domains = part('domains', parts.domains);
  const places = part('places', parts.places);
  const volumes = part('volumes', parts.volumes);
  const escapes = part('escapes', parts.escapes);
  const budget = part('budget', parts.budget);
  return {
    ...(cores && { cores }),
    ...(together && { together }),
    ...(calls && { calls }),
    ...(mixes && { mixes }),
    ...(domains && { domains }),
    ...(places && { places }),
    ...(volumes && { volumes }),
    ...(escapes && { escapes }),
    ...(budget && { budget }),
  };
}

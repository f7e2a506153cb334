import { z } from 'zod';
import type { Baseline } from '../../model/baseline.ts';
import type { RecordingEntry, RecordingHead } from '../../model/recording.ts';
import type { ContainerId, WorkloadKey } from '../../model/workload.ts';
import { findingSchema, maybe } from '../../rpc/schema/model-schema.ts';
import { observationSchema } from '../../rpc/schema/observation-schema.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** Grows when the meaning of a line changes; other versions are not read. */
const recordingVersion = 1;

const headSchema = z.object({
  sentra: z.literal('recording'),
  version: z.number(),
  startedAt: z.number(),
  learnMs: z.number().min(0),
  hostCpus: z.number().positive(),
});

const baselineSchema: z.ZodType<Baseline> = z.object({
  workload: z.string(),
  version: z.number(),
  updatedAt: z.number(),
  state: z.unknown(),
});

const begin = z.object({
  begin: z.int().min(0),
  workload: z.string(),
  container: z.string(),
  learned: maybe(baselineSchema),
  open: z.array(findingSchema),
  sibling: z.unknown().optional(),
});

const lineSchema = z.union([
  begin,
  z.object({ of: z.int().min(0).optional(), observed: z.looseObject({}) }),
  z.object({ end: z.int().min(0), at: z.number() }),
  z.object({ lost: z.number() }),
  z.object({ closed: z.literal(true) }),
]);

/** The first line of a recording. */
export function headLine(head: RecordingHead): string {
  return JSON.stringify({ sentra: 'recording', version: recordingVersion, ...head });
}

/** What the first line says; a sentence where it is no recording that can be read. */
export function parseHead(line: string): Result<RecordingHead, string> {
  const parsed = headSchema.safeParse(parseJson(line));
  if (!parsed.success) return failed('It is not a recording of Sentra.');
  const { version, startedAt, learnMs, hostCpus } = parsed.data;
  if (version !== recordingVersion) {
    return failed(
      `It is a recording of version ${version}; this Sentra reads ${recordingVersion}.`,
    );
  }
  return ok({ startedAt, learnMs, hostCpus });
}

/**
 * Puts entries into lines. A container is named in full once, where it begins, and then by a number:
 * its id and key would be half of every line.
 */
export function createLineEncoder(): (entry: RecordingEntry) => string {
  const numbers = new Map<string, number>();
  let next = 0;
  return (entry) => {
    switch (entry.kind) {
      case 'begin': {
        const { workload, container, learned, open, sibling } = entry;
        const number = next++;
        numbers.set(slotOf(workload, container), number);
        return JSON.stringify({ begin: number, workload, container, learned, open, sibling });
      }
      case 'observation': {
        const { observation } = entry;
        if (observation.kind === 'host') return JSON.stringify({ observed: observation });
        const { workload, container, ...observed } = observation;
        const number = numbers.get(slotOf(workload, container));
        return number === undefined
          ? JSON.stringify({ observed: observation })
          : JSON.stringify({ of: number, observed });
      }
      case 'end': {
        const slot = slotOf(entry.workload, entry.container);
        const number = numbers.get(slot);
        numbers.delete(slot);
        // One that never began leads to nothing, and is as good as lost.
        return JSON.stringify(number === undefined ? { lost: 1 } : { end: number, at: entry.at });
      }
      case 'lost':
        return JSON.stringify({ lost: entry.entries });
      case 'closed':
        return JSON.stringify({ closed: true });
    }
  };
}

/** Takes lines apart again; a sentence for one that is not what the encoder writes. */
export function createLineDecoder(): (line: string) => Result<RecordingEntry, string> {
  const containers = new Map<number, { workload: WorkloadKey; container: ContainerId }>();
  return (line) => {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (!parsed.success) return failed('A line is not one of a recording.');
    const { data } = parsed;
    if ('begin' in data) {
      const { begin: number, ...rest } = data;
      containers.set(number, { workload: rest.workload, container: rest.container });
      return ok({ kind: 'begin', ...rest, sibling: rest.sibling });
    }
    if ('observed' in data) {
      const named = data.of === undefined ? {} : containers.get(data.of);
      if (named === undefined) return failed('A line is about a container that never began.');
      const observation = observationSchema.safeParse({ ...data.observed, ...named });
      if (!observation.success) return failed('An observation is not one that Sentra makes.');
      return ok({ kind: 'observation', observation: observation.data });
    }
    if ('end' in data) {
      const named = containers.get(data.end);
      if (named === undefined) return failed('A container ends that never began.');
      containers.delete(data.end);
      return ok({ kind: 'end', ...named, at: data.at });
    }
    return ok('lost' in data ? { kind: 'lost', entries: data.lost } : { kind: 'closed' });
  };
}

function slotOf(workload: WorkloadKey, container: ContainerId): string {
  return `${container} ${workload}`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

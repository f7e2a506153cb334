import { z } from 'zod';
import type { Observation, ProcessEntry, ResourceObservation } from '../../model/observation.ts';
import { egressObservationSchema } from './egress-schema.ts';
import { coverageSchema, maybe } from './model-schema.ts';
import { wholeSchema } from './whole-schema.ts';

const ofContainer = { at: z.number(), workload: z.string(), container: z.string() };

/** One process as it crosses a border. */
export const processEntrySchema: z.ZodType<ProcessEntry> = z.object({
  pid: z.number(),
  parentPid: maybe(z.number()),
  user: z.string(),
  command: z.string(),
});

const resource = z.object({
  ...ofContainer,
  kind: z.literal('resource'),
  intervalMs: z.number(),
  cpuCores: z.number(),
  throttledShare: z.number(),
  memoryBytes: z.number(),
  anonymousBytes: z.number(),
  cacheBytes: z.number(),
  memoryLimitBytes: z.number(),
  memoryLimited: z.boolean(),
  faultsPerSecond: z.number(),
  pids: z.number(),
  pidsLimit: maybe(z.number()),
  forksRefused: maybe(z.number()),
  network: maybe(
    z.object({
      receivedBytes: z.number(),
      sentBytes: z.number(),
      receivedPackets: z.number(),
      sentPackets: z.number(),
    }),
  ),
  block: maybe(z.object({ readBytes: z.number(), writtenBytes: z.number() })),
  carrier: z.enum(['cgroup', 'stats']),
});

/** A resource reading as it crosses a border. */
export const resourceSchema: z.ZodType<ResourceObservation> = resource;

const lifecycleEvent = z.discriminatedUnion('name', [
  z.object({ name: z.enum(['start', 'out-of-memory', 'pause', 'unpause', 'restart', 'destroy']) }),
  z.object({ name: z.literal('die'), exitCode: maybe(z.number()) }),
  z.object({ name: z.literal('exec'), command: z.string() }),
  z.object({ name: z.literal('health'), healthy: z.boolean() }),
  z.object({ name: z.enum(['network-attach', 'network-detach']), network: z.string() }),
]);

const controlEvent = z.discriminatedUnion('name', [
  z.object({ name: z.enum(['paused', 'resumed', 'contained', 'released', 'killed']) }),
  z.object({
    name: z.enum(['acknowledged', 'unacknowledged', 'marked-false', 'unmarked-false']),
    finding: z.string(),
  }),
  z.object({ name: z.literal('budget-changed'), alarmsPerDay: z.number() }),
]);

/** What process starts and rare calls tell of the process. */
export const observationProcess = {
  pid: z.number(),
  parentPid: z.number(),
  uid: z.number(),
  program: z.string(),
  programIsNew: z.boolean(),
};

/** What a process start tells beside. */
export const processStartMembers = {
  parentProgram: z.string(),
  inMemory: z.boolean(),
  network: maybe(z.object({ input: z.boolean(), output: z.boolean(), peer: z.string() })),
  arguments: z.array(z.string()),
  fromOutside: z.boolean(),
  gainsRoot: z.literal(true).exactOptional(),
};

/** What a rare call tells beside. */
export const rareCallMembers = {
  call: z.string(),
  compat: z.boolean(),
  error: maybe(z.string()),
  target: z.string(),
  writes: z.boolean(),
  own: z.boolean(),
  parentUid: z.number(),
};

/** An observation as it crosses a border. */
export const observationSchema = wholeSchema<Observation>()(
  z.discriminatedUnion('kind', [
    resource,
    z.object({ ...ofContainer, kind: z.literal('lifecycle'), event: lifecycleEvent }),
    z.object({
      ...ofContainer,
      kind: z.literal('process'),
      processes: z.array(processEntrySchema),
      omitted: z.number(),
    }),
    z.object({
      ...ofContainer,
      kind: z.literal('syscalls'),
      intervalMs: z.number(),
      counts: z.record(z.string(), z.number()),
      failed: z.record(z.string(), z.number()),
      lost: z.number(),
      lostCalls: z.number().optional(),
    }),
    z.object({
      ...ofContainer,
      ...observationProcess,
      ...processStartMembers,
      kind: z.literal('process-start'),
    }),
    z.object({
      ...ofContainer,
      ...observationProcess,
      ...rareCallMembers,
      kind: z.literal('rare-call'),
    }),
    z.object({
      kind: z.literal('host'),
      at: z.number(),
      loadPerCore: z.number(),
      memoryAvailableShare: z.number(),
      onBattery: maybe(z.boolean()),
    }),
    z.object({ ...ofContainer, kind: z.literal('coverage'), coverage: coverageSchema }),
    z.object({ ...ofContainer, kind: z.literal('control'), event: controlEvent }),
    egressObservationSchema,
  ]),
);

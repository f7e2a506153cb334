import { z } from 'zod';

/**
 * How a monitor is started in a process of its own. Members left out mean the default; see
 * `MonitorOptions` in service.ts.
 */
export const processOptionsSchema = z.strictObject({
  engine: z.string().max(4096).optional(),
  policyFile: z.string().max(4096).optional(),
  learnMs: z.number().min(0).optional(),
  intervalMs: z.number().min(100).max(2000).optional(),
  /** Absolute; default as the command line has it. */
  stateFolder: z.string().max(4096).optional(),
  simulate: z.boolean().optional(),
  byApi: z.boolean().optional(),
});

export type ProcessOptions = z.infer<typeof processOptionsSchema>;

/** What whoever started the process sends it. `start` comes first and once. */
export const toProcessSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start'), options: processOptionsSchema }),
  /** A message of the protocol (protocol.ts); after `ready` only. */
  z.strictObject({ type: z.literal('rpc'), message: z.unknown() }),
  /** Stop cleanly; the process then ends with code 0. */
  z.strictObject({ type: z.literal('stop') }),
]);

export type ToProcess = z.infer<typeof toProcessSchema>;

/** Why a process has no monitor. Sentences for a person. */
export const processFailureSchema = z.object({
  kind: z.enum(['failed', 'no-permission', 'no-engine', 'already-running']),
  message: z.string(),
  advice: z.string(),
  /** With `already-running`: of the engine that is watched; its control socket can be called. */
  engineId: z.string().optional(),
});

export type ProcessFailure = z.infer<typeof processFailureSchema>;

/** What the process sends. */
export const fromProcessSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    engineId: z.string(),
    simulated: z.boolean(),
    /** Why `sentra status` will not find this monitor; undefined where it will. */
    noControlSocket: z.string().optional(),
  }),
  /** Nothing was started; the process ends with code 1. */
  z.object({ type: z.literal('failed'), failure: processFailureSchema }),
  z.object({ type: z.literal('rpc'), message: z.unknown() }),
  /** The last message: everything is written and given back. */
  z.object({ type: z.literal('stopped') }),
]);

export type FromProcess = z.infer<typeof fromProcessSchema>;

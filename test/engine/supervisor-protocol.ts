import * as z from 'zod';

/** What the supervisor is told on its command line, as JSON. */
export const supervisorOptions = z.object({
  /** The group that may use the engine's socket. */
  group: z.int().min(0),
  /** Further arguments for dockerd. */
  daemonArguments: z.array(z.string()),
});
export type SupervisorOptions = z.infer<typeof supervisorOptions>;

/** What a supervisor can be asked, one JSON object a line on its standard input. */
export const supervisorCommand = z.object({
  id: z.int(),
  command: z.enum([
    'stop',
    'stop-daemon',
    'start-daemon',
    'restart-daemon',
    'pause-daemon',
    'resume-daemon',
    'kill-daemon',
  ]),
});
export type SupervisorCommand = z.infer<typeof supervisorCommand>['command'];

/** The engine as the supervisor knows it. A pid is 0 while there is no such process. */
export const engineState = z.object({
  engineId: z.string(),
  directory: z.string(),
  socketPath: z.string(),
  hostAddress: z.string(),
  engineAddress: z.string(),
  cgroupParent: z.string(),
  supervisorPid: z.int(),
  holderPid: z.int(),
  dockerdPid: z.int(),
  containerdPid: z.int(),
});
export type EngineState = z.infer<typeof engineState>;

/** What it answers, one JSON object a line; id 0 is the answer to its start. */
export const supervisorAnswer = z.object({
  id: z.int(),
  error: z.string().optional(),
  state: engineState.optional(),
});
export type SupervisorAnswer = z.infer<typeof supervisorAnswer>;

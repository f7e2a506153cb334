import { z } from 'zod';
import type { PlannedAction } from '../model/decision.ts';
import { quoted } from './problem.ts';
import { quantity } from './quantity-schema.ts';
import { didYouMean } from './suggestion.ts';

/** Docker's own default: what a container gets between SIGTERM and SIGKILL. */
const defaultGraceSeconds = 10;

const plainNames = ['notify', 'pause', 'kill', 'stop', 'quarantine'] as const;
const allNames = [...plainNames, 'limit'];

const stopSettings = z
  .strictObject({ grace: quantity('duration', { least: 0, most: '5m' }).optional() })
  .transform(({ grace }): PlannedAction => ({
    kind: 'stop',
    // The engine counts whole seconds; rounding up keeps what was promised to the container.
    graceSeconds: grace === undefined ? defaultGraceSeconds : Math.ceil(grace / 1000),
  }));

const limitSettings = z
  .strictObject({
    cpus: z
      .number('This wants a number of cores, such as 0.5.')
      // The least and the step that the engine takes.
      .min(0.01, 'At least 0.01 of a core.')
      .max(1024, 'At most 1024 cores.')
      .optional(),
    // Docker refuses less than 6 MB.
    memory: quantity('size', { least: '6MiB', most: '65536GiB' }).optional(),
    pids: z
      .int('This wants a whole number of processes.')
      .min(1, 'At least 1 process.')
      .max(4_194_304, 'At most 4194304 processes.')
      .optional(),
  })
  .refine(
    ({ cpus, memory, pids }) => cpus !== undefined || memory !== undefined || pids !== undefined,
    'A limit wants cpus, memory or pids.',
  )
  .transform(({ cpus, memory, pids }): PlannedAction => ({
    kind: 'limit',
    cpus,
    memoryBytes: memory,
    pids,
  }));

/** One entry of `do`: a word, or a word with settings such as `{stop: {grace: 10s}}`. */
export const actionSchema: z.ZodType<PlannedAction> = z.unknown().transform((written, context) => {
  const refuse = (message: string, path: PropertyKey[] = []): PlannedAction => {
    context.addIssue({ code: 'custom', message, path });
    return z.NEVER;
  };
  if (typeof written === 'string') {
    return plainAction(written) ?? refuse(unknownAction(written));
  }
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    return refuse(`An action is one of ${allNames.join(', ')}.`);
  }
  const [entry, ...more] = Object.entries(written);
  if (entry === undefined || more.length > 0) {
    return refuse('An action has one name. Write each action as its own entry of the list.');
  }
  const [name, settings] = entry as [string, unknown];
  if (name !== 'stop' && name !== 'limit') {
    return plainAction(name) === undefined
      ? refuse(unknownAction(name))
      : refuse(`"${name}" has no settings. Write it alone.`);
  }
  const parsed = (name === 'stop' ? stopSettings : limitSettings).safeParse(settings, {
    reportInput: true,
  });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const raw = { ...issue, path: [name, ...issue.path] };
    context.issues.push(raw as z.core.$ZodRawIssue);
  }
  return z.NEVER;
});

function plainAction(name: string): PlannedAction | undefined {
  switch (name) {
    case 'notify':
    case 'pause':
    case 'kill':
    case 'quarantine':
      return { kind: name };
    case 'stop':
      return { kind: 'stop', graceSeconds: defaultGraceSeconds };
    default:
      return undefined;
  }
}

function unknownAction(name: string): string {
  if (name === 'limit') return 'A limit wants settings, such as {limit: {cpus: 0.5}}.';
  const hint = didYouMean(name, allNames) || ` It is one of ${allNames.join(', ')}.`;
  return `There is no action ${quoted(name)}.${hint}`;
}

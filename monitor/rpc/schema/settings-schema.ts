import { z } from 'zod';
import { answerSchema } from './answer-schema.ts';
import { engineSchema } from './service-schema.ts';
import type { EngineRefusal, SettingsRefusal, SettingsView } from '../service/service-settings.ts';
import type { EngineView } from '../service/service.ts';

const retention = z.object({ days: z.number(), megabytes: z.number() });

const patterns = z.object({
  names: z.array(z.string()),
  images: z.array(z.string()),
  composeProjects: z.array(z.string()),
  labels: z.array(z.object({ key: z.string(), pattern: z.union([z.string(), z.literal(true)]) })),
});

/** What a person can set, as it crosses a border. */
export const settingsSchema: z.ZodType<SettingsView> = z.object({
  retention,
  defaultRetention: retention,
  record: z.object({ path: z.string(), megabytes: z.number() }),
  selection: z.object({ only: patterns, exclude: patterns }),
});

/** What `setRetention` answers. */
export const settingsAnswerSchema = answerSchema<SettingsView, SettingsRefusal>(
  settingsSchema,
  z.object({
    kind: z.enum(['not-recorded', 'not-written', 'bad-selection']),
    message: z.string(),
    advice: z.string(),
  }),
);

/** What `tryEngine` answers. */
export const engineAnswerSchema = answerSchema<EngineView, EngineRefusal>(
  engineSchema,
  z.object({ kind: z.literal('no-engine'), message: z.string(), advice: z.string() }),
);

import { z } from 'zod';

import type { PlannedAction } from '../model/decision.ts';
import { absent } from './stored-document.ts';

/** What a rule asks for, as it is stored. */
export const plannedActionSchema: z.ZodType<PlannedAction> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('notify') }),
  z.object({ kind: z.literal('pause') }),
  z.object({ kind: z.literal('kill') }),
  z.object({ kind: z.literal('stop'), graceSeconds: z.number() }),
  z.object({
    kind: z.literal('limit'),
    cpus: absent(z.number()),
    memoryBytes: absent(z.number()),
    pids: absent(z.number()),
  }),
  z.object({ kind: z.literal('quarantine') }),
]);

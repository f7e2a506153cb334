import { z } from 'zod';
import { disarmKinds } from '../service/service-disarm.ts';
import type { DisarmList, DisarmReport } from '../service/service-disarm.ts';
import { maybe } from './model-schema.ts';
import { wholeSchema } from './whole-schema.ts';

const item = {
  kind: z.enum(disarmKinds),
  container: maybe(z.string()),
  name: maybe(z.string()),
  words: z.string(),
};

/** What `disarmList` answers. */
export const disarmListSchema = wholeSchema<DisarmList>()(
  z.object({ items: z.array(z.object(item)), unseen: z.array(z.string()) }),
);

/** What `disarm` answers. */
export const disarmReportSchema = wholeSchema<DisarmReport>()(
  z.object({
    items: z.array(z.object({ ...item, failure: maybe(z.string()), proof: z.string() })),
    bound: z.array(
      z.object({
        container: z.string(),
        name: z.string(),
        words: z.string(),
        commands: z.array(z.string()),
      }),
    ),
    proof: maybe(z.string()),
    left: z.array(z.string()),
  }),
);

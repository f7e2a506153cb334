import * as z from 'zod';
import type { ProcessTable } from './port.ts';
import { optionalTexts } from './payload.ts';

/** The answer to GET /containers/{id}/top: titles and rows as `ps` printed them, untrusted text. */
export const topPayload = z
  .object({
    Titles: optionalTexts,
    Processes: z
      .array(z.array(z.string()))
      .nullish()
      .transform((rows) => rows ?? []),
  })
  .transform((table): ProcessTable => ({ titles: table.Titles, rows: table.Processes }));

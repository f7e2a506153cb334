import { z } from 'zod';

const pattern = z.string().min(1).max(512);
const some = z.array(pattern).max(100).readonly();

const patterns = z.strictObject({
  names: some,
  images: some,
  composeProjects: some,
  labels: z
    .array(z.strictObject({ key: pattern, pattern: z.union([pattern, z.literal(true)]) }))
    .max(100)
    .readonly(),
});

/** Which containers are meant, as a driver asks for it. */
export const selectionSchema = z.strictObject({ only: patterns, exclude: patterns });

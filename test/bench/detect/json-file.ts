import { z } from 'zod';
import { DataSetError } from './data-set-error.ts';
import { textOf } from './number-table.ts';

/** A file of JSON as `schema` has it; an error that names the file and the place in it where it is not. */
export function parsedFile<Value>(schema: z.ZodType<Value>, path: string): Value {
  const text = textOf(path);
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new DataSetError(`${path} is not as it should be: ${reasonOf(error)}.`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const [issue] = error instanceof z.ZodError ? error.issues : [];
  if (issue !== undefined) return `${issue.path.join('.') || 'all of it'}: ${issue.message}`;
  return error instanceof Error ? error.message : String(error);
}

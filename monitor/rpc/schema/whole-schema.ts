import type { z } from 'zod';

/** The same with every member named, in depth: those that may be left out as well. */
type Whole<Value> = { readonly [Name in keyof Value]-?: Whole<Value[Name]> };

/** Nothing to ask of a schema that knows every member of the model; of another what none can give. */
type Complete<Model, Known> = [Whole<Known>] extends [Whole<Model>]
  ? unknown
  : { readonly 'a member of the model is missing': never };

/**
 * The schema as one of the model. A parsed value has only what its schema knows, and a member that may
 * be left out is missed by nobody: so a schema that does not know all members does not compile.
 */
export function wholeSchema<Model>() {
  return <Schema extends z.ZodType<Model>>(
    schema: Schema & Complete<Model, z.output<Schema>>,
  ): z.ZodType<Model> => schema;
}

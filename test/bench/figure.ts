import type { BenchResult } from './result.ts';

/** The value of the figure of that name; throws where there is none. */
export function figure(results: readonly BenchResult[], name: string): number {
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`No figure "${name}".`);
  return found.value;
}

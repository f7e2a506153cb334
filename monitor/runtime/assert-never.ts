/** For the end of a switch over a union: the compiler proves that it is not reached. Throws if it is. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}

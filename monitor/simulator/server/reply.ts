import type { ServerResponse } from 'node:http';

/** What the engine answers to one call. */
export type Reply =
  /** A body of JSON, already as text. */
  | { readonly kind: 'json'; readonly status: number; readonly text: string }
  | { readonly kind: 'plain'; readonly status: number; readonly text: string }
  | { readonly kind: 'empty'; readonly status: 200 | 204 | 304 }
  /** A body without end; `open` takes the response over and sees to its end. */
  | { readonly kind: 'stream'; readonly open: (response: ServerResponse) => void }
  /** An answer that comes later in virtual time. `wait` calls back once. */
  | { readonly kind: 'later'; readonly wait: (answer: (reply: Reply) => void) => void };

/** 204, Docker's "done". */
export const done: Reply = { kind: 'empty', status: 204 };

/** 304, Docker's "it was so already". */
export const already: Reply = { kind: 'empty', status: 304 };

/** A value as JSON with status 200. */
export function jsonReply(value: unknown): Reply {
  return { kind: 'json', status: 200, text: JSON.stringify(value) + '\n' };
}

/** An error in Docker's form, `{"message": …}`. */
export function errorReply(status: number, message: string): Reply {
  return { kind: 'json', status, text: JSON.stringify({ message }) + '\n' };
}

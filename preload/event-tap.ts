import type { ShellEvent } from './shell.ts';

/**
 * Events kept for a page that does not listen yet. Beyond it the oldest go, which the page sees by a
 * gap in their numbers, and asks anew.
 */
const mostKept = 200;

/** What the shell tells, for a page whose scripts are still being loaded when it begins. */
export interface EventTap {
  readonly tell: (event: ShellEvent) => void;
  /**
   * Calls the listener for each event until the returned function is called; the first listener also
   * for those that came before it.
   */
  readonly listen: (listener: (event: ShellEvent) => void) => () => void;
}

/** A tap that nobody listens to yet. */
export function createEventTap(): EventTap {
  const listeners = new Set<(event: ShellEvent) => void>();
  let early: ShellEvent[] | undefined = [];
  return {
    tell(event) {
      if (early !== undefined) early = [...early, event].slice(-mostKept);
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      const kept = early ?? [];
      early = undefined;
      listeners.add(listener);
      for (const event of kept) listener(event);
      return () => void listeners.delete(listener);
    },
  };
}

import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Time as the composition root hands it out; tests hand out their own. */
export interface Clock {
  /** Wall time, milliseconds since 1970. May jump. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start. Never jumps. */
  monotonic(): number;
  /** Resolves after `milliseconds`, or rejects with the signal's reason. Does not hold the process. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, {
      ref: false,
      ...(signal === undefined ? {} : { signal }),
    });
  },
};

/** Milliseconds since the machine was started, the time that it slept included. Never jumps. */
export function sinceBoot(): number {
  return uptime() * 1000;
}

import type { Container } from './container.ts';

const firstDelayMs = 100;
const longestDelayMs = 60_000;
/** A run of this length makes the next delay the first one again. */
const goodRunMs = 10_000;

/**
 * Milliseconds until the restart policy starts an ended container again, or undefined when it does
 * not: Docker doubles the delay from 100 ms to a minute, and begins anew after a run of ten seconds.
 */
export function restartDelay(container: Container, now: number): number | undefined {
  if (container.stoppedByHand) return undefined;
  const { name, maximumRetryCount } = container.restartPolicy;
  switch (name) {
    case 'no':
      return undefined;
    case 'on-failure':
      if (container.exitCode === 0) return undefined;
      if (maximumRetryCount > 0 && container.restartCount >= maximumRetryCount) return undefined;
      break;
    case 'always':
    case 'unless-stopped':
      break;
  }
  const ranMs = now - (container.startedAt ?? now);
  if (container.restartDelayMs === 0 || ranMs >= goodRunMs) return firstDelayMs;
  return Math.min(container.restartDelayMs * 2, longestDelayMs);
}

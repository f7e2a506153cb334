import type { ProcessStartObservation } from '../../model/observation.ts';

/** The longest path that is told in full, characters. */
const longest = 80;

/** `/usr/bin/bash (process 4711, started by /usr/sbin/nginx)`. */
export function startInWords(start: ProcessStartObservation): string {
  const by = start.fromOutside ? 'from outside' : `by ${cut(start.parentProgram) || 'a process'}`;
  return `${cut(start.program)} (process ${start.pid}, started ${by})`;
}

/** A path that fits into a sentence. */
export function cut(path: string): string {
  return path.length <= longest ? path : `${path.slice(0, longest - 1)}…`;
}

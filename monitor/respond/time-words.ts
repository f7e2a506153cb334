import type { Milliseconds, Moment } from '../model/time.ts';

/** `2026-11-22 14:03:22 UTC`; a moment out of the calendar's range is told as a number. */
export function momentInWords(moment: Moment): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return `moment ${moment}`;
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `0.4 s`, `12.0 s`, `3 min`: negative spans (a clock set back) are told as 0. */
export function spanInWords(span: Milliseconds): string {
  const seconds = Math.max(0, span) / 1000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return `${Math.round(seconds / 60)} min`;
}

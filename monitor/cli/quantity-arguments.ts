import { parseDuration } from '../policy/quantity.ts';
import { failed, ok, type Result } from '../runtime/result.ts';

/** What was wrong with a quantity, and how it is right: sentences. */
interface Complaint {
  readonly message: string;
  readonly advice: string;
}

/**
 * The milliseconds of a span such as `30s`; undefined where none was given. What is no span, or out of
 * its bounds, is refused with how it is right.
 */
export function duration(
  option: string,
  text: string | undefined,
  leastMs: number,
  mostMs: number,
  reason = '',
): Result<number | undefined, Complaint> {
  if (text === undefined) return ok(undefined);
  const value = parseDuration(text);
  if (value === undefined) {
    return failed({
      message: `--${option} does not understand "${text}".`,
      advice: `Give a number with its unit: --${option} 500ms, 30s, 10m or 1h.`,
    });
  }
  if (value >= leastMs && value <= mostMs) return ok(value);
  return failed({
    message: `--${option} ${text} is out of range.`,
    advice: `It goes from ${leastMs} ms to ${mostMs / 1000} s${reason}.`,
  });
}

/**
 * A whole number within its bounds; undefined where none was given. All else is refused with how it is
 * right.
 */
export function wholeNumber(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): Result<number | undefined, Complaint> {
  if (text === undefined) return ok(undefined);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return ok(value);
  return failed({
    message: `--${option} does not take "${text}".`,
    advice: `Give a whole number from ${least} to ${most}.`,
  });
}

import type { RareCallObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import type { Before } from './escape-history.ts';
import { countInWords, spanInWords } from './words.ts';

/** What is told of an attempt. */
export interface EscapeFacts {
  readonly call: string;
  readonly latest: RareCallObservation;
  /** Whether another process made such a call as well. */
  readonly byOthers: boolean;
  readonly firstAt: Moment;
  readonly lastAt: Moment;
  readonly succeeded: number;
  readonly refused: number;
  readonly before: Before;
}

/** Who called what, how often in what span, with what end, and what is known of the time before. */
export function escapeSentence(facts: EscapeFacts): string {
  const { call, latest, byOthers, succeeded, refused } = facts;
  const total = succeeded + refused;
  const span = spanOf(facts.lastAt - facts.firstAt);
  const times = total === 1 ? 'once' : `${countInWords(total)} times in ${span}`;
  const about = latest.target === '' ? '' : ` (${latest.target.slice(0, 80)})`;
  const error = latest.error === undefined ? '' : ` with ${latest.error}`;
  const outcome =
    refused === 0
      ? 'and was not refused'
      : succeeded === 0
        ? `and was refused${error}`
        : `and was refused ${refused === 1 ? 'once' : `${countInWords(refused)} times`}`;
  const others = byOthers ? ' and others' : '';
  return (
    `${latest.program.slice(0, 80)} (process ${latest.pid})${others} called \`${call}\`${about} ` +
    `${times} ${outcome}; containers do not do this by themselves${historyOf(facts)}.`
  );
}

function historyOf({ before, firstAt }: EscapeFacts): string {
  switch (before.name) {
    case 'never':
      return `, and this one never did in ${spanInWords(before.watchedMs)} of watching`;
    case 'made':
      // The clock may have been set back since.
      return before.at > firstAt ? '' : `, and this one had not for ${spanOf(firstAt - before.at)}`;
    case 'unknown':
      return '';
  }
}

/** A tenth of a second at least: `in 0 s` says nothing. The clock may have been set back. */
function spanOf(span: Milliseconds): string {
  return spanInWords(Math.max(100, span));
}

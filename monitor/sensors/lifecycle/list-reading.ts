import type { Moment } from '../../model/time.ts';

/** How a list is taken. */
export type ListReading =
  /** The first list: what it shows is how things stand, nothing happened. */
  | { readonly how: 'accept' }
  /** The event stream was away: what the list shows and no event told has happened meanwhile. */
  | { readonly how: 'derive'; readonly at: Moment; readonly engineMs: number | undefined }
  /** The event stream is open: what the list shows and no event told is held against it. */
  | {
      readonly how: 'compare';
      readonly monotonicMs: number;
      readonly engineMs: number | undefined;
      readonly patienceMs: number;
    };

/** What a list showed beyond what the events told. */
export interface ListVerdict {
  /** Names of containers whose events stayed away for longer than the patience; for the reason. */
  readonly missed: readonly string[];
  /** Containers whose events may still come. */
  readonly doubts: number;
}

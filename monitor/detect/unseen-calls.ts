import type { SyscallsObservation } from '../model/observation.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import { noVerdicts, type Verdict } from './verdict.ts';
import { countInWords, spanInWords } from './words.ts';

/** Calls of a container that may have mattered and came in such crowds that they were only counted. */
export interface UnseenCalls {
  readonly firstAt: Moment;
  readonly lastAt: Moment;
  readonly calls: number;
  readonly recent: readonly { readonly at: Moment; readonly value: number }[];
}

/** How long it stays a finding after the last of them. */
const holdMs: Milliseconds = 60_000;

const mostPoints = 60;

/** What is known after the observation. */
export function noteUnseenCalls(
  known: UnseenCalls | undefined,
  { at, lostCalls = 0 }: Pick<SyscallsObservation, 'at' | 'lostCalls'>,
): UnseenCalls | undefined {
  if (lostCalls === 0) return known;
  // An absolute span: the clock may have been set back since.
  const before = known !== undefined && Math.abs(at - known.lastAt) < holdMs ? known : undefined;
  return {
    firstAt: before?.firstAt ?? at,
    lastAt: at,
    calls: (before?.calls ?? 0) + lostCalls,
    recent: [...(before?.recent ?? []), { at, value: lostCalls }].slice(-mostPoints),
  };
}

/**
 * The verdict that holds at `at`, if any. Ordinary programs make a few such calls a second; whoever
 * makes hundreds may want that one of them goes by unseen.
 */
export function judgeUnseenCalls(unseen: UnseenCalls | undefined, at: Moment): readonly Verdict[] {
  if (unseen === undefined || Math.abs(at - unseen.lastAt) >= holdMs) return noVerdicts;
  return [
    {
      kind: 'escape-attempt',
      series: 'calls that were not looked at',
      severity: 'medium',
      score: 0.6,
      onsetAt: unseen.firstAt,
      sentence:
        `Made so many calls that may matter that ${countInWords(unseen.calls)} of them within ` +
        `${spanInWords(Math.max(1000, unseen.lastAt - unseen.firstAt))} ${unseen.calls === 1 ? 'was' : 'were'} ` +
        'counted and not looked at; ' +
        'what is hidden among them cannot be told.',
      evidence: [
        {
          series: 'calls that were not looked at',
          unit: 'count',
          observed: unseen.calls,
          expected: { low: 0, high: 0 },
          recent: [...unseen.recent],
        },
      ],
      technique: { id: 'T1562', name: 'Impair Defenses' },
    },
  ];
}

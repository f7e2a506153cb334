import type { Moment } from '../../model/time.ts';
import type { Verdict } from '../verdict.ts';
import { bytesInWords } from '../words.ts';

/** What a place is taken to have got once, if it got less: prompts and small files are no baseline. */
export const floorBytes = 1_000_000;

/** What the series of such a finding begins with. */
export const volumeSeries = 'bytes sent to ';

/** What is told of an upload to one place. */
interface Volume {
  readonly place: string;
  /** Bytes within ten minutes. */
  readonly sent: number;
  /** The most bytes that were normal for it in ten minutes; undefined where nothing was learned. */
  readonly before: number | undefined;
  /** The logarithm of how many times more than normal. */
  readonly strength: number;
  /** Whether the upload as a whole is told of already. */
  readonly isTold: boolean;
  readonly onsetAt: Moment;
  /** How much had been sent by then, oldest first. */
  readonly points: readonly { readonly at: Moment; readonly value: number }[];
}

/** The verdict on an upload to one place, before the alarm budget rules on it. */
export function volumeVerdict(volume: Volume): Verdict {
  const { place, sent, before, strength, isTold, onsetAt, points } = volume;
  const history =
    before === undefined
      ? `more than ${bytesInWords(floorBytes)} is not known to be normal for it`
      : `the most that is normal for it in ten minutes was ${bytesInWords(before)}`;
  return {
    kind: 'sustained-upload',
    series: `${volumeSeries}${place}`,
    severity: isTold ? 'info' : 'medium',
    score: 1 - Math.exp(-strength),
    onsetAt,
    sentence: `Has sent ${bytesInWords(sent)} to ${place} within ten minutes; ${history}.`,
    evidence: [
      {
        ...{ series: 'bytes sent', unit: 'bytes', observed: sent, recent: [...points] },
        expected: { low: 0, high: before ?? 0 },
      },
    ],
    technique: { id: 'T1567', name: 'Exfiltration Over Web Service' },
  };
}

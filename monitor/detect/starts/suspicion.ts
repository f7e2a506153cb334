import { atLeast, type FindingKind, type Severity, type Technique } from '../../model/finding.ts';
import type { Milliseconds, Moment } from '../../model/time.ts';
import type { Verdict } from '../verdict.ts';
import { countInWords, spanInWords } from '../words.ts';

/** Why one process start is not what it should be. */
export interface Suspicion {
  readonly kind: FindingKind;
  /** Starts of one kind and series are told together. */
  readonly series: string;
  readonly severity: Severity;
  readonly technique: Technique | undefined;
  /** A whole sentence without its full stop. */
  readonly sentence: string;
  /** What to learn when a person holds it normal, by set. */
  readonly learns: readonly (readonly ['pairs' | 'places' | 'programs' | 'calls', string])[];
}

interface Held {
  suspicion: Suspicion;
  /** The one that came last, whether it is the one that is told or not. */
  latest: Suspicion;
  readonly firstAt: Moment;
  lastAt: Moment;
  readonly recent: { readonly at: Moment; readonly value: number }[];
  count: number;
}

/** The suspicions about a container that still hold, by kind and series. */
export type Suspicions = Map<string, Held>;

/** How long one is told of after the last start that belongs to it. */
const holdMs: Milliseconds = 60_000;
const mostHeld = 32;

/** Keeps it, with those of its kind and series; the gravest, of these the latest, is told. */
export function suspect(held: Suspicions, suspicion: Suspicion, at: Moment): void {
  const slot = `${suspicion.kind}/${suspicion.series}`;
  let entry = held.get(slot);
  if (entry === undefined || Math.abs(at - entry.lastAt) >= holdMs) {
    if (entry === undefined && held.size >= mostHeld) return;
    entry = { suspicion, latest: suspicion, firstAt: at, lastAt: at, recent: [], count: 0 };
    held.set(slot, entry);
  }
  if (atLeast(suspicion.severity, entry.suspicion.severity)) entry.suspicion = suspicion;
  entry.latest = suspicion;
  entry.lastAt = at;
  entry.count += 1;
  if (entry.recent.length < 60) entry.recent.push({ at, value: 1 });
}

/** The verdicts that hold at `at`. */
export function judgeSuspicions(held: Suspicions, at: Moment): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  for (const [slot, { suspicion, latest, firstAt, lastAt, count, recent }] of held) {
    // An absolute span: the clock may have been set back since.
    if (Math.abs(at - lastAt) >= holdMs) {
      held.delete(slot);
      continue;
    }
    const { kind, series, severity, technique, sentence } = suspicion;
    // A tenth of a second at least; the clock may have been set back.
    const span = spanInWords(Math.max(100, lastAt - firstAt));
    const which = suspicion === latest ? 'last' : 'gravest';
    const times =
      count === 1 ? '' : `, the ${which} of ${countInWords(count)} such starts in ${span}`;
    verdicts.push({
      kind,
      series,
      severity,
      score: severity === 'info' ? 0.3 : severity === 'medium' ? 0.8 : 1,
      onsetAt: firstAt,
      sentence: `${sentence}${times}.`,
      evidence: [
        {
          series: 'process starts',
          unit: 'count',
          observed: count,
          expected: { low: 0, high: 0 },
          recent: [...recent],
        },
      ],
      technique,
    });
  }
  return verdicts;
}

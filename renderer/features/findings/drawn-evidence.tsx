import type { ReactElement } from 'react';
import { Chart } from '../../components/chart.tsx';
import type { ChartColour } from '../../components/chart-options.ts';
import { roughSpan } from '../../format/duration.ts';
import { measure } from '../../format/measure.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { Evidence, Severity } from '../../state/model.ts';
import styles from './findings.module.css';

/** The series that speak for a finding, each against what had been learned. */
export function DrawnEvidence({
  evidence,
  onsetAt,
  tone,
}: {
  readonly evidence: readonly Evidence[];
  readonly onsetAt: number;
  readonly tone: Severity;
}): ReactElement | null {
  if (evidence.length === 0) return null;
  return (
    <section aria-label="Evidence" className={styles.evidence}>
      <h3>Evidence</h3>
      {evidence.map((each) => (
        <figure key={each.series} className={styles.figure}>
          <figcaption>
            <strong>{measure(each.observed, each.unit)}</strong> {oneLine(each.series, 60)}
            <span className={styles.soft}>
              {each.expected === undefined
                ? ' (nothing was learned about it)'
                : ` where ${measure(each.expected.low, each.unit)} to ${measure(each.expected.high, each.unit)} is normal`}
            </span>
          </figcaption>
          {each.recent.length < 2 ? null : (
            <EvidenceChart evidence={each} onsetAt={onsetAt} tone={tone} />
          )}
        </figure>
      ))}
    </section>
  );
}

function EvidenceChart({
  evidence,
  onsetAt,
  tone,
}: {
  readonly evidence: Evidence;
  readonly onsetAt: number;
  readonly tone: Severity;
}): ReactElement {
  const { series, unit, expected, recent, observed } = evidence;
  const at = recent.map((point) => point.at / 1000);
  return (
    <Chart
      title={`Latest ${roughSpan((recent.at(-1)?.at ?? 0) - (recent[0]?.at ?? 0))}`}
      at={at}
      lines={[{ label: series, colour: colourOf(unit), values: recent.map(({ value }) => value) }]}
      learned={expected}
      markers={[{ at: onsetAt / 1000, tone }]}
      from={at[0] ?? 0}
      to={at.at(-1) ?? 1}
      format={(value) => measure(value, unit)}
      floor={observed / 10}
    />
  );
}

function colourOf(unit: Evidence['unit']): ChartColour {
  switch (unit) {
    case 'bytes':
      return 'memory';
    case 'bytes/s':
    case 'packets/s':
      return 'sent';
    default:
      return 'cpu';
  }
}

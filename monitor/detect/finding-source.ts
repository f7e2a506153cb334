import type { Moment } from '../model/time.ts';
import type { AlarmSource } from './budget/alarm-source.ts';
import { volumeSeries } from './egress/volume-verdict.ts';
import { restlessSeries } from './restless-cpu.ts';
import { seriesNames } from './series.ts';
import { familiarCallsSeries } from './syscalls/call-alarm.ts';
import { rareCallsSeries } from './syscalls/call-episode.ts';
import { mixSeries } from './syscalls/call-mix.ts';

/** Which source of the budget told of the finding; undefined for those that draw on none. */
export function sourceOf(finding: string): AlarmSource | undefined {
  const { kind, series } = partsOf(finding);
  if (kind === 'unusual-calls') {
    if (series === rareCallsSeries) return 'rare-calls';
    if (series === mixSeries) return 'call-mix';
    return series === familiarCallsSeries ? 'familiar-calls' : 'calls';
  }
  if (kind === 'dns-tunnel') return 'names';
  if (kind === 'sustained-cpu' && series === restlessSeries) return 'cpu';
  if (kind === 'sustained-upload' && series.startsWith(volumeSeries)) return 'sent';
  if (kind === 'several-senses') return 'together';
  return kind === 'level-shift' ? seriesNames.find((name) => name === series) : undefined;
}

/** What the id of a finding says. See `followVerdicts`, which makes the ids. */
export function partsOf(id: string): {
  readonly kind: string;
  readonly series: string;
  /** To the millisecond. */
  readonly onsetAt: Moment;
} {
  const [, kind = '', series = '', onset] = id.split('|');
  return { kind, series, onsetAt: Number(onset ?? Number.NaN) };
}

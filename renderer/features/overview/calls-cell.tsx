import type { ReactElement } from 'react';
import { Sparkline } from '../../components/sparkline.tsx';
import { grouped } from '../../format/number.ts';
import styles from './calls-cell.module.css';

/** System calls a second, and the last minute of them; a dash where nothing counts them. */
export function CallsCell({
  values,
  version,
}: {
  /** Oldest first; NaN where nothing was told. */
  readonly values: Float32Array;
  readonly version: number;
}): ReactElement {
  // A batch may come just before the second's count does.
  const latest = [values.at(-1), values.at(-2)].find((value) => value !== undefined && value >= 0);
  return (
    <div role="gridcell" className={styles.calls}>
      <span>{latest === undefined ? '–' : `${grouped(latest)}/s`}</span>
      <Sparkline values={values} version={version} floor={100} colour="received" />
    </div>
  );
}

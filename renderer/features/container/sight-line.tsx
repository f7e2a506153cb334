import type { ReactElement } from 'react';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { Coverage } from '../../state/model.ts';
import styles from './behaviour.module.css';

/** Why what stands below may be less than all; nothing where it is all. */
export function SightLine({
  coverage,
}: {
  readonly coverage: Coverage | undefined;
}): ReactElement | null {
  if (coverage === undefined) {
    return (
      <p className={styles.note}>
        Nothing sees its system calls: this machine’s kernel does not run it, or Sentra reads
        through the engine’s API alone.
      </p>
    );
  }
  const { sight, dropped } = coverage;
  const lost = dropped > 0 ? `${countOf(dropped, 'single event')} not kept, though counted.` : '';
  const reason = 'reason' in sight ? oneLine(sight.reason, 400) : '';
  if (sight.state === 'starting') return <p className={styles.note}>Not seen yet. {lost}</p>;
  if (reason === '' && lost === '') return null;
  return (
    <p className={styles.note}>
      {sight.state === 'blind' ? 'Blind: ' : ''}
      {reason} {lost}
    </p>
  );
}

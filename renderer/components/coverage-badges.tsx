import type { ReactElement } from 'react';
import type { Coverage } from '../state/model.ts';
import styles from './coverage-badges.module.css';
import { classes } from './classes.ts';

const names: Readonly<Record<string, string>> = {
  resource: 'Resources',
  lifecycle: 'Lifecycle',
  process: 'Processes',
  syscalls: 'System calls',
  egress: 'Network egress',
};

/** Every sensor's name for a person, in the order of the badges. */
export const sensorNames: readonly string[] = Object.values(names);

/** A sensor's name for a person. */
export function sensorName({ sensor }: Coverage): string {
  return names[sensor] ?? sensor;
}

/** What a sensor sees of a container, in words. */
export function sightWords({ sight, dropped }: Coverage): string {
  const lost = dropped > 0 ? `, ${dropped} lost` : '';
  switch (sight.state) {
    case 'starting':
      return `not known yet${lost}`;
    case 'seeing':
      return `sees${lost}${sight.limit === undefined ? '' : `; but ${sight.limit}`}`;
    case 'partly':
      return `sees in part: ${sight.reason}${lost}`;
    case 'blind':
      return `blind: ${sight.reason}${lost}`;
    case 'on-demand':
      return `asked on demand${lost}`;
  }
}

/** One letter a sensor. The shape says what it sees, and the words are there for screen readers. */
export function CoverageBadges({
  coverage,
}: {
  readonly coverage: readonly Coverage[];
}): ReactElement {
  return (
    <span className={styles.badges}>
      {coverage.map((each) => {
        const words = `${sensorName(each)}: ${sightWords(each)}`;
        return (
          <span
            key={each.sensor}
            role="img"
            aria-label={words}
            title={words}
            className={classes(styles.badge, styles[each.sight.state])}
          >
            {each.sight.state === 'blind' ? '!' : sensorName(each).slice(0, 1)}
          </span>
        );
      })}
    </span>
  );
}

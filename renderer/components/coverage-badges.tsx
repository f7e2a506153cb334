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
      return `sees${lost}${limitWords(sight.limits)}`;
    case 'partly':
      return `sees in part: ${sight.reason}${lost}${limitWords(sight.limits)}`;
    case 'blind':
      return `${sight.lasting === true ? 'not watched' : 'blind'}: ${sight.reason}${lost}`;
    case 'on-demand':
      return `asked on demand${lost}`;
  }
}

function limitWords(limits: readonly string[] = []): string {
  if (limits.length === 0) return '';
  return `; ${limits.length === 1 ? 'limit' : 'limits'}: ${limits.join(' ')}`;
}

/** What stands in a badge where it is not the letter of its sensor. */
export const signs: Readonly<Record<string, string>> = { blind: '!', unwatched: '–' };

/** What a badge looks like: the state, apart from what nobody gave Sentra the means to see. */
function shapeOf(sight: Coverage['sight']): string {
  return sight.state === 'blind' && sight.lasting === true ? 'unwatched' : sight.state;
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
            className={classes(styles.badge, styles[shapeOf(each.sight)])}
          >
            {signs[shapeOf(each.sight)] ?? sensorName(each).slice(0, 1)}
          </span>
        );
      })}
    </span>
  );
}

import type { ReactElement } from 'react';
import { classes } from './classes.ts';
import styles from './coverage-badges.module.css';
import { sensorNames } from './coverage-badges.tsx';

/** What the shape of a badge says, from all to nothing. */
const shapes = [
  { state: 'seeing', sign: '', means: 'sees' },
  { state: 'partly', sign: '', means: 'in part' },
  { state: 'on-demand', sign: '', means: 'when asked' },
  { state: 'starting', sign: '', means: 'not known yet' },
  { state: 'blind', sign: '!', means: 'blind' },
] as const;

/** What the letters and the shapes of the coverage badges mean. */
export function SightLegend({ label }: { readonly label: string }): ReactElement {
  return (
    <div role="group" aria-label={label} className={styles.legend}>
      <ul>
        {sensorNames.map((name) => (
          <li key={name}>
            <span className={classes(styles.badge, styles.letter)}>{name.slice(0, 1)}</span> {name}
          </li>
        ))}
      </ul>
      <ul>
        {shapes.map(({ state, sign, means }) => (
          <li key={state}>
            <span aria-hidden="true" className={classes(styles.badge, styles[state])}>
              {sign}
            </span>{' '}
            {means}
          </li>
        ))}
      </ul>
    </div>
  );
}

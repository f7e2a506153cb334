import type { ReactElement } from 'react';
import { classes } from './classes.ts';
import styles from './coverage-badges.module.css';
import { sensorNames, signs } from './coverage-badges.tsx';

/** What the shape of a badge says, from all to nothing. */
const shapes = [
  { shape: 'seeing', means: 'sees' },
  { shape: 'partly', means: 'in part' },
  { shape: 'on-demand', means: 'when asked' },
  { shape: 'starting', means: 'not known yet' },
  { shape: 'unwatched', means: 'not watched' },
  { shape: 'blind', means: 'blind' },
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
        {shapes.map(({ shape, means }) => (
          <li key={shape}>
            <span aria-hidden="true" className={classes(styles.badge, styles[shape])}>
              {signs[shape]}
            </span>{' '}
            {means}
          </li>
        ))}
      </ul>
    </div>
  );
}

import type { ReactElement } from 'react';
import { CoverageBadges, sensorName, sightWords } from '../../components/coverage-badges.tsx';
import { Section } from '../../components/section.tsx';
import { oneLine } from '../../format/plain-text.ts';
import { hasSights } from '../../state/container-list.ts';
import type { WorkloadView } from '../../state/model.ts';
import styles from './container.module.css';

/** What each sensor sees of it, in words. */
export function Sight({ view }: { readonly view: WorkloadView }): ReactElement {
  return (
    <Section title="What Sentra sees">
      {hasSights(view) ? null : (
        <p className={styles.soft}>It does not run: there is nothing to see.</p>
      )}
      {(hasSights(view) ? view.coverage : []).map((coverage) => (
        <div key={coverage.sensor} className={styles.sensor}>
          <CoverageBadges coverage={[coverage]} />
          <span>
            <strong>{sensorName(coverage)}</strong>{' '}
            <span className={styles.soft}>{oneLine(sightWords(coverage), 400)}</span>
          </span>
        </div>
      ))}
    </Section>
  );
}

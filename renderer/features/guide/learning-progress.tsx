import type { ReactElement } from 'react';
import { Section } from '../../components/section.tsx';
import { roughSpan } from '../../format/duration.ts';
import { isRunning } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useView } from '../../state/use-store.ts';
import styles from './guide.module.css';

/** How many are known, and the time until all are. */
export function LearningProgress(): ReactElement {
  const workloads = useView((state) => state.workloads);
  const now = useNow();
  const running = [...workloads.values()].filter(({ workload }) => isRunning(workload));
  let [known, latest] = [0, 0];
  for (const { learning } of running) {
    if (learning.state === 'learned') known += 1;
    else latest = Math.max(latest, learning.until);
  }
  return (
    <Section title="2. What is normal for each">
      {running.length === 0 ? (
        <p className={styles.soft}>Nothing runs now. Learning begins with the first container.</p>
      ) : (
        <div className={styles.progress}>
          <progress
            max={running.length}
            value={known}
            aria-label="Running containers whose habits are known"
          />
          <p>
            <strong>
              {known} of {running.length}
            </strong>{' '}
            known
            {latest > now ? `; all of them in about ${roughSpan(latest - now)}` : ''}.
          </p>
        </div>
      )}
      <p className={styles.soft}>
        Runaways, floods and fork bombs are found from the first second: they need no history.
      </p>
    </Section>
  );
}

import { useState, type ReactElement } from 'react';
import { Section } from '../../components/section.tsx';
import { oneLine } from '../../format/plain-text.ts';
import { budgetSummary, workloadGroups } from '../../words/budget-words.ts';
import type { AlarmsView } from '../../state/model.ts';
import { useAlarms } from '../../state/use-alarms.ts';
import { BudgetForm } from './budget-form.tsx';
import styles from './settings.module.css';

/** How many false alarms are borne, what that comes to, and what it came to. */
export function AlarmsSection(): ReactElement {
  const [reading, put] = useAlarms();
  return (
    <Section title="False alarms">
      {reading.state === 'read' ? (
        <>
          <BudgetForm view={reading.view} onChange={put} />
          <Outcome view={reading.view} />
        </>
      ) : (
        <p className={styles.soft}>
          {reading.state === 'failed'
            ? oneLine(reading.message, 300)
            : 'The monitor has not said yet.'}
        </p>
      )}
    </Section>
  );
}

/** What the budget comes to, over all and for each workload. */
function Outcome({ view }: { readonly view: AlarmsView }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const { workloads } = view;
  return (
    <>
      {budgetSummary(view).map((sentence) => (
        <p key={sentence} className={styles.outcome}>
          {sentence}
        </p>
      ))}
      {workloads.length === 0 ? null : (
        <details
          className={styles.details}
          open={isOpen}
          onToggle={(event) => setIsOpen(event.currentTarget.open)}
        >
          <summary>{`Container by container (${workloads.length})`}</summary>
          {isOpen ? (
            <ul className={styles.workloads}>
              {workloadGroups(view).map(({ names, words, claim }) => (
                <li key={`${words}${claim}`}>
                  <strong>{names.map((name) => oneLine(name, 80)).join(', ')}</strong>
                  <p>{words}</p>
                  <p className={styles.soft}>{oneLine(claim, 300)}</p>
                </li>
              ))}
            </ul>
          ) : null}
        </details>
      )}
    </>
  );
}

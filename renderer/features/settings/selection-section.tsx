import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Facts, Section } from '../../components/section.tsx';
import { countOf } from '../../format/number.ts';
import type { MonitorSettings } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { patternWords } from '../../state/selection-words.ts';
import styles from './settings.module.css';

/** Which containers are watched; changed in the policy. */
export function SelectionSection({
  settings,
}: {
  readonly settings: MonitorSettings | undefined;
}): ReactElement {
  const store = useStore();
  const watched = useView((state) => state.workloads.size);
  const leftOut = useView((state) => state.monitor?.leftOut ?? 0);
  return (
    <Section
      title="Selection"
      aside={<Button onClick={() => store.go({ screen: 'policy' })}>Change in the policy</Button>}
    >
      {settings === undefined ? (
        <p className={styles.soft}>The monitor has not said yet.</p>
      ) : (
        <Facts
          facts={[
            { name: 'Watched', value: patternWords(settings.selection.only) ?? 'every container' },
            { name: 'Left out', value: patternWords(settings.selection.exclude) ?? 'none by rule' },
            { name: 'Now', value: `${countOf(watched, 'container')} watched, ${leftOut} not` },
          ]}
        />
      )}
    </Section>
  );
}

import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Facts, Section } from '../../components/section.tsx';
import { countOf } from '../../format/number.ts';
import type { MonitorSettings } from '../../state/model.ts';
import { patternWords } from '../../words/selection-words.ts';
import { useView } from '../../state/use-store.ts';
import { SelectionForm } from './selection-form.tsx';
import styles from './settings.module.css';

/** Which containers are watched; it stands in the policy file, and can be changed here. */
export function SelectionSection({
  settings,
  onChange,
}: {
  readonly settings: MonitorSettings | undefined;
  readonly onChange: (settings: MonitorSettings) => void;
}): ReactElement {
  const watched = useView((state) => state.workloads.size);
  const leftOut = useView((state) => state.monitor?.leftOut ?? 0);
  const [editing, setEditing] = useState(false);
  return (
    <Section
      title="Selection"
      aside={
        editing || settings === undefined ? null : (
          <Button onClick={() => setEditing(true)}>Change…</Button>
        )
      }
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
      {editing && settings !== undefined ? (
        <SelectionForm settings={settings} onChange={onChange} onClose={() => setEditing(false)} />
      ) : null}
    </Section>
  );
}

import { useEffect, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/section.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { MonitorSettings } from '../../state/model.ts';
import { patternWords } from '../../words/selection-words.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { SelectionForm } from '../settings/selection-form.tsx';
import styles from './guide.module.css';

const mostNames = 12;

/** Which containers are watched and by what rule; chosen here. */
export function WatchedStep(): ReactElement {
  const store = useStore();
  const workloads = useView((state) => state.workloads);
  const leftOut = useView((state) => state.monitor?.leftOut ?? 0);
  const engine = useView((state) => state.monitor?.engine);
  const policy = useView((state) => state.monitor?.policy);
  const [settings, setSettings] = useState<MonitorSettings>();
  const [editing, setEditing] = useState(false);
  useEffect(() => {
    let left = false;
    void store.call('settings', {}).then((reply) => {
      if (!left && reply.ok) setSettings(reply.value);
    });
    return () => {
      left = true;
    };
  }, [store, policy]);
  const names = [...workloads.values()].map(({ workload }) => oneLine(workload.name, 40)).sort();
  const only = settings === undefined ? undefined : patternWords(settings.selection.only);
  return (
    <Section
      title="1. What is watched"
      aside={
        <>
          <Button onClick={() => store.go({ screen: 'overview' })}>Show them</Button>
          {editing || settings === undefined ? null : (
            <Button onClick={() => setEditing(true)}>Choose…</Button>
          )}
        </>
      }
    >
      <p>
        <strong>{countOf(workloads.size, 'container')}</strong>
        {engine === undefined ? '' : ` of the engine “${oneLine(engine.name, 60)}”`}
        {only === undefined ? ', every one there is' : `, by the rule: ${only}`}
        {leftOut > 0 ? `; ${leftOut} more ${leftOut === 1 ? 'is' : 'are'} left out` : ''}.
      </p>
      {names.length === 0 ? (
        <p className={styles.soft}>Start a container, and it appears here within a second.</p>
      ) : (
        <ul className={styles.names}>
          {names.slice(0, mostNames).map((name, index) => (
            <li key={index}>{name}</li>
          ))}
          {names.length > mostNames ? <li>and {names.length - mostNames} more</li> : null}
        </ul>
      )}
      {editing && settings !== undefined ? (
        <SelectionForm
          settings={settings}
          onChange={setSettings}
          onClose={() => setEditing(false)}
        />
      ) : null}
    </Section>
  );
}

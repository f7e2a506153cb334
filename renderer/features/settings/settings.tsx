import { useEffect, useState, type ReactElement } from 'react';
import { Page } from '../../components/page.tsx';
import type { MonitorSettings } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { AlarmsSection } from './alarms-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { DisarmSection } from './disarm-section.tsx';
import { EngineSection } from './engine-section.tsx';
import { OwnCostSection } from './own-cost-section.tsx';
import { RetentionSection } from './retention-section.tsx';
import { SelectionSection } from './selection-section.tsx';
import { StartSection } from './start-section.tsx';
import styles from './settings.module.css';

/** What can be set, and what Sentra says of itself. */
export function Settings(): ReactElement {
  const store = useStore();
  const shell = useView((state) => state.shell);
  const policy = useView((state) => state.monitor?.policy);
  const [settings, setSettings] = useState<MonitorSettings>();
  const runs = shell?.monitor.state === 'running';
  useEffect(() => {
    if (!runs) return undefined;
    let left = false;
    void store.call('settings', {}).then((reply) => {
      if (!left && reply.ok) setSettings(reply.value);
    });
    return () => {
      left = true;
    };
    // The selection is part of the policy.
  }, [store, runs, policy]);
  return (
    <Page title="Settings" scrolls>
      <div className={styles.sections}>
        <EngineSection />
        <OwnCostSection />
        <AlarmsSection />
        <SelectionSection settings={settings} onChange={setSettings} />
        <RetentionSection settings={settings} onChange={setSettings} />
        {shell === undefined ? null : <AppearanceSection shell={shell} />}
        {shell === undefined ? null : <StartSection shell={shell} />}
        <DisarmSection />
      </div>
    </Page>
  );
}

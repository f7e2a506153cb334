import { useEffect, useState, type ReactElement } from 'react';
import { dateAndTime, roughSpan } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { Finding } from '../../state/model.ts';
import { silentRules, type SilentRule } from '../../state/silent-rules.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './findings.module.css';

/** Says that no rule decided on a finding, and which were silent then since they had just decided. */
export function SilentRules({ finding }: { readonly finding: Finding }): ReactElement {
  const store = useStore();
  const [silent, setSilent] = useState<readonly SilentRule[]>();
  const { id, workload } = finding;
  useEffect(() => {
    let left = false;
    void Promise.all([
      store.call('policyText', {}),
      store.call('decisions', { workload, limit: 200 }),
    ]).then(([text, decisions]) => {
      if (left || !text.ok || !decisions.ok) return;
      setSilent(silentRules(finding, text.value.rules, decisions.value));
    });
    return () => {
      left = true;
    };
    // A newer version of the same finding changes nothing of what was decided before it.
  }, [store, id, workload]);
  if (silent === undefined || silent.length === 0) {
    return <p className={styles.soft}>No rule has decided on it.</p>;
  }
  return (
    <>
      <p className={styles.soft}>No rule has decided on it.</p>
      {silent.map(({ rule, decidedAt, cooldownMs }) => (
        <p key={rule} className={styles.soft}>
          The rule “{oneLine(rule, 120)}” decided on this workload at{' '}
          {dateAndTime(decidedAt, Date.now())} because of another finding, and is silent about it
          for {roughSpan(cooldownMs)} unless something graver is found.
        </p>
      ))}
    </>
  );
}

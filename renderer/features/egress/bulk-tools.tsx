import type { ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { countOf } from '../../format/number.ts';
import { lifetimes, type DraftRule } from '../../state/egress-draft.ts';
import styles from './egress.module.css';
import type { RuleChange, RuleDesk } from './rule-rows.tsx';

/** What is done to several rules at once. */
export function BulkTools({
  shown,
  chosen,
  useOf,
  onChoose,
  onChange,
  onRemove,
}: {
  readonly shown: readonly DraftRule[];
  readonly chosen: ReadonlySet<number>;
  readonly useOf: RuleDesk['useOf'];
  readonly onChoose: (ids: ReadonlySet<number>) => void;
  readonly onChange: (change: RuleChange) => void;
  readonly onRemove: () => void;
}): ReactElement | null {
  if (shown.length === 0) return null;
  const idle = shown.filter((rule) => useOf(rule)?.isIdle === true);
  const isAll = shown.every(({ id }) => chosen.has(id));
  const none = chosen.size === 0;
  return (
    <div className={styles.tools} role="group" aria-label="The chosen rules">
      <label>
        <input
          type="checkbox"
          checked={isAll}
          onChange={() => onChoose(new Set(isAll ? [] : shown.map(({ id }) => id)))}
        />{' '}
        All shown
      </label>
      <span className={styles.soft}>{countOf(chosen.size, 'rule')} chosen</span>
      <Button disabled={none} onClick={() => onChange({ verdict: 'allow' })}>
        Allow
      </Button>
      <Button disabled={none} onClick={() => onChange({ verdict: 'deny' })}>
        Deny
      </Button>
      <select
        aria-label="Lifetime of the chosen rules"
        disabled={none}
        value=""
        onChange={(event) => {
          const span = lifetimes.find(({ value }) => value === event.target.value)?.value;
          if (span !== undefined) onChange({ lifetime: span });
        }}
      >
        <option value="">Lifetime…</option>
        {lifetimes.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <Button disabled={none} onClick={onRemove}>
        Remove
      </Button>
      {idle.length === 0 ? null : (
        <Button onClick={() => onChoose(new Set(idle.map(({ id }) => id)))}>
          Choose {countOf(idle.length, 'rule')} unused for weeks
        </Button>
      )}
    </div>
  );
}

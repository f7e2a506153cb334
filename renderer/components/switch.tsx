import type { ReactElement } from 'react';
import styles from './switch.module.css';

/** On or off, at once. The label is its name for screen readers. */
export function Switch({
  label,
  on,
  disabled = false,
  onChange,
}: {
  readonly label: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}): ReactElement {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled}
      className={styles.switch}
      onClick={() => onChange(!on)}
    >
      <span className={styles.knob} />
    </button>
  );
}

import { useId, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import { Facts, Section } from '../../components/section.tsx';
import { oneLine } from '../../format/plain-text.ts';
import type { MonitorSettings } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './settings.module.css';

const bounds = { days: { min: 1, max: 3650 }, megabytes: { min: 16, max: 900 } } as const;

function within(value: string, { min, max }: { readonly min: number; readonly max: number }) {
  const number = Number(value);
  return Number.isInteger(number) && number >= min && number <= max;
}

/** How long and how much is kept. Asked before it changes: less may be kept, and that is gone. */
export function RetentionSection({
  settings,
  onChange,
}: {
  readonly settings: MonitorSettings | undefined;
  readonly onChange: (settings: MonitorSettings) => void;
}): ReactElement {
  const store = useStore();
  const [days, setDays] = useState<string>();
  const [megabytes, setMegabytes] = useState<string>();
  const [asking, setAsking] = useState(false);
  const [daysId, megabytesId] = [useId(), useId()];
  if (settings === undefined) {
    return (
      <Section title="Record">
        <p className={styles.soft}>The monitor has not said yet.</p>
      </Section>
    );
  }
  const { retention, record } = settings;
  const wanted = {
    days: days ?? retention.days.toString(),
    megabytes: megabytes ?? retention.megabytes.toString(),
  };
  const changed =
    wanted.days !== retention.days.toString() ||
    wanted.megabytes !== retention.megabytes.toString();
  const valid = within(wanted.days, bounds.days) && within(wanted.megabytes, bounds.megabytes);

  async function save(): Promise<void> {
    setAsking(false);
    const reply = await store.call('setRetention', {
      days: Number(wanted.days),
      megabytes: Number(wanted.megabytes),
    });
    if (reply.ok) {
      onChange(reply.value);
      reset();
      store.say('good', 'The record is kept as you said.');
    } else store.say('alarm', reply.error.message);
  }
  function reset(): void {
    setDays(undefined);
    setMegabytes(undefined);
  }
  const close = () => setAsking(false);
  return (
    <Section title="Record">
      <div className={styles.row}>
        <label htmlFor={daysId}>Kept for</label>
        <span className={styles.field}>
          <input
            id={daysId}
            type="number"
            {...bounds.days}
            value={wanted.days}
            onChange={(event) => setDays(event.target.value)}
          />
          days
        </span>
      </div>
      <div className={styles.row}>
        <label htmlFor={megabytesId}>At most</label>
        <span className={styles.field}>
          <input
            id={megabytesId}
            type="number"
            {...bounds.megabytes}
            value={wanted.megabytes}
            onChange={(event) => setMegabytes(event.target.value)}
          />
          MB
        </span>
      </div>
      <div className={styles.buttons}>
        <Button disabled={!changed} onClick={reset}>
          Discard
        </Button>
        <Button look="primary" disabled={!changed || !valid} onClick={() => setAsking(true)}>
          Save…
        </Button>
      </div>
      <Facts
        facts={[
          { name: 'File', value: <code>{oneLine(record.path, 200)}</code> },
          { name: 'In use', value: `${record.megabytes.toFixed(1)} MB` },
        ]}
      />
      {asking ? (
        <Question
          title="Keep the record differently?"
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void save()}>
                Keep it so
              </Button>
            </>
          }
        >
          <p>
            What is older than {wanted.days} days, or beyond {wanted.megabytes} MB, is erased and
            cannot be brought back.
          </p>
        </Question>
      ) : null}
    </Section>
  );
}

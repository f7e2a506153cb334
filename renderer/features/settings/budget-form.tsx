import { useEffect, useId, useRef, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { ConfirmQuestion } from '../../components/confirm-question.tsx';
import {
  budgetBounds,
  budgetOf,
  budgetPresets,
  changeOf,
  draftOfBudget,
  withChoice,
  type BudgetChoice,
  type BudgetDraft,
} from '../../state/budget-draft.ts';
import { alarmsADay, rateFigure } from '../../words/budget-words.ts';
import type { AlarmsView } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './settings.module.css';

const options: readonly { readonly value: BudgetChoice; readonly label: string }[] = [
  ...budgetPresets.map((preset) => ({ value: preset, label: preset })),
  { value: 'other', label: 'Other' },
];

/** A change that was made here, and can be undone while nobody has made another. */
interface Change {
  readonly from: number;
  readonly to: number;
}

/** The budget to choose. It holds at once; one that is much looser is asked about first. */
export function BudgetForm({
  view,
  onChange,
}: {
  readonly view: AlarmsView;
  readonly onChange: (view: AlarmsView) => void;
}): ReactElement {
  const store = useStore();
  const { alarmsPerDay } = view;
  const [edited, setEdited] = useState<BudgetDraft>();
  const [asking, setAsking] = useState<number>();
  const [changed, setChanged] = useState<Change>();
  const undo = useRef<HTMLButtonElement>(null);
  const [field, reason] = [useId(), useId()];
  // The button that was pressed is of no use now: what can be done next is to undo it.
  useEffect(() => undo.current?.focus(), [changed]);
  const draft = edited ?? draftOfBudget(alarmsPerDay);
  const wanted = budgetOf(draft);
  const change = wanted === undefined ? 'none' : changeOf(alarmsPerDay, wanted);

  async function set(to: number): Promise<void> {
    const isLower = to < alarmsPerDay;
    const reply = await store.call(isLower ? 'lowerAlarmBudget' : 'raiseAlarmBudget', {
      alarmsPerDay: to,
    });
    if (!reply.ok) {
      const advice = 'advice' in reply.error ? ` ${reply.error.advice}` : '';
      store.say('alarm', `${reply.error.message}${advice}`);
      return;
    }
    setEdited(undefined);
    setChanged({ from: alarmsPerDay, to });
    onChange(reply.value);
    store.say('good', `The budget is ${alarmsADay(to)} now. It holds at once, for all containers.`);
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted === undefined || change === 'none') return;
        if (change === 'loosens-much') setAsking(wanted);
        else void set(wanted);
      }}
    >
      <div className={styles.row}>
        <span>False alarms a day and container</span>
        <Choice
          label="False alarms a day and container"
          options={options}
          value={draft.choice}
          onChange={(choice) => setEdited(withChoice(draft, choice))}
        />
      </div>
      {draft.choice === 'other' ? (
        <div className={styles.row}>
          <label htmlFor={field}>Another number</label>
          <span className={styles.field}>
            <input
              id={field}
              inputMode="decimal"
              autoComplete="off"
              maxLength={10}
              value={draft.text}
              aria-invalid={wanted === undefined}
              aria-describedby={wanted === undefined ? reason : undefined}
              onChange={(event) => setEdited({ choice: 'other', text: event.target.value })}
            />
            a day
          </span>
        </div>
      ) : null}
      {wanted === undefined ? (
        <p id={reason} className={styles.refusal} role="alert">
          {`Give a number from ${budgetBounds.least} to ${budgetBounds.most}, such as 0.5.`}
        </p>
      ) : null}
      <p className={styles.note}>
        Who bears more is told more. What takes a machine down or reaches out of a container is told
        in any case; what is merely unusual is told as this allows, and recorded otherwise.
      </p>
      <div className={styles.buttons}>
        {changed?.to === alarmsPerDay ? (
          <span className={styles.undo}>
            It was {rateFigure(changed.from)} before.
            <Button ref={undo} icon="undo" onClick={() => void set(changed.from)}>
              Undo
            </Button>
          </span>
        ) : null}
        <Button disabled={edited === undefined} onClick={() => setEdited(undefined)}>
          Discard
        </Button>
        <Button look="primary" submits disabled={change === 'none'}>
          {change === 'loosens-much' ? 'Set budget…' : 'Set budget'}
        </Button>
      </div>
      {asking === undefined ? null : (
        <ConfirmQuestion
          title={`Be told much less: ${alarmsADay(asking)}?`}
          verb={`Set to ${rateFigure(asking)} a day`}
          onClose={() => setAsking(undefined)}
          onConfirm={() => set(asking)}
        >
          It is {rateFigure(alarmsPerDay)} a day now. Only what is much rarer is told then, and a
          container must be known for longer before anything merely unusual is. The rest is still
          recorded. You can undo it.
        </ConfirmQuestion>
      )}
    </form>
  );
}

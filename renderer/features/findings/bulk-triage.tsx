import { useRef, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Question } from '../../components/dialog.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import {
  carryOutBulk,
  planAcknowledge,
  planMute,
  undoBulk,
  type BulkOutcome,
  type BulkStep,
} from '../../state/finding-bulk.ts';
import type { Finding } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './findings.module.css';
import { hour, spans } from './triage.tsx';

type Word = 'acknowledge' | 'mute';

type Doing =
  | { readonly state: 'nothing' }
  | { readonly state: 'asking'; readonly word: Word }
  | { readonly state: 'busy'; readonly through: number; readonly of: number }
  | { readonly state: 'done'; readonly word: Word; readonly steps: readonly BulkStep[] };

/** What is said about several findings at once, and taken back at once. */
export function BulkTriage({
  shown,
  chosen,
  onChoose,
}: {
  /** The findings in the list. */
  readonly shown: readonly Finding[];
  /** Those of them that are chosen. */
  readonly chosen: readonly Finding[];
  readonly onChoose: (ids: ReadonlySet<string>) => void;
}): ReactElement {
  const store = useStore();
  const [doing, setDoing] = useState<Doing>({ state: 'nothing' });
  const [hours, setHours] = useState<(typeof spans)[number]['value']>('1');
  const stopped = useRef(false);
  const isAll = shown.length > 0 && chosen.length === shown.length;
  const busy = doing.state === 'busy';
  const close = () => setDoing({ state: 'nothing' });
  const planFor = (word: Word) => {
    const { triage } = store.getState().monitor ?? {};
    return word === 'acknowledge'
      ? planAcknowledge(chosen, triage)
      : planMute(chosen, triage, Number(hours) * hour, Date.now());
  };

  function tell({ refused, untried }: BulkOutcome): void {
    const rest = untried === 0 ? '' : ` ${untried} ${untried === 1 ? 'was' : 'were'} not tried.`;
    for (const { message, count } of refused) {
      store.say('alarm', `${countOf(count, 'time')}: ${message}${rest}`);
    }
  }
  async function carryOut(word: Word): Promise<void> {
    const { steps } = planFor(word);
    stopped.current = false;
    setDoing({ state: 'busy', through: 0, of: steps.length });
    const outcome = await carryOutBulk(
      store,
      steps,
      (through) => setDoing({ state: 'busy', through, of: steps.length }),
      () => stopped.current,
    );
    tell(outcome);
    if (outcome.refused.length === 0) onChoose(new Set());
    setDoing({ state: 'done', word, steps: outcome.done });
  }
  async function takeBack(word: Word, steps: readonly BulkStep[]): Promise<void> {
    stopped.current = false;
    setDoing({ state: 'busy', through: 0, of: steps.length });
    const outcome = await undoBulk(
      store,
      steps,
      Date.now(),
      (through) => setDoing({ state: 'busy', through, of: steps.length }),
      () => stopped.current,
    );
    tell(outcome);
    if (outcome.left.length > 0) {
      setDoing({ state: 'done', word, steps: outcome.left });
      return;
    }
    if (outcome.refused.length === 0) store.say('good', 'Taken back.');
    close();
  }

  return (
    // It takes the focus of a button in it that cannot be used any more.
    <div className={styles.bulk} role="group" aria-label="The chosen findings" tabIndex={-1}>
      <label className={styles.all}>
        <input
          type="checkbox"
          checked={isAll}
          disabled={busy || shown.length === 0}
          ref={(box) => {
            if (box !== null) box.indeterminate = chosen.length > 0 && !isAll;
          }}
          onChange={() => onChoose(new Set(isAll ? [] : shown.map(({ id }) => id)))}
        />
        All shown
      </label>
      <span className={styles.soft} role="status">
        {countOf(chosen.length, 'finding')} chosen
      </span>
      <Button
        icon="check"
        disabled={busy || chosen.length === 0}
        onClick={() => setDoing({ state: 'asking', word: 'acknowledge' })}
      >
        Acknowledge…
      </Button>
      <Button
        icon="mute"
        disabled={busy || chosen.length === 0}
        onClick={() => setDoing({ state: 'asking', word: 'mute' })}
      >
        Mute…
      </Button>
      <span className={styles.outcome} role="status">
        {doing.state === 'busy' ? `${doing.through} of ${doing.of}…` : null}
        {doing.state === 'done' ? doneWords(doing.word, doing.steps.length) : null}
      </span>
      {busy ? (
        <Button
          onClick={() => {
            stopped.current = true;
          }}
        >
          Stop
        </Button>
      ) : null}
      {doing.state === 'done' && doing.steps.length > 0 ? (
        <Button icon="undo" onClick={() => void takeBack(doing.word, doing.steps)}>
          Take all back
        </Button>
      ) : null}
      {doing.state === 'asking' ? (
        <BulkQuestion
          word={doing.word}
          chosen={chosen}
          plan={planFor(doing.word)}
          hours={hours}
          onHours={setHours}
          onClose={close}
          onYes={() => void carryOut(doing.word)}
        />
      ) : null}
    </div>
  );
}

function doneWords(word: Word, count: number): string {
  return word === 'acknowledge'
    ? `${countOf(count, 'finding')} acknowledged.`
    : `${countOf(count, 'kind of finding', 'kinds of findings')} muted.`;
}

function BulkQuestion({
  word,
  chosen,
  plan,
  hours,
  onHours,
  onClose,
  onYes,
}: {
  readonly word: Word;
  readonly chosen: readonly Finding[];
  readonly plan: ReturnType<typeof planMute>;
  readonly hours: (typeof spans)[number]['value'];
  readonly onHours: (hours: (typeof spans)[number]['value']) => void;
  readonly onClose: () => void;
  readonly onYes: () => void;
}): ReactElement {
  const acknowledging = word === 'acknowledge';
  const workloads = useView((state) => state.workloads);
  const names = [
    ...new Set(
      chosen.map(({ container, workload }) => workloads.get(container)?.workload.name ?? workload),
    ),
  ];
  const grave = chosen.filter(({ severity }) => severity === 'critical' || severity === 'high');
  const count = countOf(plan.steps.length, 'finding');
  return (
    <Question
      title={
        acknowledging
          ? `Are these normal? ${count} to acknowledge`
          : `Mute ${countOf(plan.steps.length, 'kind of finding', 'kinds of findings')}?`
      }
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={plan.steps.length === 0} onClick={onYes}>
            {acknowledging ? 'Yes, learn them as normal' : 'Mute'}
          </Button>
        </>
      }
    >
      <p>In {namesInWords(names)}.</p>
      {grave.length === 0 ? null : (
        <p>
          <strong>{grave.length}</strong> of them {grave.length === 1 ? 'is' : 'are'} high or
          critical.
        </p>
      )}
      {plan.over === 0 ? null : <p>{areOf(plan.over)} over: nothing to acknowledge.</p>}
      {plan.already === 0 ? null : (
        <p>
          {acknowledging
            ? `${areOf(plan.already)} acknowledged already.`
            : `${areOf(plan.already)} muted for longer already.`}
        </p>
      )}
      {acknowledging ? (
        <p>
          Sentra then learns what is going on there now as normal, and will find the same less
          readily. You can take it back while they are open.
        </p>
      ) : (
        <>
          <p>
            You are not notified of the like in the same containers until the mutes end by
            themselves. It is still recorded, and rules that enforce still act.
          </p>
          <Choice label="For how long" options={spans} value={hours} onChange={onHours} />
        </>
      )}
    </Question>
  );
}

/** `1 of them is`, `2 of them are`. */
function areOf(count: number): string {
  return `${count} of them ${count === 1 ? 'is' : 'are'}`;
}

function namesInWords(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => oneLine(name, 60));
  const rest = names.length - first.length;
  return rest === 0 ? first.join(', ') : `${first.join(', ')} and ${rest} more`;
}

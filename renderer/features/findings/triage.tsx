import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Question } from '../../components/dialog.tsx';
import { dateAndTime, roughSpan } from '../../format/duration.ts';
import { kindName, muteOf } from '../../state/finding-list.ts';
import { wordOn, type FindingWord } from '../../state/finding-word.ts';
import type { Finding } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './findings.module.css';

export const hour = 3_600_000;

/** How long a mute may last; the value is in hours. */
export const spans = [
  { value: '1', label: '1 hour' },
  { value: '8', label: '8 hours' },
  { value: '24', label: '1 day' },
  { value: '168', label: '7 days' },
] as const;

type Asked = 'nothing' | 'acknowledge' | 'mute';

/** What a person can say about a finding, and take back. */
export function Triage({
  finding,
  name,
}: {
  readonly finding: Finding;
  readonly name: string;
}): ReactElement {
  const store = useStore();
  const triage = useView((state) => state.monitor?.triage);
  const now = useNow(5000);
  const [asked, setAsked] = useState<Asked>('nothing');
  const [hours, setHours] = useState<(typeof spans)[number]['value']>('1');
  const word = wordOn(triage, finding);
  const mute = muteOf(triage, finding, now);
  const { id, workload, kind } = finding;
  const isOver = finding.status === 'closed';
  const close = () => setAsked('nothing');

  async function say(reply: ReturnType<typeof ask>): Promise<boolean> {
    close();
    const answer = await reply;
    if (answer.ok) store.send({ kind: 'triage', triage: answer.value });
    else store.say('alarm', answer.error.message);
    return answer.ok;
  }
  async function acknowledge(): Promise<void> {
    // Of what is over no word stands here afterwards.
    if ((await say(ask('acknowledge'))) && isOver) store.say('good', 'It is learned as normal.');
  }
  function ask(name: 'acknowledge' | 'unacknowledge' | 'markFalse' | 'unmarkFalse') {
    return store.call(name, { finding: id });
  }
  return (
    <section aria-label="Your word on it" className={styles.part}>
      <h3>Your word on it</h3>
      <NormalRow
        word={word}
        onAcknowledge={() => setAsked('acknowledge')}
        onTakeBack={() => void say(ask('unacknowledge'))}
      />
      <FalseAlarmRow
        word={word}
        onMark={() => void say(ask('markFalse'))}
        onTakeBack={() => void say(ask('unmarkFalse'))}
      />
      {mute === undefined ? (
        <div className={styles.word}>
          <p className={styles.soft}>
            Not to be told of “{kindName(kind)}” in {name} for a while. It is still recorded, and
            rules that enforce still act.
          </p>
          <Button icon="mute" onClick={() => setAsked('mute')}>
            Mute
          </Button>
        </div>
      ) : (
        <div className={styles.word}>
          <p>
            Muted until {dateAndTime(mute.until, now)}, {roughSpan(mute.until - now)} left.
          </p>
          <Button icon="undo" onClick={() => void say(store.call('unmute', { workload, kind }))}>
            Unmute
          </Button>
        </div>
      )}
      {asked === 'acknowledge' ? (
        <Question
          title="Is this normal?"
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void acknowledge()}>
                Yes, learn it as normal
              </Button>
            </>
          }
        >
          <p>
            {isOver
              ? `Sentra then learns what ${name} sent as normal, and will not tell of the same again. That cannot be taken back.`
              : `Sentra then learns what ${name} does now as normal, and will find the same less readily. You can take it back while the finding is open.`}
          </p>
        </Question>
      ) : null}
      {asked === 'mute' ? (
        <Question
          title={`Mute “${kindName(kind)}” in ${name}?`}
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button
                look="primary"
                onClick={() =>
                  void say(store.call('mute', { workload, kind, forMs: Number(hours) * hour }))
                }
              >
                Mute
              </Button>
            </>
          }
        >
          <p>You are not notified of it until the mute ends by itself.</p>
          <Choice label="For how long" options={spans} value={hours} onChange={setHours} />
        </Question>
      ) : null}
    </section>
  );
}

/** That what it shows is normal: to be said, or taken back. Nothing beside a false alarm, which says more. */
function NormalRow({
  word,
  onAcknowledge,
  onTakeBack,
}: {
  readonly word: FindingWord;
  readonly onAcknowledge: () => void;
  readonly onTakeBack: () => void;
}): ReactElement | null {
  switch (word.said) {
    case 'false-alarm':
      return null;
    case 'normal':
      return (
        <div className={styles.word}>
          <p>You said that this is normal. What it shows is being learned.</p>
          <Button icon="undo" onClick={onTakeBack}>
            Take back
          </Button>
        </div>
      );
    case 'nothing':
      return (
        <div className={styles.word}>
          <p className={styles.soft}>
            {!word.mayAcknowledge
              ? 'It is over: there is nothing to acknowledge.'
              : word.isOpen
                ? 'If this is what it should do, say so, and it is learned as normal.'
                : 'It is over. If this is what it should do, say so, and the next like it is not told.'}
          </p>
          <Button icon="check" disabled={!word.mayAcknowledge} onClick={onAcknowledge}>
            Acknowledge
          </Button>
        </div>
      );
  }
}

/** That it was a false alarm: one click, and one to take it back; the same button, so the focus stays. */
function FalseAlarmRow({
  word,
  onMark,
  onTakeBack,
}: {
  readonly word: FindingWord;
  readonly onMark: () => void;
  readonly onTakeBack: () => void;
}): ReactElement | null {
  const isMarked = word.said === 'false-alarm';
  if (!isMarked && !word.mayCallFalse) return null;
  return (
    <div className={styles.word}>
      {/* Read out when it changes: an answer in passing would lie over the button that undoes it. */}
      <p role="status" className={isMarked ? undefined : styles.soft}>
        {isMarked
          ? `You called it a false alarm. It counts against the budget${word.isOpen ? ', and what it shows is being learned' : ''}.`
          : 'If it should not have been told: it counts against the budget of false alarms, open or over, and the like is told less.'}
      </p>
      <Button icon={isMarked ? 'undo' : 'close'} onClick={isMarked ? onTakeBack : onMark}>
        {isMarked ? 'Not a false alarm' : 'False alarm'}
      </Button>
    </div>
  );
}

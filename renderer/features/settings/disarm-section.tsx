import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import { Section } from '../../components/section.tsx';
import { oneLine } from '../../format/plain-text.ts';
import type { DisarmList, DisarmReport } from '../../state/model.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { boundWords, doneWords, isAllGone, listedWords } from '../../words/disarm-words.ts';
import styles from './settings.module.css';

/** How far it is. */
type Stage = 'rests' | 'looks' | 'takes';

/** Takes Sentra's hands off everything, after a question that names all of it. */
export function DisarmSection(): ReactElement {
  const store = useStore();
  const runs = useView(({ shell }) => shell?.monitor.state === 'running');
  const [stage, setStage] = useState<Stage>('rests');
  const [list, setList] = useState<DisarmList>();
  const [report, setReport] = useState<DisarmReport>();

  async function look(): Promise<void> {
    setStage('looks');
    const reply = await store.call('disarmList', {});
    setStage('rests');
    if (reply.ok) setList(reply.value);
    else store.say('alarm', reply.error.message);
  }
  async function take(): Promise<void> {
    setList(undefined);
    setReport(undefined);
    setStage('takes');
    const reply = await store.call('disarm', {});
    setStage('rests');
    if (reply.ok) setReport(reply.value);
    else store.say('alarm', reply.error.message);
  }
  return (
    <Section title="Hands off">
      <p>
        Ends watching, lets go what Sentra holds, and takes away all that it put up. Lists, policy
        and record stay.
      </p>
      <div className={styles.buttons}>
        <Button look="danger" disabled={!runs || stage !== 'rests'} onClick={() => void look()}>
          Take Sentra’s hands off everything…
        </Button>
      </div>
      <p role="status" className={styles.soft}>
        {stageWords(stage, runs, report)}
      </p>
      {report === undefined ? null : <Report report={report} />}
      {list === undefined ? null : (
        <Asked list={list} onClose={() => setList(undefined)} onConfirm={() => void take()} />
      )}
    </Section>
  );
}

function stageWords(stage: Stage, runs: boolean, report: DisarmReport | undefined): string {
  switch (stage) {
    case 'looks':
      return 'Looking for all that Sentra has its hands on…';
    case 'takes':
      return 'Taking Sentra’s hands off everything. Leave the window open…';
    case 'rests':
      if (report !== undefined) {
        return isAllGone(report)
          ? 'Sentra’s hands are off everything.'
          : 'Done, but not all of it is known to be gone.';
      }
      return runs ? '' : 'It takes a monitor that runs. Without one, in a terminal: sentra disarm';
  }
}

function Asked({
  list,
  onClose,
  onConfirm,
}: {
  readonly list: DisarmList;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}): ReactElement {
  return (
    <Question
      title="Take Sentra’s hands off everything?"
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" onClick={onConfirm}>
            Take all of it away
          </Button>
        </>
      }
    >
      <p>
        Nothing is watched, guarded or contained from then on, until you start watching again. What
        is held runs again, on its networks.
      </p>
      <p>{list.items.length === 0 ? 'Nothing of Sentra’s is found.' : 'Taken away, or let go:'}</p>
      <ul className={styles.held} tabIndex={0} aria-label="What is taken away">
        {list.items.map((item, index) => (
          <li key={index}>{listedWords(item)}</li>
        ))}
      </ul>
      {list.unseen.map((sentence) => (
        <p key={sentence}>Not seen: {oneLine(sentence, 600)}</p>
      ))}
    </Question>
  );
}

function Report({ report }: { readonly report: DisarmReport }): ReactElement {
  return (
    <>
      <ul className={styles.held} tabIndex={0} aria-label="What became of it">
        {report.items.map((item, index) => (
          <li key={index} className={item.failure === undefined ? undefined : styles.refusal}>
            {doneWords(item)}
          </li>
        ))}
      </ul>
      {report.left.map((sentence) => (
        <p key={sentence} className={styles.refusal}>
          {oneLine(sentence, 600)}
        </p>
      ))}
      {report.proof === undefined ? null : <p>{oneLine(report.proof, 600)}</p>}
      {report.bound.map((bound) => (
        <div key={bound.container} className={styles.bound}>
          <p>{boundWords(bound)}</p>
          {bound.commands.map((command) => (
            <code key={command}>{oneLine(command, 600)}</code>
          ))}
        </div>
      ))}
    </>
  );
}

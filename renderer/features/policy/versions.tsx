import { useEffect, useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { Question } from '../../components/dialog.tsx';
import { HiddenText } from '../../components/hidden-text.tsx';
import { dateAndTime } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import { lineDiff } from '../../state/line-diff.ts';
import type { PolicyText } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './policy.module.css';

/** The policies that were in force, each against the one that is; and the way back to them. */
export function Versions({
  text,
  onRestored,
}: {
  readonly text: PolicyText;
  readonly onRestored: (text: PolicyText) => void;
}): ReactElement {
  const store = useStore();
  const { versions } = text;
  const [chosen, setChosen] = useState(versions[1]?.hash ?? versions[0]?.hash);
  const [old, setOld] = useState<{ readonly hash: string; readonly text: string }>();
  const [failure, setFailure] = useState<string>();
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    if (chosen === undefined) return undefined;
    let left = false;
    void store.call('policyVersion', { hash: chosen }).then((reply) => {
      if (left) return;
      if (reply.ok) setOld({ hash: chosen, text: reply.value.text });
      setFailure(reply.ok ? undefined : reply.error.message);
    });
    return () => {
      left = true;
    };
  }, [store, chosen]);

  async function restore(version: string): Promise<void> {
    setAsking(false);
    const basedOn = text.fileHash ?? null;
    const reply = await store.call('savePolicy', { text: version, basedOn });
    if (reply.ok) {
      onRestored(reply.value);
      store.say('good', 'The earlier policy is in force again.');
    } else store.say('alarm', reply.error.message);
  }
  const close = () => setAsking(false);
  const inForce = chosen === versions[0]?.hash;
  const shown = old?.hash === chosen ? old : undefined;
  return (
    <div className={styles.versions}>
      <ul className={styles.versionList} aria-label="Versions, newest first">
        {versions.map(({ hash, loadedAt, source }, index) => (
          <li key={`${hash}-${loadedAt}`}>
            <button
              type="button"
              aria-pressed={hash === chosen}
              className={classes(styles.version, hash === chosen && styles.chosen)}
              onClick={() => setChosen(hash)}
            >
              <span>{dateAndTime(loadedAt, Date.now())}</span>
              {index === 0 ? <Badge tone="accent">in force</Badge> : null}
              <span className={styles.source}>
                <code>{hash.slice(0, 8)}</code> {oneLine(source, 60)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.compare}>
        <div className={styles.compareHead}>
          <span className={styles.source}>
            {inForce ? 'The policy in force.' : 'What has changed from this version to today’s.'}
          </span>
          <Button
            icon="undo"
            disabled={inForce || shown === undefined}
            onClick={() => setAsking(true)}
          >
            Restore…
          </Button>
        </div>
        {failure === undefined ? null : <p role="alert">{oneLine(failure)}</p>}
        {shown === undefined ? null : <Difference before={shown.text} after={text.text} />}
      </div>
      {asking && shown !== undefined ? (
        <Question
          title="Put this earlier policy in force again?"
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void restore(shown.text)}>
                Restore it
              </Button>
            </>
          }
        >
          <p>It is written to the policy file and holds from now on.</p>
        </Question>
      ) : null}
    </div>
  );
}

const signs = { same: ' ', removed: '−', added: '+' } as const;
const names = { same: '', removed: 'removed: ', added: 'added: ' } as const;

function Difference({
  before,
  after,
}: {
  readonly before: string;
  readonly after: string;
}): ReactElement {
  return (
    <div className={styles.diff} role="region" aria-label="Difference" tabIndex={0}>
      {lineDiff(before, after).map(({ kind, text }, index) => (
        <div key={index} className={classes(styles.line, styles[kind])}>
          <span aria-hidden="true">{signs[kind]}</span>
          <HiddenText>{names[kind]}</HiddenText>
          <span>{text}</span>
        </div>
      ))}
    </div>
  );
}

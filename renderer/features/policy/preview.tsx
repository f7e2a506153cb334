import { useEffect, useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { RuleOutcome } from '../../components/rule-outcome.tsx';
import { Section } from '../../components/section.tsx';
import { roughSpan } from '../../format/duration.ts';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { PolicyPreview, PolicyText } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { useTrial, type Trial } from '../../state/use-trial.ts';
import styles from './policy.module.css';

const spans = [
  { value: '1', label: '24 hours' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
] as const;

/** What each rule of the text, saved or not, would have done over the recorded past. */
export function Preview({ text }: { readonly text: PolicyText }): ReactElement {
  const draft = useView((state) => state.draft);
  const [days, setDays] = useState<(typeof spans)[number]['value']>('7');
  const { trial, run, stop } = useTrial();
  const tried = draft?.text ?? text.text;
  return (
    <div className={styles.scroll}>
      <div className={styles.tools}>
        <Choice label="How far back" options={spans} value={days} onChange={setDays} />
        {trial.state === 'running' ? (
          <Button onClick={stop}>Cancel</Button>
        ) : (
          <Button look="primary" onClick={() => void run(tried, Number(days))}>
            Try on the past
          </Button>
        )}
        <span className={styles.source}>
          {draft === undefined ? 'The policy in force.' : 'The text as it is being edited.'}
        </span>
      </div>
      <Outcome trial={trial} />
    </div>
  );
}

function Outcome({ trial }: { readonly trial: Trial }): ReactElement {
  switch (trial.state) {
    case 'none':
      return (
        <EmptyState icon="eye" title="See before you enforce">
          Each rule is tried on the findings recorded on this machine. Nothing is done to any
          container.
        </EmptyState>
      );
    case 'running':
      return <Running since={trial.since} />;
    case 'failed':
      return (
        <EmptyState icon="finding" title="It could not be tried">
          {oneLine(trial.message, 400)}
        </EmptyState>
      );
    case 'done':
      return <Result preview={trial.preview} />;
  }
}

/** How often it is asked how far it has come, in milliseconds. */
const askMs = 500;

function Running({ since }: { readonly since: number }): ReactElement {
  const store = useStore();
  const now = useNow(askMs);
  const [progress, setProgress] = useState<{ readonly done: number; readonly of: number }>();
  useEffect(() => {
    let left = false;
    void store.call('previewProgress', {}).then((reply) => {
      if (!left && reply.ok) setProgress(reply.value);
    });
    return () => {
      left = true;
    };
  }, [store, now]);
  const known = progress !== undefined && progress.of > 0 ? progress : undefined;
  return (
    <div className={styles.running}>
      <progress
        aria-label="Trying the policy"
        {...(known === undefined ? {} : { value: known.done, max: known.of })}
      />
      <span role="status">Trying each rule on each finding…</span>
      {roughSpan(now - since)}
    </div>
  );
}

function Result({ preview }: { readonly preview: PolicyPreview }): ReactElement {
  const { findings, isCut, leftOut, rules, problems } = preview;
  return (
    <Section
      title={`Over ${isCut ? 'the latest ' : ''}${countOf(findings, 'recorded finding')}`}
      aside={leftOut > 0 ? `${countOf(leftOut, 'finding')} could not be tried` : undefined}
      flush
    >
      <ul>
        {rules.map((rule) => (
          <li key={rule.rule} className={styles.result}>
            <div className={styles.resultHead}>
              <strong>{oneLine(rule.rule, 120)}</strong>
              <Badge tone={rule.mode === 'enforce' ? 'accent' : 'plain'}>{rule.mode}</Badge>
            </div>
            <RuleOutcome preview={rule} />
          </li>
        ))}
        {problems.map((problem) => (
          <li key={problem} className={styles.result}>
            <Badge tone="medium">not evaluated</Badge> {oneLine(problem, 400)}
          </li>
        ))}
      </ul>
    </Section>
  );
}

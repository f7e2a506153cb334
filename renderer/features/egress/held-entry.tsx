import { useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { oneLine } from '../../format/plain-text.ts';
import { lifetimes, type Span } from '../../state/egress-draft.ts';
import type { HeldQuestion } from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './egress.module.css';
import { firstOffers, offerOf, type Verdict } from './held-choice.ts';
import { destinationWords, matchedWords, stateWords, visitWords } from './held-words.ts';
import { ruleWords, whatOf } from './rule-words.ts';

/** One held connection: who asks, what for, and the answers there are. */
export function HeldEntry({
  question,
  onAnswered,
}: {
  readonly question: HeldQuestion;
  readonly onAnswered: (questions: readonly HeldQuestion[]) => void;
}): ReactElement {
  const store = useStore();
  const now = useNow();
  const [span, setSpan] = useState<Span>('forever');
  const [chosen, setChosen] = useState(() => firstOffers(question));
  // No button is switched off meanwhile: it would lose the focus.
  const [busy, setBusy] = useState(false);
  const { id, containerName, image, attempts, offers, destinations } = question;
  const to = destinationWords(question);
  const who = oneLine(containerName, 60);
  const offersOf = (verdict: Verdict) => offers.filter(({ rule }) => rule.verdict === verdict);
  const isOffered = (verdict: Verdict) => offerOf(question, chosen[verdict]) !== undefined;

  async function answer(
    call: () => ReturnType<typeof store.call<'egressHeldAllow'>>,
    said: string,
  ): Promise<void> {
    if (busy) return;
    setBusy(true);
    const reply = await call();
    setBusy(false);
    if (!reply.ok) {
      store.say('alarm', oneLine(reply.error.message, 400));
      return;
    }
    onAnswered(reply.value.questions);
    store.say('good', said);
  }

  function rule(verdict: Verdict): Promise<void> {
    const offer = offerOf(question, chosen[verdict]);
    if (offer === undefined) return Promise.resolve();
    const { verdict: _, ...written } = offer.rule;
    const params = { id, rule: { ...written, lifetime: span } };
    const what = whatOf(offer.rule);
    return verdict === 'allow'
      ? answer(() => store.call('egressHeldAllow', params), `${what} is allowed for ${who}.`)
      : answer(() => store.call('egressHeldDeny', params), `${what} is denied to ${who}.`);
  }

  return (
    <article className={styles.question} aria-label={`${who} to ${to}`}>
      <h3 className={styles.asks}>
        {who} wants to reach {to}
      </h3>
      <p className={styles.soft}>
        {stateWords(question, now)} {visitWords(question, now)} Image {oneLine(image, 120)}
        {attempts > 1 ? `, tried ${attempts} times` : ''}.
      </p>
      {(['allow', 'deny'] as const).map((verdict) => (
        <div key={verdict} className={styles.tools}>
          <Button
            look={verdict === 'allow' ? 'primary' : 'danger'}
            disabled={!isOffered(verdict)}
            onClick={() => void rule(verdict)}
          >
            {verdict === 'allow' ? 'Allow' : 'Deny'}
          </Button>
          <select
            aria-label={`What to ${verdict} for ${to}`}
            value={isOffered(verdict) ? chosen[verdict] : ''}
            onChange={(event) => setChosen({ ...chosen, [verdict]: event.target.value })}
          >
            {isOffered(verdict) ? null : (
              <option value="">Choose: it asks for something else by now</option>
            )}
            {offersOf(verdict).map(({ rule: written, matched }) => (
              <option key={ruleWords(written)} value={ruleWords(written)}>
                {whatOf(written)}
                {matchedWords(matched, destinations)}
              </option>
            ))}
          </select>
        </div>
      ))}
      <div className={styles.tools}>
        <span>The rule holds</span>
        <select
          aria-label={`For how long the rule about ${to} holds`}
          value={span}
          onChange={(event) => {
            const next = lifetimes.find(({ value }) => value === event.target.value)?.value;
            if (next !== undefined) setSpan(next);
          }}
        >
          {lifetimes.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <Button
          title="Refuses it now, without a rule; after a minute it may ask again"
          onClick={() =>
            void answer(() => store.call('egressHeldRefuse', { id }), `${to} was refused once.`)
          }
        >
          Refuse once
        </Button>
        <Button
          disabled={question.state.kind === 'deferred'}
          title="Refuses it, and does not ask again until you answer"
          onClick={() =>
            void answer(() => store.call('egressHeldDefer', { id }), `${to} is put off.`)
          }
        >
          Not now
        </Button>
      </div>
    </article>
  );
}

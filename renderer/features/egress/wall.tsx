import { useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Question } from '../../components/dialog.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import { objection } from '../../state/deeds.ts';
import {
  isNewlyBlind,
  type Coverage,
  type EgressView,
  type WorkloadView,
} from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './egress.module.css';

type Mode = EgressView['mode'];

const modes: readonly { readonly value: Mode; readonly label: string }[] = [
  { value: 'off', label: 'Off' },
  { value: 'observe', label: 'Observe' },
  { value: 'ask', label: 'Ask' },
  { value: 'enforce', label: 'Enforce' },
];

const channels = {
  off: 'egressOff',
  observe: 'egressObserve',
  ask: 'egressAsk',
  enforce: 'egressEnforce',
} as const satisfies Record<Mode, string>;

const meanings: Readonly<Record<Mode, string>> = {
  off: 'Its network is left untouched; nothing is seen of where it talks to.',
  observe:
    'Everything may leave; where it goes is counted. This holds where nobody chose another mode.',
  ask: 'Nothing leaves but what the list allows; what it does not decide is held until you answer.',
  enforce: 'Nothing leaves but what the list allows.',
};

const confirmations: Readonly<Record<Mode, string>> = {
  off: 'Leave it untouched',
  observe: 'Only observe',
  ask: 'Hold and ask',
  enforce: 'Enforce',
};

/** How the wall stands, what proves it, and the ways to make it tighter or looser. */
export function Wall({
  view,
  egress,
  onChanged,
}: {
  readonly view: WorkloadView;
  readonly egress: EgressView;
  readonly onChanged: (egress: EgressView) => void;
}): ReactElement {
  const store = useStore();
  const { container, name } = view.workload;
  const [asked, setAsked] = useState<Mode>();
  const [busy, setBusy] = useState<'mode' | 'proof'>();
  const [probes, setProbes] = useState<EgressView['probes']>();
  const { mode } = egress;
  const coverage = view.coverage.find(({ sensor }) => sensor === 'egress') ?? egress.coverage;
  const objects = objection(view, 'quarantine');
  const limits = (coverage && 'limits' in coverage.sight ? coverage.sight.limits : undefined) ?? [];

  async function change(next: Mode): Promise<void> {
    setAsked(undefined);
    setBusy('mode');
    const reply = await store.call(channels[next], { target: container });
    setBusy(undefined);
    setProbes(undefined);
    if (reply.ok) onChanged(reply.value);
    else store.say('alarm', oneLine(reply.error.message, 400));
  }
  async function prove(): Promise<void> {
    setBusy('proof');
    const reply = await store.call('egressProve', { target: container });
    setBusy(undefined);
    if (reply.ok) setProbes(reply.value.probes);
    else store.say('alarm', oneLine(reply.error.message, 400));
  }
  const closes = mode === 'enforce' || mode === 'ask';
  const rank = (each: Mode): number => modes.findIndex(({ value }) => value === each);
  const loosens = (next: Mode): boolean => closes && rank(next) < rank(mode);
  const close = () => setAsked(undefined);
  return (
    <div className={styles.wall}>
      <div className={styles.tools}>
        <h2 className={styles.title}>{oneLine(name, 60)}</h2>
        <Choice
          label={`Mode of ${oneLine(name, 60)}`}
          options={modes}
          value={mode}
          onChange={(next) => (loosens(next) ? setAsked(next) : void change(next))}
        />
        <Button
          disabled={!closes || busy !== undefined}
          title="Tries to get out past the wall"
          onClick={() => void prove()}
        >
          {busy === 'proof' ? 'Trying…' : 'Prove'}
        </Button>
        <Button
          icon="cut"
          look="danger"
          disabled={objects !== undefined}
          title={objects ?? 'Detaches it from all networks at once'}
          onClick={() => store.request('quarantine', container)}
        >
          Cut network
        </Button>
      </div>
      <p role="status" className={styles.standing}>
        {busy === 'mode' ? 'Changing the mode…' : meanings[mode]}
        {coverage === undefined ? null : (
          <>
            {' '}
            <Badge tone={toneOf(coverage.sight)}>
              {wordOf(coverage.sight, limits.length > 0)}
            </Badge>{' '}
            {'reason' in coverage.sight ? oneLine(coverage.sight.reason, 400) : null}
            {coverage.dropped > 0
              ? ` ${countOf(coverage.dropped, 'packet')} not told apart.`
              : null}
          </>
        )}
      </p>
      {limits.length === 0 ? null : (
        <ul className={styles.limits} aria-label="Limits">
          {limits.map((each) => (
            <li key={each}>{oneLine(each, 400)}</li>
          ))}
        </ul>
      )}
      {probes === undefined ? null : (
        <ul className={styles.probes} aria-label="Proof">
          {probes.map(({ what, outcome, detail }) => (
            <li key={what}>
              <Badge tone={proofTones[outcome]}>{proofWords[outcome]}</Badge> {oneLine(what, 200)}
              <span className={styles.soft}> {oneLine(detail, 200)}</span>
            </li>
          ))}
        </ul>
      )}
      {asked === undefined ? null : (
        <Question
          title={
            asked === 'ask'
              ? `Hold and ask what ${oneLine(name, 60)} may?`
              : `Take down the wall around ${oneLine(name, 60)}?`
          }
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void change(asked)}>
                {confirmations[asked]}
              </Button>
            </>
          }
        >
          <p>{meanings[asked]} The list stays, and can be enforced again.</p>
        </Question>
      )}
    </div>
  );
}

const tones = {
  seeing: 'good',
  partly: 'medium',
  blind: 'critical',
  starting: 'plain',
  'on-demand': 'plain',
} as const;
const words = {
  seeing: 'sees all',
  partly: 'in part',
  blind: 'blind',
  starting: 'starting',
  'on-demand': 'on demand',
} as const;

/** What nobody asked for, or gave the means for, is neither good nor bad. */
function isPlain(sight: Coverage['sight']): boolean {
  if (sight.state === 'seeing') return sight.unguarded === true;
  return sight.state === 'blind' && !isNewlyBlind(sight);
}

function toneOf(sight: Coverage['sight']): (typeof tones)[keyof typeof tones] {
  return isPlain(sight) ? 'plain' : tones[sight.state];
}

/** Who sees with a limit does not see all. */
function wordOf(sight: Coverage['sight'], isLimited: boolean): string {
  if (!isPlain(sight)) {
    return sight.state === 'seeing' && isLimited ? 'sees, with limits' : words[sight.state];
  }
  return sight.state === 'seeing' ? 'only counted' : 'not watched';
}

const proofTones = {
  'as-it-should': 'good',
  wrong: 'critical',
  'not-proved': 'medium',
  'not-tried': 'plain',
} as const;
const proofWords = {
  'as-it-should': 'good',
  wrong: 'WRONG',
  'not-proved': 'not proved',
  'not-tried': 'cannot be tried here',
} as const;

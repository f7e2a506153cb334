import { useEffect, useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { Question } from '../../components/dialog.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type { EgressCatalogue, EgressProfile, EgressView } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './egress.module.css';
import { ProfileEditor } from './profile-editor.tsx';
import { ruleWords } from './rule-words.ts';

/** The profiles that a list has, and the way to have more of them. */
export function Profiles({
  egress,
  names,
  disabled,
  onRemove,
  onChanged,
}: {
  readonly egress: EgressView;
  /** As in the draft. */
  readonly names: readonly string[];
  /** While a draft is not saved, nothing is changed beside it. */
  readonly disabled: boolean;
  readonly onRemove: (name: string) => void;
  readonly onChanged: (egress: EgressView) => void;
}): ReactElement {
  const store = useStore();
  const [catalogue, setCatalogue] = useState<EgressCatalogue>();
  const [wanted, setWanted] = useState<EgressProfile>();
  const [edited, setEdited] = useState<EgressProfile>();
  const { version } = egress;
  useEffect(() => {
    let left = false;
    void store.call('egressPresets', {}).then((reply) => {
      if (!left && reply.ok) setCatalogue(reply.value);
    });
    return () => {
      left = true;
    };
  }, [store, version]);
  const own = new Map(catalogue?.profiles.map((each) => [each.name, each]));
  const offered = [
    ...(catalogue?.profiles ?? []),
    ...(catalogue?.presets.filter(({ name }) => !own.has(name)) ?? []),
  ].filter(({ name }) => !names.includes(name));

  async function use(name: string): Promise<void> {
    setWanted(undefined);
    const reply = await store.call('egressPreset', { target: egress.container, preset: name });
    if (reply.ok) onChanged(reply.value);
    else store.say('alarm', oneLine(reply.error.message, 400));
  }
  const close = () => setWanted(undefined);
  return (
    <div className={styles.tools} role="group" aria-label="Profiles">
      <span className={styles.soft}>Profiles:</span>
      {names.map((name) => {
        const profile = egress.profiles.find((each) => each.name === name);
        return (
          <span key={name} className={styles.profile}>
            <Badge tone="accent" title={profile?.note}>
              {oneLine(name, 40)}
            </Badge>
            {profile === undefined ? null : (
              <Button look="quiet" disabled={disabled} onClick={() => setEdited(profile)}>
                {countOf(profile.rules.length, 'rule')}…
              </Button>
            )}
            <IconButton
              icon="close"
              label={`Take the profile ${oneLine(name, 40)} out`}
              onClick={() => onRemove(name)}
            />
          </span>
        );
      })}
      <select
        aria-label="Use a preset or profile"
        disabled={disabled}
        value=""
        onChange={(event) => setWanted(offered.find(({ name }) => name === event.target.value))}
      >
        <option value="">{disabled ? 'Save first to add one' : 'Add a preset…'}</option>
        {offered.map(({ name, note }) => (
          <option key={name} value={name}>
            {`${name}${note === undefined ? '' : `: ${oneLine(note, 60)}`}`}
          </option>
        ))}
      </select>
      {wanted === undefined ? null : (
        <Question
          title={`Allow what ${oneLine(wanted.name, 40)} names?`}
          onClose={close}
          buttons={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" onClick={() => void use(wanted.name)}>
                Use {oneLine(wanted.name, 40)}
              </Button>
            </>
          }
        >
          {wanted.note === undefined ? null : <p>{oneLine(wanted.note, 500)}</p>}
          <ul className={styles.refused}>
            {wanted.rules.slice(0, 100).map((rule, index) => (
              <li key={index}>{ruleWords(rule)}</li>
            ))}
          </ul>
        </Question>
      )}
      {edited === undefined ? null : (
        <ProfileEditor
          container={egress.container}
          profile={edited}
          onClose={() => setEdited(undefined)}
          onChanged={(next) => {
            setEdited(undefined);
            onChanged(next);
          }}
        />
      )}
    </div>
  );
}

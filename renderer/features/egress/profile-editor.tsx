import { useMemo, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { oneLine } from '../../format/plain-text.ts';
import {
  addRule,
  changeRules,
  openDraft,
  portProblem,
  removeRules,
  undoDraft,
  writtenRule,
} from '../../state/egress-draft.ts';
import type { ContainerId, EgressProfile, EgressView } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import styles from './egress.module.css';
import { RuleRows, type RuleDesk } from './rule-rows.tsx';
import { useCheck } from './use-check.ts';

/** The rules of a profile, which hold for every workload that has it. */
export function ProfileEditor({
  container,
  profile,
  onClose,
  onChanged,
}: {
  readonly container: ContainerId;
  readonly profile: EgressProfile;
  readonly onClose: () => void;
  readonly onChanged: (egress: EgressView) => void;
}): ReactElement {
  const store = useStore();
  const [history, setHistory] = useState(() => openDraft(profile.rules, []));
  const [refusal, setRefusal] = useState<string>();
  const { rules } = history.present;
  const { remarks } = useCheck(container, history.present);
  const problems = useMemo(() => {
    const found = new Map<number, string>();
    for (const rule of rules) {
      const problem = portProblem(rule);
      if (problem !== undefined) found.set(rule.id, problem);
      if (rule.target.trim() === '') found.set(rule.id, 'A name, an address or a range.');
    }
    return found;
  }, [rules]);
  const desk: RuleDesk = {
    problems,
    remarks,
    chosen: new Set(),
    onChoose: () => undefined,
    onChange: (id, change) => setHistory((before) => changeRules(before, new Set([id]), change)),
    onRemove: (id) => setHistory((before) => removeRules(before, new Set([id]))),
    useOf: () => undefined,
  };
  async function save(): Promise<void> {
    const { name, note } = profile;
    const reply = await store.call('egressProfile', {
      target: container,
      profile: {
        name,
        ...(note === undefined ? {} : { note }),
        rules: rules.map(writtenRule),
      },
    });
    if (reply.ok) onChanged(reply.value);
    else setRefusal(reply.error.message);
  }
  return (
    <Dialog title={`Profile ${oneLine(profile.name, 40)}`} onClose={onClose}>
      <p className={styles.soft}>A change holds for every workload that has this profile.</p>
      {refusal === undefined ? null : (
        <p role="alert" className={styles.problem}>
          {oneLine(refusal, 600)}
        </p>
      )}
      <div className={styles.dialogRules}>
        <RuleRows rules={rules} desk={desk} />
      </div>
      <div className={styles.foot}>
        <Button
          icon="plus"
          onClick={() => setHistory((before) => addRule(before, { verdict: 'allow', target: '' }))}
        >
          Add rule
        </Button>
        <Button
          icon="undo"
          disabled={history.past.length === 0}
          onClick={() => setHistory(undoDraft)}
        >
          Undo
        </Button>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          disabled={history.past.length === 0 || problems.size > 0}
          onClick={() => void save()}
        >
          Save for all
        </Button>
      </div>
    </Dialog>
  );
}

import { useCallback, useEffect, useMemo, useState, type ReactElement } from 'react';
import { Button } from '../../components/button.tsx';
import { isAsking } from '../../components/is-asking.ts';
import { Notice } from '../../components/notice.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { countOf } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import {
  addRule,
  changeRules,
  fittingRules,
  redoDraft,
  removeRules,
  stepDraft,
  undoDraft,
  writtenRule,
  type DraftHistory,
  type DraftRule,
} from '../../state/egress-draft.ts';
import { editingOf, type Editing } from '../../state/egress-editing.ts';
import type { EgressView } from '../../state/model.ts';
import { useStore } from '../../state/use-store.ts';
import { BulkTools } from './bulk-tools.tsx';
import styles from './egress.module.css';
import { FileTools } from './file-tools.tsx';
import { PreviewLine } from './preview-line.tsx';
import { Profiles } from './profiles.tsx';
import { RuleRows, type RuleChange, type RuleDesk } from './rule-rows.tsx';
import { SaveQuestion } from './save-question.tsx';
import { TakeBack } from './take-back.tsx';
import { useCheck, wholeList } from './use-check.ts';

const one = (id: number): ReadonlySet<number> => new Set([id]);

/** A workload's list, edited as a draft: nothing holds before it is saved. */
export function ListEditor({
  egress,
  editing,
  onEdit,
  onSaved,
}: {
  readonly egress: EgressView;
  readonly editing: Editing;
  readonly onEdit: (change: (before: Editing) => Editing) => void;
  readonly onSaved: (egress: EgressView) => void;
}): ReactElement {
  const store = useStore();
  const { container } = egress;
  const { history, basedOn } = editing;
  const { rules, profiles } = history.present;
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [asking, setAsking] = useState(false);
  const [saving, setSaving] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const checking = useCheck(container, history.present);
  const shown = useMemo(() => fittingRules(rules, words), [rules, words]);
  // What the filter hides, and what is gone, is not acted on.
  const acted = useMemo(
    () => new Set(shown.map(({ id }) => id).filter((id) => chosen.has(id))),
    [shown, chosen],
  );
  const isChanged = history.past.length > 0;
  const isStale = basedOn !== egress.version;
  const canSave =
    isChanged && !saving && !checking.pending && checking.problems.size === 0 && !isStale;
  const step = useCallback(
    (change: (before: DraftHistory) => DraftHistory) =>
      onEdit((before) => ({ ...before, history: change(before.history) })),
    [onEdit],
  );
  const useOf = useUses(egress);

  const desk: RuleDesk = useMemo(
    () => ({
      problems: checking.problems,
      remarks: checking.remarks,
      chosen,
      onChoose: (id) =>
        setChosen((before) => {
          const next = new Set(before);
          if (!next.delete(id)) next.add(id);
          return next;
        }),
      onChange: (id: number, change: RuleChange) =>
        step((before) => changeRules(before, one(id), change)),
      onRemove: (id) => step((before) => removeRules(before, one(id))),
      useOf,
    }),
    [checking.problems, checking.remarks, chosen, step, useOf],
  );

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      // While something is asked, the list behind it stays as it was asked about. The browser's own
      // undo would reach its fields, too, from wherever nothing can be typed.
      if (isAsking()) {
        const isTyped = event.target instanceof Element && event.target.matches('input, textarea');
        if ((key === 'z' || key === 'y') && !isTyped) event.preventDefault();
        return;
      }
      if (key === 's' && canSave) setAsking(true);
      else if (key === 'z' && !event.shiftKey) step(undoDraft);
      else if (key === 'y' || (key === 'z' && event.shiftKey)) step(redoDraft);
      else if (key !== 's') return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [canSave, step]);

  async function save(): Promise<void> {
    setAsking(false);
    setRefusal(undefined);
    setSaving(true);
    const reply = await store.call('egressSave', {
      target: container,
      basedOn,
      profiles: [...profiles],
      rules: rules.map(writtenRule),
    });
    setSaving(false);
    if (!reply.ok) {
      setRefusal(reply.error.message);
      return;
    }
    setChosen(new Set());
    onSaved(reply.value);
    store.say('good', 'The list is saved, and its walls follow it.');
  }
  function add(): void {
    setWords('');
    step((before) => addRule(before, { verdict: 'allow', target: '' }));
    // Its row is drawn with the next frame.
    const id = history.nextId;
    setTimeout(() => {
      const rows = document.querySelector('[aria-label="Rules of the list"]');
      rows?.scrollTo({ top: rows.scrollHeight });
      setTimeout(() => document.querySelector<HTMLElement>(`[data-target="${id}"]`)?.focus(), 60);
    }, 60);
  }
  const discard = (): void => {
    setChosen(new Set());
    onEdit(() => editingOf(egress));
  };
  const whole = checking.problems.get(wholeList);
  return (
    <>
      {isStale ? (
        <Notice
          tone="warning"
          title="The list was changed meanwhile."
          buttons={<Button onClick={discard}>Take the new one</Button>}
        >
          Your edits are of an older list, and cannot be saved over it.
        </Notice>
      ) : null}
      {refusal === undefined ? null : (
        <Notice tone="alarm" title="Not saved.">
          {oneLine(refusal, 600)}
        </Notice>
      )}
      <div className={styles.tools}>
        <SearchField
          label="Filter rules"
          placeholder="Target, note or port"
          value={words}
          onChange={setWords}
        />
        <Button icon="plus" onClick={add}>
          Add rule
        </Button>
        <Button icon="undo" disabled={!isChanged} onClick={() => step(undoDraft)}>
          Undo
        </Button>
        <Button disabled={history.future.length === 0} onClick={() => step(redoDraft)}>
          Redo
        </Button>
        <FileTools container={container} disabled={isChanged} onChanged={onSaved} />
      </div>
      <Profiles
        egress={egress}
        names={profiles}
        disabled={isChanged}
        onRemove={(name) =>
          step((before) => {
            const rest = before.present.profiles.filter((each) => each !== name);
            return stepDraft(before, { ...before.present, profiles: rest }, '');
          })
        }
        onChanged={onSaved}
      />
      <BulkTools
        shown={shown}
        chosen={acted}
        useOf={useOf}
        onChoose={setChosen}
        onChange={(change) => step((before) => changeRules(before, acted, change))}
        onRemove={() => {
          step((before) => removeRules(before, acted));
          setChosen(new Set());
        }}
      />
      {rules.length === 0 ? (
        <p className={styles.soft}>
          No rule of its own. In the mode enforce nothing leaves but what its profiles allow.
        </p>
      ) : (
        <RuleRows rules={shown} desk={desk} />
      )}
      <PreviewLine checking={checking} whole={whole} mode={egress.mode} />
      <div className={styles.foot}>
        <span className={styles.soft}>
          {countOf(rules.length, 'rule')}
          {shown.length < rules.length ? `, ${shown.length} shown` : ''}
        </span>
        {isChanged ? null : <TakeBack egress={egress} onChanged={onSaved} />}
        <Button disabled={!isChanged} onClick={discard}>
          Discard changes
        </Button>
        <Button look="primary" disabled={!canSave} onClick={() => setAsking(true)}>
          {saving ? 'Saving…' : 'Save…'}
        </Button>
      </div>
      {asking ? (
        <SaveQuestion
          preview={checking.preview}
          mode={egress.mode}
          onClose={() => setAsking(false)}
          onSave={() => void save()}
        />
      ) : null}
    </>
  );
}

/** How often the rules of the saved list were used, by what they are about. */
function useUses(egress: EgressView): (rule: DraftRule) => EgressView['uses'][number] | undefined {
  const { rules, uses } = egress;
  return useMemo(() => {
    const key = (target: string, protocol: string, port: string | number): string =>
      `${target} ${protocol} ${port}`;
    const known = new Map(
      rules.map((rule, index) => [
        key(rule.target, rule.protocol ?? '', rule.port ?? ''),
        uses[index],
      ]),
    );
    return ({ target, protocol, port }) => known.get(key(target, protocol, port));
  }, [rules, uses]);
}

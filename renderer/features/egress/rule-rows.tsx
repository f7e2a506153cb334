import { memo, useEffect, useRef, type ReactElement } from 'react';
import { IconButton } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { useWindowOfRows } from '../../components/use-window-of-rows.ts';
import { relativeTime } from '../../format/duration.ts';
import { oneLine } from '../../format/plain-text.ts';
import { lifetimes, type DraftRule } from '../../state/egress-draft.ts';
import type { EgressView } from '../../state/model.ts';
import styles from './egress.module.css';
import { lifetimeWords } from './rule-words.ts';

/** The height of every row, in pixels. */
const rowHeight = 58;

export type RuleChange = Partial<Omit<DraftRule, 'id' | 'by' | 'at'>>;

/** What the rows tell of and do to the rules. */
export interface RuleDesk {
  readonly problems: ReadonlyMap<number, string>;
  /** What is to be known of rules that are right. */
  readonly remarks: ReadonlyMap<number, string>;
  readonly chosen: ReadonlySet<number>;
  readonly onChoose: (id: number) => void;
  readonly onChange: (id: number, change: RuleChange) => void;
  readonly onRemove: (id: number) => void;
  /** How often the rule was used; undefined for one that is not saved. */
  readonly useOf: (rule: DraftRule) => EgressView['uses'][number] | undefined;
}

/** Rules to be edited, a row each; of a long list only those in sight are drawn. */
export function RuleRows({
  rules,
  desk,
}: {
  readonly rules: readonly DraftRule[];
  readonly desk: RuleDesk;
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const { first, end } = useWindowOfRows(scroller, rowHeight, rules.length);
  useEffect(() => {
    space.current?.style.setProperty('height', `${rules.length * rowHeight}px`);
  }, [rules.length]);
  return (
    <div
      ref={scroller}
      className={styles.rules}
      role="list"
      aria-label="Rules of the list"
      tabIndex={0}
    >
      <div ref={space} className={styles.space} role="presentation">
        {rules.slice(first, end).map((rule, index) => (
          <Row
            key={rule.id}
            rule={rule}
            place={first + index}
            count={rules.length}
            problem={desk.problems.get(rule.id)}
            remark={desk.remarks.get(rule.id)}
            isChosen={desk.chosen.has(rule.id)}
            desk={desk}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  readonly rule: DraftRule;
  readonly place: number;
  readonly count: number;
  readonly problem: string | undefined;
  readonly remark: string | undefined;
  readonly isChosen: boolean;
  readonly desk: RuleDesk;
}

const Row = memo(function Row({ rule, place, count, problem, remark, isChosen, desk }: RowProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    element.current?.style.setProperty('transform', `translateY(${place * rowHeight}px)`);
  }, [place]);
  const { id, verdict, target, protocol, port, local, note } = rule;
  const what = oneLine(target, 80) || 'the new rule';
  const words = problem ?? remark;
  const change = (next: RuleChange): void => desk.onChange(id, next);
  return (
    <div
      ref={element}
      role="listitem"
      aria-posinset={place + 1}
      aria-setsize={count}
      className={classes(styles.rule, problem !== undefined && styles.wrong)}
    >
      <div className={styles.fields}>
        <input
          type="checkbox"
          aria-label={`Choose ${what}`}
          checked={isChosen}
          onChange={() => desk.onChoose(id)}
        />
        <select
          aria-label={`Verdict on ${what}`}
          value={verdict}
          className={verdict === 'deny' ? styles.deny : undefined}
          onChange={(event) =>
            change({ verdict: event.target.value === 'deny' ? 'deny' : 'allow' })
          }
        >
          <option value="allow">allow</option>
          <option value="deny">deny</option>
        </select>
        <input
          type="text"
          aria-label="Target"
          aria-invalid={problem !== undefined}
          aria-describedby={words === undefined ? undefined : `rule-words-${id}`}
          placeholder="example.com, *.example.com, 10.0.0.0/8"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          maxLength={1000}
          value={target}
          data-target={id}
          onChange={(event) => change({ target: event.target.value })}
        />
        <select
          aria-label={`Protocol of ${what}`}
          value={protocol}
          onChange={(event) => change({ protocol: protocolOf(event.target.value) })}
        >
          <option value="">any</option>
          <option value="tcp">TCP</option>
          <option value="udp">UDP</option>
        </select>
        <input
          type="text"
          inputMode="numeric"
          aria-label={`Port of ${what}`}
          placeholder="any port"
          maxLength={5}
          value={port}
          onChange={(event) => change({ port: event.target.value })}
        />
        <Lifetime rule={rule} what={what} onChange={change} />
        <label className={styles.local} title="The name may lead to private addresses">
          <input
            type="checkbox"
            checked={local}
            onChange={(event) => change({ local: event.target.checked })}
          />{' '}
          local
        </label>
        <input
          type="text"
          aria-label={`Note on ${what}`}
          placeholder="note"
          maxLength={500}
          value={note}
          onChange={(event) => change({ note: event.target.value })}
        />
        <IconButton
          icon="close"
          label={`Remove ${what}`}
          data-remove
          onClick={({ currentTarget }) => {
            passFocusOn(currentTarget);
            desk.onRemove(id);
          }}
        />
      </div>
      {words === undefined ? (
        <Origin rule={rule} use={desk.useOf(rule)} />
      ) : (
        <p
          id={`rule-words-${id}`}
          className={problem === undefined ? styles.remark : styles.problem}
          title={words}
        >
          {oneLine(words, 300)}
        </p>
      )}
    </div>
  );
});

/** To the same button of the next row, else of the one before: this one goes with its row. */
function passFocusOn(button: HTMLElement): void {
  const row = button.closest('[role="listitem"]');
  const near = row?.nextElementSibling ?? row?.previousElementSibling;
  near?.querySelector<HTMLElement>('[data-remove]')?.focus();
}

function protocolOf(text: string): DraftRule['protocol'] {
  return text === 'tcp' || text === 'udp' ? text : '';
}

function Lifetime({
  rule: { lifetime },
  what,
  onChange,
}: {
  readonly rule: DraftRule;
  readonly what: string;
  readonly onChange: (change: RuleChange) => void;
}): ReactElement {
  const isTied = typeof lifetime === 'object';
  return (
    <select
      aria-label={`Lifetime of ${what}`}
      value={isTied ? 'tied' : (lifetime ?? 'forever')}
      onChange={(event) => {
        const span = lifetimes.find(({ value }) => value === event.target.value)?.value;
        if (span !== undefined) onChange({ lifetime: span });
      }}
    >
      {isTied ? <option value="tied">{lifetimeWords(lifetime)}</option> : null}
      {lifetimes.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** Who put the rule in, when, and whether it is of use. */
function Origin({
  rule: { by, at },
  use,
}: {
  readonly rule: DraftRule;
  readonly use: EgressView['uses'][number] | undefined;
}): ReactElement {
  const now = Date.now();
  const words = [
    by === undefined ? undefined : oneLine(by, 100),
    at === undefined ? undefined : relativeTime(at, now),
    use === undefined
      ? 'not saved yet'
      : use.lastAt === undefined
        ? 'never used'
        : `last used ${relativeTime(use.lastAt, now)}`,
    use?.isIdle === true ? 'unused for weeks: needed no more?' : undefined,
  ].filter((each) => each !== undefined);
  return <p className={styles.origin}>{words.join(' · ')}</p>;
}

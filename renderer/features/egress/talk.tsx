import { useMemo, useState, type ReactElement } from 'react';
import { Badge } from '../../components/badge.tsx';
import { IconButton } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { bytes } from '../../format/bytes.ts';
import { relativeTime } from '../../format/duration.ts';
import { countOf, grouped } from '../../format/number.ts';
import { oneLine } from '../../format/plain-text.ts';
import type {
  EgressRule,
  EgressSeen,
  SeenDestination,
  SeenKind,
  SeenName,
} from '../../state/model.ts';
import { useNow } from '../../state/use-now.ts';
import styles from './egress.module.css';
import { fitting, isCut, keyOf, kindWords, placesOf, ruleAbout, ruleOf } from './seen-place.ts';

/** Where a container talked to in the past day, and which names it asked for, the latest first. */
export function Talk({
  seen,
  onPropose,
}: {
  readonly seen: EgressSeen | undefined;
  readonly onPropose: (rules: readonly EgressRule[]) => void;
}): ReactElement {
  const now = useNow(5000);
  const [words, setWords] = useState('');
  const all = useMemo(() => placesOf(seen), [seen]);
  const shown = useMemo(() => fitting(all, words), [all, words]);
  const reached = useMemo(() => new Set(seen?.destinations.map(({ name }) => name)), [seen]);
  const asked = useMemo(() => new Map(seen?.names.map((each) => [each.name, each.asked])), [seen]);
  if (all.length === 0) {
    return (
      <EmptyState icon="eye" title="Nothing was seen yet">
        In every mode but off, what it sends is counted by destination, and the names that it asks
        for by name.
      </EmptyState>
    );
  }
  return (
    <>
      <div className={styles.tools}>
        <SearchField
          label="Filter destinations"
          placeholder="Name, address or port"
          value={words}
          onChange={setWords}
        />
        <span className={styles.soft}>
          {countOf(shown.length, 'destination or name', 'destinations and names')} in 24 hours
          {isCut(seen) ? ', the latest of them' : ''}
        </span>
      </div>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Destinations">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Destination</th>
              <th scope="col">Port</th>
              <th scope="col" className={styles.figure}>
                Sent
              </th>
              <th scope="col" className={styles.figure}>
                Received
              </th>
              <th scope="col">Refused</th>
              <th scope="col">Last seen</th>
              <th scope="col">Rule</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) =>
              'address' in each ? (
                <Row
                  key={keyOf(each)}
                  seen={each}
                  asked={each.name === undefined ? 0 : (asked.get(each.name) ?? 0)}
                  now={now}
                  onPropose={onPropose}
                />
              ) : 'kind' in each ? (
                <KindRow key={keyOf(each)} seen={each} now={now} />
              ) : (
                <NameRow
                  key={keyOf(each)}
                  seen={each}
                  now={now}
                  onPropose={reached.has(each.name) ? undefined : onPropose}
                />
              ),
            )}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({
  seen,
  asked,
  now,
  onPropose,
}: {
  readonly seen: SeenDestination;
  /** How often its name was asked. */
  readonly asked: number;
  readonly now: number;
  readonly onPropose: (rules: readonly EgressRule[]) => void;
}): ReactElement {
  const { address, name, protocol, port, sentBytes, receivedBytes } = seen;
  const { sentPackets, refusedPackets, firstSeenAt, lastSeenAt } = seen;
  const where = oneLine(name ?? address, 120);
  return (
    <tr>
      <th scope="row">
        <span className={styles.where}>{where}</span>
        {name === undefined ? null : (
          <span className={styles.aside}>
            {' '}
            {oneLine(address, 60)}
            {asked === 0 ? null : `, asked ${asked === 1 ? 'once' : `${grouped(asked)} times`}`}
          </span>
        )}
      </th>
      <td>{`${protocolWord(protocol)}${port === undefined ? '' : ` ${port}`}`}</td>
      <td className={styles.figure}>{bytes(sentBytes)}</td>
      <td className={styles.figure}>{bytes(receivedBytes)}</td>
      <td>
        {refusedPackets === 0 ? null : (
          <Badge tone={refusedPackets >= sentPackets ? 'high' : 'medium'}>
            {grouped(refusedPackets)}
          </Badge>
        )}
      </td>
      <Seen firstAt={firstSeenAt} lastAt={lastSeenAt} now={now} />
      <Deeds where={where} onPropose={(verdict) => onPropose([ruleOf(seen, verdict)])} />
    </tr>
  );
}

/** The kernel's word, and what most of it is. */
function protocolWord(protocol: string): string {
  return protocol === 'icmp' || protocol === 'icmpv6'
    ? `${protocol} (ping)`
    : oneLine(protocol, 12);
}

/** What was asked by its name, and what became of that. */
function NameRow({
  seen: { name, asked, answered, refused, held, firstSeenAt, lastSeenAt },
  now,
  onPropose,
}: {
  readonly seen: SeenName;
  readonly now: number;
  /** Undefined where a row about a destination of the name offers the same. */
  readonly onPropose: ((rules: readonly EgressRule[]) => void) | undefined;
}): ReactElement {
  const where = oneLine(name, 120);
  return (
    <tr>
      <th scope="row">
        <span className={styles.where}>{where}</span>
        <span className={styles.aside}>
          {refused + held > 0 ? ' refused by name' : ' asked by name'}
        </span>
      </th>
      <td>DNS</td>
      <td className={styles.figure}>{grouped(asked)} asked</td>
      <td className={styles.figure}>{grouped(answered)} answered</td>
      <td>
        {refused === 0 ? null : <Badge tone="high">{grouped(refused)}</Badge>}
        {held === 0 ? null : <Badge tone="medium">{grouped(held)} held</Badge>}
      </td>
      <Seen firstAt={firstSeenAt} lastAt={lastSeenAt} now={now} />
      {onPropose === undefined ? (
        <td />
      ) : (
        <Deeds where={where} onPropose={(verdict) => onPropose([ruleAbout(name, verdict)])} />
      )}
    </tr>
  );
}

/** What the wall refuses wherever it is to go, so that there is no rule for it. */
function KindRow({
  seen: { kind, packets, firstSeenAt, lastSeenAt },
  now,
}: {
  readonly seen: SeenKind;
  readonly now: number;
}): ReactElement {
  const { where, what } = kindWords[kind];
  return (
    <tr>
      <th scope="row">
        <span className={styles.where}>{where}</span>
        <span className={styles.aside}> {what}</span>
      </th>
      <td />
      <td />
      <td />
      <td>
        <Badge tone="high">{grouped(packets)}</Badge>
      </td>
      <Seen firstAt={firstSeenAt} lastAt={lastSeenAt} now={now} />
      <td />
    </tr>
  );
}

/** When last, and since when. */
function Seen({
  firstAt,
  lastAt,
  now,
}: {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly now: number;
}): ReactElement {
  return (
    <td>
      {relativeTime(lastAt, now)}
      <span className={styles.aside}> first {relativeTime(firstAt, now)}</span>
    </td>
  );
}

/** What can be done about a row. */
function Deeds({
  where,
  onPropose,
}: {
  readonly where: string;
  readonly onPropose: (verdict: EgressRule['verdict']) => void;
}): ReactElement {
  return (
    <td className={styles.deeds}>
      <IconButton
        icon="check"
        label={`Allow ${where}`}
        hint="Put a rule that allows it into the list; nothing is saved yet"
        onClick={() => onPropose('allow')}
      />
      <IconButton
        icon="close"
        label={`Deny ${where}`}
        hint="Put a rule that denies it into the list; nothing is saved yet"
        onClick={() => onPropose('deny')}
      />
    </td>
  );
}

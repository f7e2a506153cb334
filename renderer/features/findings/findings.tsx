import { useMemo, useState, type ReactElement } from 'react';
import { Choice } from '../../components/choice.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { containerName } from '../../words/container-name.ts';
import { standingOf } from '../../state/standing.ts';
import { listedFindings, shownFinding, type FindingFilter } from '../../state/finding-list.ts';
import { useStore, useView } from '../../state/use-store.ts';
import { BulkTriage } from './bulk-triage.tsx';
import { FindingDetail } from './finding-detail.tsx';
import { FindingList } from './finding-list.tsx';
import styles from './findings.module.css';

const filters: readonly { readonly value: FindingFilter; readonly label: string }[] = [
  { value: 'open', label: 'Open' },
  { value: 'closed', label: 'Over' },
  { value: 'all', label: 'All' },
];

/** Everything that was not normal: the list, and one of it in full. */
export function Findings({ selected }: { readonly selected: string | undefined }): ReactElement {
  const store = useStore();
  const findings = useView((state) => state.findings);
  const workloads = useView((state) => state.workloads);
  const asked = selected === undefined ? undefined : findings.get(selected);
  const [words, setWords] = useState('');
  const [filter, setFilter] = useState<FindingFilter>(asked?.status === 'closed' ? 'all' : 'open');
  const [asksInfo, setAsksInfo] = useState(asked?.severity === 'info');
  const everything = useMemo(
    () =>
      listedFindings(findings.values(), filter, words, (finding) =>
        containerName(workloads, finding),
      ),
    [findings, workloads, filter, words],
  );
  const graver = useMemo(
    () => everything.filter(({ severity }) => severity !== 'info'),
    [everything],
  );
  const list = asksInfo ? everything : graver;
  const infos = everything.length - graver.length;
  const [kept, setKept] = useState<string>();
  const shown = shownFinding(findings, selected, kept, list);
  if (shown?.id !== kept) setKept(shown?.id);
  // Another filter is another list: its first is shown.
  const filterBy = (change: () => void) => {
    setKept(undefined);
    change();
  };
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  // What the filter hides is not acted on.
  const chosen = useMemo(() => list.filter(({ id }) => marked.has(id)), [list, marked]);
  const toggle = (id: string) => {
    const next = new Set(marked);
    if (!next.delete(id)) next.add(id);
    setMarked(next);
  };
  const select = (finding: string) => store.go({ screen: 'findings', finding });
  return (
    <Page title="Findings">
      <div className={styles.tools}>
        <SearchField
          label="Filter findings"
          placeholder="Container, kind or words"
          value={words}
          onChange={(next) => filterBy(() => setWords(next))}
        />
        <Choice
          label="Which findings"
          options={filters}
          value={filter}
          onChange={(next) => filterBy(() => setFilter(next))}
        />
        <label className={styles.recorded}>
          <input
            type="checkbox"
            checked={asksInfo}
            onChange={(event) => filterBy(() => setAsksInfo(event.target.checked))}
          />
          {`Also show what is only recorded (${infos})`}
        </label>
      </div>
      {list.length === 0 && shown === undefined ? (
        <Nothing filter={filter} infos={infos} filtered={words !== ''} />
      ) : (
        <>
          <BulkTriage shown={list} chosen={chosen} onChoose={setMarked} />
          <div className={styles.split}>
            <FindingList
              findings={list}
              selected={shown?.id}
              marked={marked}
              onSelect={select}
              onToggle={toggle}
              onAll={() => setMarked(new Set(list.map(({ id }) => id)))}
            />
            {shown === undefined ? (
              <EmptyState icon="finding" title="This finding is not known here">
                The window has those that are open and the latest of the others. Choose another
                beside it.
              </EmptyState>
            ) : (
              <FindingDetail key={shown.id} finding={shown} />
            )}
          </div>
        </>
      )}
    </Page>
  );
}

function Nothing({
  filter,
  infos,
  filtered,
}: {
  readonly filter: FindingFilter;
  /** How many are left out because they are recorded only. */
  readonly infos: number;
  readonly filtered: boolean;
}): ReactElement {
  const learning = useView((state) =>
    [...state.workloads.values()].some((view) => view.learning.state === 'learning'),
  );
  const isKnown = useView((state) => state.hasFindings);
  const watches = useView((state) => standingOf(state).state === 'watching');
  if (!isKnown) {
    return (
      <EmptyState icon="finding" title="What was found is not known yet">
        It is read as soon as the monitor answers.
      </EmptyState>
    );
  }
  if (filtered && infos === 0) {
    return (
      <EmptyState icon="search" title="No finding matches">
        Try fewer words, or show all findings.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="check"
      title={
        infos > 0
          ? 'Nothing but what is only recorded'
          : filter === 'open'
            ? watches
              ? 'Nothing is wrong now'
              : 'Nothing was wrong when last heard of'
            : 'Nothing was found yet'
      }
    >
      {infos > 0
        ? `${infos === 1 ? 'One thing was' : `${infos} things were`} out of the ordinary, which alone is no reason to act. Tick the box above to see ${infos === 1 ? 'it' : 'them'}.`
        : !watches
          ? 'That is how it was last known: nothing is watched now.'
          : learning
            ? 'Some containers are still being learned: what needs to know their habits is not found there yet. Runaways and floods are.'
            : 'Every watched container does what it usually does.'}
    </EmptyState>
  );
}

import { useCallback, useState, type ReactElement } from 'react';
import { Choice } from '../../components/choice.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { oneLine } from '../../format/plain-text.ts';
import { addRule } from '../../state/egress-draft.ts';
import { editingOf, presentEditing, type Editing } from '../../state/egress-editing.ts';
import type { EgressRule, EgressSeen, EgressView, WorkloadView } from '../../state/model.ts';
import { useEgress } from '../../state/use-egress.ts';
import { useStore, useView } from '../../state/use-store.ts';
import styles from './egress.module.css';
import { EraseHistory } from './erase-history.tsx';
import { Learn } from './learn.tsx';
import { ListEditor } from './list-editor.tsx';
import { Talk } from './talk.tsx';
import { Wall } from './wall.tsx';

const parts = [
  { value: 'talk', label: 'Who talks to whom' },
  { value: 'list', label: 'Allow-list' },
  { value: 'learn', label: 'Learn' },
] as const;

/** One container: how its wall stands, where it talks to, and its list. */
export function ContainerEgress({ view }: { readonly view: WorkloadView }): ReactElement {
  const store = useStore();
  const { container, key } = view.workload;
  const [reading, put] = useEgress(container);
  const [part, setPart] = useState<(typeof parts)[number]['value']>('talk');
  const kept = useView((state) => state.lists.get(key));
  /** The list as it was read; the same while it stays the same. */
  const [list, setList] = useState<Editing>();
  if (reading.state === 'read' && list?.basedOn !== reading.view.version) {
    setList(editingOf(reading.view));
  }
  const editing = list && presentEditing(kept, list);
  const edit = useCallback(
    (change: (before: Editing) => Editing): void => {
      if (list === undefined) return;
      const before = presentEditing(store.getState().lists.get(key), list);
      store.send({ kind: 'list', workload: key, editing: change(before) });
    },
    [store, key, list],
  );

  if (reading.state === 'reading') return <p role="status">Reading its egress…</p>;
  if (reading.state === 'failed') {
    return (
      <EmptyState icon="egress" title="Its egress cannot be read">
        {oneLine(reading.message, 400)}
      </EmptyState>
    );
  }
  const taken = (next: EgressView): void => {
    store.send({ kind: 'list', workload: key, editing: undefined });
    put(next);
    if (next.notice !== undefined) store.say('good', oneLine(next.notice, 400));
  };
  const propose = (rules: readonly EgressRule[]): void => {
    edit((before) => ({ ...before, history: rules.reduce(addRule, before.history) }));
    setPart('list');
  };
  const changes = editing !== undefined && editing.history.past.length > 0;
  return (
    <section className={styles.detail} aria-label={`Egress of ${oneLine(view.workload.name, 60)}`}>
      <Wall view={view} egress={reading.view} onChanged={put} />
      <div className={styles.tools}>
        <Choice label="Part of its egress" options={parts} value={part} onChange={setPart} />
        {part === 'talk' && hasPast(reading.seen) ? (
          <EraseHistory container={container} name={view.workload.name} />
        ) : null}
        {changes && part !== 'list' ? <span>There are changes that are not saved.</span> : null}
      </div>
      {part === 'talk' ? <Talk seen={reading.seen} onPropose={propose} /> : null}
      {part === 'list' && editing !== undefined ? (
        <ListEditor egress={reading.view} editing={editing} onEdit={edit} onSaved={taken} />
      ) : null}
      {part === 'learn' ? <Learn container={container} onPropose={propose} /> : null}
    </section>
  );
}

function hasPast(seen: EgressSeen | undefined): boolean {
  return seen !== undefined && seen.destinations.length + seen.names.length > 0;
}

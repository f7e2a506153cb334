import { describe, expect, test } from 'vitest';
import { addRule, openDraft, undoDraft } from '../../renderer/state/egress-draft.ts';
import { presentEditing, shownView, type Editing } from '../../renderer/state/egress-editing.ts';
import { reduce } from '../../renderer/state/reduce.ts';
import { initialState } from '../../renderer/state/view-state.ts';
import { idOf, snapshot, view } from './fixtures.ts';

describe('The container whose egress is shown', () => {
  const before = (number: number, asked?: string) => ({ asked, workload: view(number).workload });

  /** The container made anew under another id. */
  const anew = (number: number, name = `agent-${number}`) => {
    const { workload } = view(number);
    return view(number, { workload: { ...workload, container: idOf(90 + number), name } });
  };

  test('The one that was asked for, else the first.', () => {
    const views = [view(1), view(2)];
    expect(shownView(views, idOf(2), undefined)?.workload.name).toBe('agent-2');
    expect(shownView(views, undefined, undefined)?.workload.name).toBe('agent-1');
    expect(shownView(views, idOf(1), before(2))?.workload.name).toBe('agent-1');
  });

  test('It stays when one comes that stands before it.', () => {
    expect(shownView([view(1), view(2)], undefined, before(2))?.workload.name).toBe('agent-2');
  });

  test('It is followed when it is made anew; a replica does not take its place.', () => {
    const again = anew(2);
    expect(shownView([view(1), again], idOf(2), before(2, idOf(2)))).toBe(again);
    const replica = anew(2, 'agent-2-2');
    expect(shownView([view(1), replica], idOf(2), before(2, idOf(2)))).toBeUndefined();
  });

  test('When it is gone no other takes its place.', () => {
    expect(shownView([view(1)], idOf(2), before(2, idOf(2)))).toBeUndefined();
    expect(shownView([view(1)], undefined, before(2))).toBeUndefined();
    expect(shownView([view(1)], idOf(2), undefined)).toBeUndefined();
  });
});

describe('A draft of an egress list', () => {
  const list: Editing = { basedOn: '1', history: openDraft([], []) };
  const later: Editing = { basedOn: '2', history: openDraft([], []) };
  const changed = addRule(list.history, { verdict: 'allow', target: 'example.com' });

  test('One with changes is kept when the list is another; one without follows it.', () => {
    const kept = { basedOn: '1', history: changed };
    expect(presentEditing(undefined, list)).toBe(list);
    expect(presentEditing(kept, later)).toBe(kept);
    expect(presentEditing({ ...kept, history: undoDraft(changed) }, later)).toBe(later);
    expect(presentEditing({ ...kept, history: undoDraft(changed) }, list).history.future).toEqual([
      changed.present,
    ]);
  });

  test('It outlives the screen and the container, until it is saved or discarded.', () => {
    const editing = { basedOn: '1', history: changed };
    const { container, key } = view(1).workload;
    const edited = reduce(
      reduce(initialState, { kind: 'snapshot', snapshot: snapshot([view(1)]) }),
      { kind: 'list', workload: key, editing },
    );
    const gone = { kind: 'workload', at: 1, change: 'gone', view: view(1) } as const;
    const after = reduce(reduce(edited, { kind: 'go', route: { screen: 'overview' } }), {
      kind: 'event',
      event: gone,
    });
    expect(after.workloads.has(container)).toBe(false);
    expect(after.lists.get(key)).toBe(editing);
    expect(reduce(after, { kind: 'list', workload: key, editing: undefined }).lists.size).toBe(0);
  });
});

import { openDraft, type DraftHistory } from './egress-draft.ts';
import type { ContainerId, EgressView, Workload, WorkloadView } from './model.ts';

/** An edited list, and the list that it was edited from. */
export interface Editing {
  readonly basedOn: string;
  readonly history: DraftHistory;
}

/** The draft of a list as it stands now. */
export function editingOf({ version, rules, profiles }: EgressView): Editing {
  return {
    basedOn: version,
    history: openDraft(
      rules,
      profiles.map(({ name }) => name),
    ),
  };
}

/** The draft that is shown: the one that is kept, unless nothing is changed in it and the list moved on. */
export function presentEditing(kept: Editing | undefined, list: Editing): Editing {
  if (kept === undefined) return list;
  const isChanged = kept.history.past.length > 0;
  return isChanged || kept.basedOn === list.basedOn ? kept : list;
}

/** What was shown last, and what had been asked for then. */
export interface ShownBefore {
  readonly asked: ContainerId | undefined;
  readonly workload: Pick<Workload, 'container' | 'key' | 'name'>;
}

/**
 * The container to be shown: the one asked for, or the first where none was. It stays when others come
 * and go, and is followed where it is made anew under its name: replicas share a key. Undefined when
 * it is gone: no other takes its place under the pointer of a person about to press a button.
 */
export function shownView(
  views: readonly WorkloadView[],
  asked: ContainerId | undefined,
  before: ShownBefore | undefined,
): WorkloadView | undefined {
  const by = (container: ContainerId) =>
    views.find(({ workload }) => workload.container === container);
  if (before === undefined || before.asked !== asked) {
    return asked === undefined ? views[0] : by(asked);
  }
  const { container, key, name } = before.workload;
  const isAnew = ({ workload }: WorkloadView) => workload.key === key && workload.name === name;
  return by(container) ?? views.find(isAnew);
}

import { openDraft, type DraftHistory } from './egress-draft.ts';
import type { EgressView } from './model.ts';

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

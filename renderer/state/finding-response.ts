import type { Action, Decision, Finding } from './model.ts';
import type { ViewState } from './view-state.ts';

/** The most decisions, and the most actions, that are read for one finding. */
export const mostRead = 1000;

/** What the record has of what was done about a finding. */
export interface ResponseRecord {
  /** Those about the finding. */
  readonly decisions: readonly Decision[];
  /** Those on its workload since it began, newest first. */
  readonly actions: readonly Action[];
}

/** What is known of what was done about a finding, and of what the policy made of it. */
export interface FindingResponse {
  readonly decisions: readonly Decision[];
  readonly taken: readonly Action[];
  /** Whether the record was read; until then, that there are none says nothing. */
  readonly isRead: boolean;
  /** Whether it was read as far back as the finding goes. */
  readonly isWhole: boolean;
}

/**
 * What was done about a finding, by what the record has (undefined where it was not read) and by what
 * was told since, which the record may lack on a full disk.
 */
export function responseTo(
  finding: Finding,
  told: Pick<ViewState, 'decisions' | 'actions'>,
  record: ResponseRecord | undefined,
): FindingResponse {
  const toldOfIt = told.decisions.filter((decision) => decision.finding === finding.id);
  const decisions = together(toldOfIt, record?.decisions ?? []);
  const actions = together(told.actions, record?.actions ?? []);
  return {
    decisions,
    taken: actions.filter((action) => belongs(action, finding, decisions)),
    isRead: record !== undefined,
    isWhole:
      record !== undefined && Math.max(record.decisions.length, record.actions.length) < mostRead,
  };
}

/** Both, each once: as it was told, where it was told. */
function together<Item extends Action | Decision>(
  told: readonly Item[],
  read: readonly Item[],
): readonly Item[] {
  const known = new Set(told.map(({ id }) => id));
  return [...told, ...read.filter(({ id }) => !known.has(id))];
}

/** Whether the action answers this finding: by its decision, or by a person while it was open. */
function belongs(action: Action, finding: Finding, decisions: readonly Decision[]): boolean {
  if (action.container !== finding.container || action.name === 'notify') return false;
  const { requester } = action;
  if (requester.kind === 'policy') return decisions.some(({ id }) => id === requester.decision);
  const end = finding.status === 'closed' ? finding.at : Number.POSITIVE_INFINITY;
  return action.startedAt >= finding.onsetAt && action.startedAt <= end;
}

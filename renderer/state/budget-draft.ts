/** What is offered to choose from: false alarms of one container and day. */
export const budgetPresets = ['0.2', '1', '5'] as const;

/** What may be set. */
export const budgetBounds = { least: 0.01, most: 100 } as const;

/** A budget while it is being chosen. */
export type BudgetDraft =
  | { readonly choice: (typeof budgetPresets)[number] }
  /** Another number, as it was typed. */
  | { readonly choice: 'other'; readonly text: string };

export type BudgetChoice = BudgetDraft['choice'];

/** The draft of a budget as it is. */
export function draftOfBudget(alarmsPerDay: number): BudgetDraft {
  const choice = budgetPresets.find((preset) => Number(preset) === alarmsPerDay);
  return choice === undefined ? { choice: 'other', text: alarmsPerDay.toString() } : { choice };
}

/** The draft after another choice; the number that was chosen before is where typing begins. */
export function withChoice(draft: BudgetDraft, choice: BudgetChoice): BudgetDraft {
  if (choice !== 'other') return { choice };
  return draft.choice === 'other' ? draft : { choice, text: draft.choice };
}

/** The budget that the draft says; undefined where it is none, or beyond the bounds. */
export function budgetOf(draft: BudgetDraft): number | undefined {
  const text = draft.choice === 'other' ? draft.text.trim() : draft.choice;
  if (!/^\d{1,3}(?:\.\d{1,6})?$/.test(text)) return undefined;
  const number = Number(text);
  return number >= budgetBounds.least && number <= budgetBounds.most ? number : undefined;
}

/**
 * What another budget does to the guard. More alarms are the tighter one; to less than half is much
 * looser, and asked first.
 */
export type BudgetChange = 'none' | 'tightens' | 'loosens' | 'loosens-much';

/** From one budget to another. */
export function changeOf(from: number, to: number): BudgetChange {
  if (to === from) return 'none';
  if (to > from) return 'tightens';
  return to < from / 2 ? 'loosens-much' : 'loosens';
}

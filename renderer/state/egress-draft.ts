import type { EgressRule } from './model.ts';

/** How long a new rule is to hold, and what it is called. */
export const lifetimes = [
  { value: 'forever', label: 'for ever' },
  { value: 'once', label: 'for one use' },
  { value: '15-minutes', label: '15 minutes' },
  { value: 'container', label: 'until it stops' },
  { value: 'image', label: 'until the image changes' },
] as const;

export type Span = (typeof lifetimes)[number]['value'];

/** A rule as it is being edited: what is typed may be none yet. */
export interface DraftRule {
  /** Stays the same while the rule is edited. */
  readonly id: number;
  readonly verdict: 'allow' | 'deny';
  readonly target: string;
  readonly protocol: '' | 'tcp' | 'udp';
  readonly port: string;
  readonly local: boolean;
  readonly lifetime: EgressRule['lifetime'];
  readonly note: string;
  readonly by: string | undefined;
  readonly at: number | undefined;
}

/** A list as it is being edited. */
export interface Draft {
  readonly rules: readonly DraftRule[];
  readonly profiles: readonly string[];
}

/** A draft with the way back and forth. */
export interface DraftHistory {
  readonly present: Draft;
  readonly past: readonly Draft[];
  readonly future: readonly Draft[];
  /** What the last step was about: typing on in one field is one step. */
  readonly step: string;
  readonly nextId: number;
}

const mostSteps = 200;

/** A draft of a list that nothing was changed in yet. */
export function openDraft(rules: readonly EgressRule[], profiles: readonly string[]): DraftHistory {
  const present = { rules: rules.map(draftRule), profiles };
  return { present, past: [], future: [], step: '', nextId: rules.length };
}

function draftRule(rule: EgressRule, id: number): DraftRule {
  const { verdict, target, protocol = '', port, local = false, lifetime, note = '', by, at } = rule;
  const shownPort = port === undefined ? '' : String(port);
  return { id, verdict, target, protocol, port: shownPort, local, lifetime, note, by, at };
}

/** The rule as it is sent; the port is left out where it is none (see `portProblem`). */
export function writtenRule(rule: DraftRule): EgressRule {
  const { verdict, target, protocol, port, local, lifetime, note, by, at } = rule;
  return {
    verdict,
    target: target.trim(),
    ...(protocol === '' ? {} : { protocol }),
    ...(port.trim() === '' || portProblem(rule) !== undefined ? {} : { port: Number(port) }),
    ...(local ? { local } : {}),
    ...(lifetime === undefined || lifetime === 'forever' ? {} : { lifetime }),
    ...(note === '' ? {} : { note }),
    ...(by === undefined ? {} : { by }),
    ...(at === undefined ? {} : { at }),
  };
}

/** What is wrong with what stands for the port; undefined when nothing is. */
export function portProblem({ port }: Pick<DraftRule, 'port'>): string | undefined {
  const text = port.trim();
  if (text === '') return undefined;
  const isPort = /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
  return isPort ? undefined : 'A port is a number from 1 to 65535.';
}

/** The history with another present. Steps about the same thing in a row become one. */
export function stepDraft(history: DraftHistory, present: Draft, step: string): DraftHistory {
  const goesOn = step !== '' && step === history.step;
  const past = goesOn ? history.past : [...history.past, history.present].slice(-mostSteps);
  return { ...history, present, past, future: [], step };
}

/** Puts in a rule at the end, or does nothing where one about the same is there. */
export function addRule(history: DraftHistory, rule: EgressRule): DraftHistory {
  const { present, nextId } = history;
  const added = draftRule(rule, nextId);
  const same = (other: DraftRule): boolean =>
    other.target === added.target && other.port === added.port && other.protocol === added.protocol;
  const rules = [...present.rules.filter((other) => added.target === '' || !same(other)), added];
  return { ...stepDraft(history, { ...present, rules }, ''), nextId: nextId + 1 };
}

/** Changes some rules in the same way. */
export function changeRules(
  history: DraftHistory,
  ids: ReadonlySet<number>,
  change: Partial<Omit<DraftRule, 'id' | 'by' | 'at'>>,
): DraftHistory {
  const rules = history.present.rules.map((rule) =>
    // Whoever changes it signs it anew.
    ids.has(rule.id) ? { ...rule, ...change, by: undefined, at: undefined } : rule,
  );
  const field = Object.keys(change).join(' ');
  const step = ids.size === 1 ? `${[...ids].join('')} ${field}` : '';
  return stepDraft(history, { ...history.present, rules }, step);
}

/** Takes some rules out. */
export function removeRules(history: DraftHistory, ids: ReadonlySet<number>): DraftHistory {
  const rules = history.present.rules.filter(({ id }) => !ids.has(id));
  return stepDraft(history, { ...history.present, rules }, '');
}

/** One step back; the same where there is none. */
export function undoDraft(history: DraftHistory): DraftHistory {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  const future = [history.present, ...history.future];
  return { ...history, present, past: history.past.slice(0, -1), future, step: '' };
}

/** One step forth again; the same where there is none. */
export function redoDraft(history: DraftHistory): DraftHistory {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { ...history, present, past: [...history.past, history.present], future, step: '' };
}

/** Rules that a person's words fit: parts of target, note, port, verdict. */
export function fittingRules(rules: readonly DraftRule[], words: string): readonly DraftRule[] {
  const parts = words
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== '');
  if (parts.length === 0) return rules;
  return rules.filter(({ verdict, target, protocol, port, note }) => {
    const text = `${verdict} ${target} ${protocol} ${port} ${note}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}

import type { ActionKind, PlannedAction } from '../model/decision.ts';

/** Strongest first. A quarantine takes effect at once, a stop only after its grace. */
const order: readonly ActionKind[] = ['kill', 'pause', 'quarantine', 'stop', 'limit', 'notify'];

/** What has nothing left to do once the stronger action is done. */
const covered: Readonly<Record<ActionKind, readonly ActionKind[]>> = {
  kill: ['kill', 'pause', 'quarantine', 'stop', 'limit'],
  pause: ['pause', 'quarantine', 'stop', 'limit'],
  quarantine: ['quarantine'],
  stop: ['stop', 'limit'],
  limit: ['limit'],
  notify: ['notify'],
};

/** The actions of a decision, strongest first; equal ones in the order of the rule. */
export function inOrderOfStrength(actions: readonly PlannedAction[]): readonly PlannedAction[] {
  return [...actions].sort((a, b) => byStrength(a.kind, b.kind));
}

/** For sorting, strongest first: negative where `a` is the stronger one. */
export function byStrength(a: ActionKind, b: ActionKind): number {
  return order.indexOf(a) - order.indexOf(b);
}

/** The action among `done` that leaves nothing to do for `kind`; undefined when there is none. */
export function coveredBy(kind: ActionKind, done: readonly ActionKind[]): ActionKind | undefined {
  return done.find((stronger) => covered[stronger].includes(kind));
}

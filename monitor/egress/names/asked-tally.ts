import type { AskedName } from '../../model/egress.ts';

/** What became of a question: it went to a name server, or was refused or held here. */
export type QuestionFate = 'forwarded' | 'refused' | 'held';

/** Counts questions by their names; bounded, whatever a container asks. */
export interface AskedTally {
  asked(name: string, fate: QuestionFate): void;
  /** A name server answered a question about it without an error. */
  answered(name: string): void;
  /** So many were not told apart. */
  omit(questions: number): void;
  /** What was counted since the last call. */
  take(): readonly AskedName[];
  /** How many questions were not told apart any more since the last call. */
  takeOmitted(): number;
}

/** Between two calls of `take`. */
const mostNames = 200;

/** Nothing asked. */
export function createAskedTally(): AskedTally {
  let names = new Map<string, AskedName & { count: number; answered: number }>();
  let omitted = 0;

  function entryOf(name: string, fate: QuestionFate) {
    const key = `${fate} ${name}`;
    const known = names.get(key);
    if (known !== undefined || names.size >= mostNames) return known;
    const held = fate === 'held' ? ({ held: true } as const) : {};
    const made = { name, refused: fate !== 'forwarded', ...held, count: 0, answered: 0 };
    names.set(key, made);
    return made;
  }

  return {
    asked(name, fate) {
      const entry = entryOf(name, fate);
      if (entry === undefined) omitted += 1;
      else entry.count += 1;
    },
    answered(name) {
      // It may have been asked before the last call.
      const entry = entryOf(name, 'forwarded');
      if (entry !== undefined) entry.answered += 1;
    },
    omit(questions) {
      omitted += questions;
    },
    take() {
      const taken = [...names.values()];
      names = new Map();
      return taken;
    },
    takeOmitted() {
      const taken = omitted;
      omitted = 0;
      return taken;
    },
  };
}

import { sourceOf } from '../detect/finding-source.ts';
import type { Finding } from '../model/finding.ts';
import type { ControlObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Store } from '../record/store.ts';
import type {
  Mute,
  TriageRefusal,
  TriageService,
  TriageView,
} from '../rpc/service/service-triage.ts';
import type { Clock } from '../runtime/clock.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Losses } from './losses.ts';
import {
  mostWords,
  readTriage,
  triageKey,
  type StoredWord,
  type TriageState,
} from './stored-triage.ts';

/** What a person said about findings, kept in the record and heard by the detectors. */
export interface Triage extends TriageService {
  view(): TriageView;
  /** Whether findings of this kind about this workload are muted now. */
  isMuted(of: Pick<Finding, 'workload' | 'kind'>): boolean;
  /** A container is taken in with what is open of it: the detectors hear again what they forgot. */
  begin(container: ContainerId): void;
  /** A finding is open: where it was called a false alarm and had closed, the detectors hear it again. */
  opened(finding: string): void;
  /** A finding has closed: that what it shows is normal is over; that it was a false alarm stays. */
  closed(finding: string): void;
  /** Lets mutes run out. */
  tick(): void;
}

export interface TriageParts {
  readonly store: Pick<Store, 'settings' | 'findings'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly losses: Losses;
  readonly observe: (observation: ControlObservation) => void;
  readonly tell: (view: TriageView) => void;
  /** Whether the detectors can still learn what a finding told of that is over. */
  readonly isRemembered: (finding: Pick<Finding, 'container' | 'id'>) => boolean;
}

type Answer = Result<TriageView, TriageRefusal>;

type Heard = 'acknowledged' | 'unacknowledged' | 'marked-false' | 'unmarked-false';

const tooMany: TriageRefusal = {
  kind: 'too-many',
  message: `There are ${mostWords} already.`,
  advice: 'Take back some that are not needed any more.',
};

/** With what was said before the monitor last stopped. */
export function createTriage(parts: TriageParts): Triage {
  const { store, clock, losses, observe, tell } = parts;
  const stored = readTriage(store);
  losses.check(stored);
  let state: TriageState = (stored.ok ? stored.value : undefined) ?? { words: [], mutes: [] };
  /** Findings of which the detectors hold what they show normal. */
  const heldNormal = new Set<string>();

  const inForce = ({ since, until }: Mute, now: Moment): boolean =>
    // One that began in the future was set before the clock was put back: it holds no longer.
    until > now && since <= now;

  function view(): TriageView {
    const now = clock.now();
    return {
      words: state.words.map(({ says, finding, at }) => ({ says, finding, at })),
      mutes: state.mutes.filter((mute) => inForce(mute, now)),
    };
  }

  /** Kept first: what is lost with the process was never said. */
  function change(next: TriageState): Answer {
    const kept = store.settings.set(triageKey, next);
    if (!kept.ok) {
      const advice = 'Look at the disk that holds the record, then try again.';
      return failed({ kind: 'not-recorded', message: kept.error.message, advice });
    }
    state = next;
    const now = view();
    tell(now);
    return ok(now);
  }

  function say(name: Heard, { workload, container, finding }: StoredWord): void {
    if (name === 'acknowledged' || name === 'marked-false') heldNormal.add(finding);
    else heldNormal.delete(finding);
    observe({ kind: 'control', at: clock.now(), workload, container, event: { name, finding } });
  }

  function wordOn(finding: string): StoredWord | undefined {
    return state.words.find((word) => word.finding === finding);
  }

  function without(finding: string): TriageState {
    return { ...state, words: state.words.filter((word) => word.finding !== finding) };
  }

  /** With the word in the place of one that was said of the finding before. */
  function having(word: StoredWord): TriageState {
    const words = [...without(word.finding).words, word];
    const oldest = words.find(({ says }) => says === 'false-alarm');
    const falses = words.filter(({ says }) => says === 'false-alarm').length;
    return {
      ...state,
      words: falses > mostWords ? words.filter((each) => each !== oldest) : words,
    };
  }

  function find(id: string): Finding | undefined {
    const found = store.findings.get(id);
    losses.check(found);
    return found.ok ? found.value?.finding : undefined;
  }

  function acknowledge(finding: Finding): Answer {
    if (finding.status === 'closed') return acknowledgeLate(finding);
    const normal = state.words.filter(({ says }) => says === 'normal').length;
    if (normal >= mostWords) return failed(tooMany);
    const { id, workload, container } = finding;
    const word: StoredWord = { says: 'normal', finding: id, workload, container, at: clock.now() };
    const changed = change(having(word));
    if (changed.ok) say('acknowledged', word);
    return changed;
  }

  /** Of what is over nothing goes on that the word would have to stand for: it is learned now. */
  function acknowledgeLate(finding: Finding): Answer {
    if (!parts.isRemembered(finding)) return failed(findingClosed);
    const { id, workload, container } = finding;
    const event = { name: 'acknowledged', finding: id } as const;
    observe({ kind: 'control', at: clock.now(), workload, container, event });
    return ok(view());
  }

  /** Takes back what was said of a finding, if it is just that. */
  function takeBack(finding: string, says: StoredWord['says'], name: Heard): Answer {
    const word = wordOn(finding);
    if (word?.says !== says) return ok(view());
    const changed = change(without(finding));
    if (changed.ok) say(name, word);
    return changed;
  }

  return {
    view,
    isMuted: ({ workload, kind }) => {
      const now = clock.now();
      return state.mutes.some(
        (mute) => mute.workload === workload && mute.kind === kind && inForce(mute, now),
      );
    },
    begin(container) {
      for (const word of state.words) {
        if (word.container !== container) continue;
        // Of a false alarm that is over there is nothing to be held normal any more.
        if (word.says === 'normal' || find(word.finding)?.status === 'open') {
          say('acknowledged', word);
        }
      }
    },
    opened(finding) {
      const word = wordOn(finding);
      if (word !== undefined && !heldNormal.has(finding)) say('acknowledged', word);
    },
    closed(finding) {
      heldNormal.delete(finding);
      if (wordOn(finding)?.says === 'normal') losses.check(change(without(finding)));
    },
    tick() {
      const now = clock.now();
      const mutes = state.mutes.filter((mute) => inForce(mute, now));
      if (mutes.length < state.mutes.length) {
        losses.check(change({ ...state, mutes }));
      }
    },
    acknowledge({ finding: id }) {
      // A false alarm is normal already, and more than that.
      if (wordOn(id) !== undefined) return ok(view());
      const finding = find(id);
      return finding === undefined ? failed(unknownFinding) : acknowledge(finding);
    },
    unacknowledge: ({ finding }) => takeBack(finding, 'normal', 'unacknowledged'),
    markFalse({ finding: id }) {
      const said = wordOn(id)?.says;
      if (said === 'false-alarm') return ok(view());
      const finding = find(id);
      if (finding === undefined) return failed(unknownFinding);
      // What was but recorded was no alarm, and so no false one.
      const counts = sourceOf(id) !== undefined && finding.severity !== 'info';
      if (!counts) return said === 'normal' ? ok(view()) : acknowledge(finding);
      const { workload, container } = finding;
      const word = { says: 'false-alarm', finding: id, workload, container } as const;
      const changed = change(having({ ...word, at: clock.now() }));
      if (changed.ok) {
        say('marked-false', { ...word, at: clock.now() });
        if (finding.status === 'closed') heldNormal.delete(id);
      }
      return changed;
    },
    unmarkFalse: ({ finding }) => takeBack(finding, 'false-alarm', 'unmarked-false'),
    mute({ workload, kind, forMs }) {
      const since = clock.now();
      const others = state.mutes.filter((mute) => mute.workload !== workload || mute.kind !== kind);
      if (others.length >= mostWords) return failed(tooMany);
      const mute = { workload, kind, since, until: since + forMs };
      return change({ ...state, mutes: [...others, mute] });
    },
    unmute({ workload, kind }) {
      const mutes = state.mutes.filter((mute) => mute.workload !== workload || mute.kind !== kind);
      return mutes.length === state.mutes.length ? ok(view()) : change({ ...state, mutes });
    },
  };
}

const unknownFinding: TriageRefusal = {
  kind: 'unknown-finding',
  message: 'No finding has this id.',
  advice: 'Look at the list of findings: it may have been dropped by the retention.',
};

const findingClosed: TriageRefusal = {
  kind: 'finding-closed',
  message: 'The finding is over: there is nothing more to learn from it.',
  advice: 'Mute its kind for the workload, if you do not want to be told of the next.',
};

import { z } from 'zod';
import { sourceOf } from '../detect/persons-word.ts';
import { findingKinds } from '../model/finding.ts';
import type { Finding } from '../model/finding.ts';
import type { ControlObservation } from '../model/observation.ts';
import type { Moment } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Store } from '../record/store.ts';
import type { Mute, TriageRefusal, TriageService, TriageView } from '../rpc/service-triage.ts';
import type { Clock } from '../runtime/clock.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Losses } from './losses.ts';

/** What a person said about findings, kept in the record and heard by the detectors. */
export interface Triage extends TriageService {
  view(): TriageView;
  /** Whether findings of this kind about this workload are muted now. */
  isMuted(of: Pick<Finding, 'workload' | 'kind'>): boolean;
  /** A container is taken in with what is open of it: the detectors hear again what they forgot. */
  begin(container: ContainerId): void;
  /** What was said of a finding that has closed is over. */
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
}

const key = 'triage';
/** Acknowledgements, and mutes, at most. */
const most = 1000;

const stateSchema = z.object({
  acknowledged: z
    .array(
      z.object({
        finding: z.string(),
        workload: z.string(),
        container: z.string(),
        at: z.number(),
        isFalse: z.literal(true).exactOptional(),
      }),
    )
    .max(most),
  mutes: z
    .array(
      z.object({
        workload: z.string(),
        kind: z.enum(findingKinds),
        since: z.number(),
        until: z.number(),
      }),
    )
    .max(most),
  /** Ids of findings that were called false, the latest. */
  markedFalse: z.array(z.string()).max(most).default([]),
});

type State = Readonly<z.infer<typeof stateSchema>>;

type Answer = Result<TriageView, TriageRefusal>;

const tooMany: TriageRefusal = {
  kind: 'too-many',
  message: `There are ${most} already.`,
  advice: 'Take back some that are not needed any more.',
};

/** With what was said before the monitor last stopped. */
export function createTriage({ store, clock, losses, observe, tell }: TriageParts): Triage {
  const stored = store.settings.get(key, stateSchema);
  losses.check(stored);
  let state: State = (stored.ok ? stored.value : undefined) ?? {
    acknowledged: [],
    mutes: [],
    markedFalse: [],
  };

  const inForce = ({ since, until }: Mute, now: Moment): boolean =>
    // One that began in the future was set before the clock was put back: it holds no longer.
    until > now && since <= now;

  function view(): TriageView {
    const now = clock.now();
    return {
      acknowledged: state.acknowledged.map(({ finding, at, isFalse }) => ({
        finding,
        at,
        ...(isFalse && { isFalse }),
      })),
      mutes: state.mutes.filter((mute) => inForce(mute, now)),
    };
  }

  /** Kept first: what is lost with the process was never said. */
  function change(next: State): Answer {
    const kept = store.settings.set(key, next);
    if (!kept.ok) {
      const advice = 'Look at the disk that holds the record, then try again.';
      return failed({ kind: 'not-recorded', message: kept.error.message, advice });
    }
    state = next;
    const now = view();
    tell(now);
    return ok(now);
  }

  function say(
    name: 'acknowledged' | 'unacknowledged' | 'marked-false',
    of: State['acknowledged'][number],
  ): void {
    const { workload, container, finding } = of;
    observe({ kind: 'control', at: clock.now(), workload, container, event: { name, finding } });
  }

  function without(finding: string): State {
    return { ...state, acknowledged: state.acknowledged.filter((of) => of.finding !== finding) };
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
      for (const of of state.acknowledged) if (of.container === container) say('acknowledged', of);
    },
    closed(finding) {
      if (state.acknowledged.some((of) => of.finding === finding)) {
        losses.check(change(without(finding)));
      }
    },
    tick() {
      const now = clock.now();
      const mutes = state.mutes.filter((mute) => inForce(mute, now));
      if (mutes.length < state.mutes.length) {
        losses.check(change({ ...state, mutes }));
      }
    },
    acknowledge({ finding: id }) {
      if (state.acknowledged.some((of) => of.finding === id)) return ok(view());
      const found = store.findings.get(id);
      losses.check(found);
      const finding = found.ok ? found.value?.finding : undefined;
      if (finding === undefined) return failed(unknownFinding);
      if (finding.status === 'closed') return failed(findingClosed);
      if (state.acknowledged.length >= most) return failed(tooMany);
      const { workload, container } = finding;
      const acknowledgement = { finding: id, workload, container, at: clock.now() };
      const changed = change({ ...state, acknowledged: [...state.acknowledged, acknowledgement] });
      if (changed.ok) say('acknowledged', acknowledgement);
      return changed;
    },
    markFalse({ finding: id }) {
      if (state.markedFalse.includes(id)) return ok(view());
      const found = store.findings.get(id);
      losses.check(found);
      const finding = found.ok ? found.value?.finding : undefined;
      if (finding === undefined) return failed(unknownFinding);
      const isOpen = finding.status === 'open';
      // What was but recorded was no alarm, and so no false one.
      const counts = sourceOf(id) !== undefined && finding.severity !== 'info';
      if (!isOpen && !counts) return failed(findingClosed);
      const { workload, container } = finding;
      const said = { finding: id, workload, container, at: clock.now(), isFalse: true as const };
      const others = without(id);
      if (isOpen && others.acknowledged.length >= most) return failed(tooMany);
      const changed = change({
        ...others,
        acknowledged: isOpen ? [...others.acknowledged, said] : others.acknowledged,
        markedFalse: [...state.markedFalse.slice(1 - most), id],
      });
      if (changed.ok) say(counts ? 'marked-false' : 'acknowledged', said);
      return changed;
    },
    unacknowledge({ finding }) {
      const said = state.acknowledged.find((of) => of.finding === finding);
      if (said === undefined) return ok(view());
      const changed = change(without(finding));
      if (changed.ok) say('unacknowledged', said);
      return changed;
    },
    mute({ workload, kind, forMs }) {
      const since = clock.now();
      const others = state.mutes.filter((mute) => mute.workload !== workload || mute.kind !== kind);
      if (others.length >= most) return failed(tooMany);
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

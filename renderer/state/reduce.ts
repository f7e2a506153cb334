import type { Place, ShellState } from '../../preload/shell.ts';
import type { Editing } from './egress-editing.ts';
import type {
  Action,
  ActionName,
  ContainerId,
  Finding,
  MonitorEvent,
  Snapshot,
  Triage,
} from './model.ts';
import { keptFindings, reduceEvent } from './reduce-event.ts';
import { sameRoute, type Route } from './route.ts';
import {
  mostRecords,
  type Note,
  type PolicyDraft,
  type Question,
  type ViewState,
} from './view-state.ts';

/** Everything that changes what the window shows. */
export type Message =
  | { readonly kind: 'shell'; readonly shell: ShellState }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'no-snapshot'; readonly message: string }
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'actions'; readonly actions: readonly Action[] }
  | { readonly kind: 'event'; readonly event: MonitorEvent }
  | { readonly kind: 'triage'; readonly triage: Triage }
  | { readonly kind: 'go'; readonly route: Route }
  | { readonly kind: 'back' }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'ask'; readonly question: Question | undefined }
  | { readonly kind: 'ask-to-lift'; readonly open: boolean }
  | { readonly kind: 'ask-to-observe'; readonly open: boolean }
  | {
      readonly kind: 'begun';
      readonly container: ContainerId;
      readonly action: ActionName;
      readonly at: number;
    }
  | { readonly kind: 'ended'; readonly container: ContainerId }
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'note-read'; readonly id: number }
  | { readonly kind: 'draft'; readonly draft: PolicyDraft | undefined }
  | { readonly kind: 'list'; readonly workload: string; readonly editing: Editing | undefined }
  | { readonly kind: 'shortcuts'; readonly open: boolean };

const longestTrail = 30;
/** Good answers leave by themselves; of the others more are kept, for each is to be read. */
const mostNotes = { good: 3, other: 8 } as const;

/** The state after the message. */
export function reduce(state: ViewState, message: Message): ViewState {
  switch (message.kind) {
    case 'shell':
      return { ...state, shell: message.shell };
    case 'snapshot':
      return withSnapshot(state, message.snapshot);
    case 'no-snapshot':
      return { ...state, failure: message.message };
    case 'findings':
      return { ...state, findings: keptFindings(message.findings), hasFindings: true };
    case 'actions':
      return { ...state, actions: message.actions.slice(0, mostRecords) };
    case 'event':
      return reduceEvent(state, message.event);
    case 'triage':
      if (state.monitor === undefined) return state;
      return { ...state, monitor: { ...state.monitor, triage: message.triage } };
    case 'go':
      return go(state, message.route);
    case 'back': {
      const route = state.trail.at(-1);
      return route === undefined ? state : { ...state, route, trail: state.trail.slice(0, -1) };
    }
    case 'place':
      return toPlace(state, message.place);
    case 'ask':
      return { ...state, question: message.question };
    case 'ask-to-lift':
      return { ...state, asksToLift: message.open };
    case 'ask-to-observe':
      return { ...state, asksToObserve: message.open };
    case 'begun': {
      const { action, at } = message;
      const pending = new Map(state.pending).set(message.container, { action, since: at });
      return { ...state, pending };
    }
    case 'ended': {
      const pending = new Map(state.pending);
      pending.delete(message.container);
      return { ...state, pending };
    }
    case 'note':
      return { ...state, notes: withNote(state.notes, message.note) };
    case 'note-read':
      return { ...state, notes: state.notes.filter(({ id }) => id !== message.id) };
    case 'draft':
      return { ...state, draft: message.draft };
    case 'list': {
      const lists = new Map(state.lists);
      if (message.editing === undefined) lists.delete(message.workload);
      else lists.set(message.workload, message.editing);
      return { ...state, lists };
    }
    case 'shortcuts':
      return { ...state, shortcutsOpen: message.open };
  }
}

function withSnapshot(state: ViewState, snapshot: Snapshot): ViewState {
  const { workloads, ...monitor } = snapshot;
  // Another monitor may watch another engine: what the one before told is not this one's.
  const isAnother = state.monitor?.startedAt !== monitor.startedAt;
  return {
    ...state,
    decisions: isAnother ? [] : state.decisions,
    pending: isAnother ? new Map() : state.pending,
    monitor,
    failure: undefined,
    workloads: new Map(workloads.map((view) => [view.workload.container, view])),
  };
}

/** With this one; the oldest of its sort gives way, so that no good answer takes an alarm's place. */
function withNote(notes: readonly Note[], note: Note): readonly Note[] {
  const isGood = ({ tone }: Note): boolean => tone === 'good';
  const alike = notes.filter((each) => isGood(each) === isGood(note));
  const isFull = alike.length >= (isGood(note) ? mostNotes.good : mostNotes.other);
  const [oldest] = alike;
  return [...notes.filter((each) => !isFull || each !== oldest), note];
}

function go(state: ViewState, route: Route): ViewState {
  if (sameRoute(state.route, route)) return state;
  const trail = [...state.trail, state.route].slice(-longestTrail);
  return { ...state, route, trail };
}

function toPlace(state: ViewState, place: Place): ViewState {
  switch (place.screen) {
    case 'overview':
    case 'guide':
      return go(state, { screen: place.screen });
    case 'policy':
      return {
        ...go(state, { screen: 'policy' }),
        asksToObserve: place.asks === 'observe' || state.asksToObserve,
      };
    case 'egress':
      return place.asks === 'lift'
        ? { ...state, asksToLift: true }
        : go(state, { screen: 'egress', container: place.container });
    case 'finding':
      return go(state, { screen: 'findings', finding: place.finding });
    case 'container':
      return go(state, { screen: 'container', container: place.container });
    case 'confirm': {
      const { container, action } = place;
      return { ...go(state, { screen: 'container', container }), question: { container, action } };
    }
  }
}

import type { ConfirmedAction, ShellState } from '../../preload/shell.ts';
import type { Editing } from './egress-editing.ts';
import type {
  Action,
  ActionName,
  ConnectionView,
  ContainerId,
  CostView,
  Decision,
  EngineView,
  Finding,
  Loss,
  PolicyView,
  Snapshot,
  Triage,
  WorkloadView,
} from './model.ts';
import type { Route } from './route.ts';

/** A deed that was asked for and has not been answered. */
export interface Pending {
  readonly action: ActionName;
  readonly since: number;
}

/** Something said to the person in passing: an answer to what they did. */
export interface Note {
  readonly id: number;
  readonly tone: 'good' | 'warning' | 'alarm';
  readonly text: string;
}

/** What the monitor last said of everything. */
export interface MonitorPart {
  /** When it was last heard of, by its own clock; milliseconds since 1970. */
  readonly at: number;
  readonly startedAt: number;
  readonly engine: EngineView | undefined;
  readonly connection: ConnectionView;
  readonly simulated: boolean;
  readonly policy: PolicyView;
  readonly leftOut: number;
  readonly cost: CostView;
  readonly losses: readonly Loss[];
  readonly triage: Triage;
  readonly lockdown?: Snapshot['lockdown'];
  readonly held?: Snapshot['held'];
}

/** Everything the window shows. Values are replaced and never changed, so `===` tells what is new. */
export interface ViewState {
  /** Undefined until the shell has answered. */
  readonly shell: ShellState | undefined;
  /** Undefined until a snapshot has come. Kept, as the last known, while the monitor is away. */
  readonly monitor: MonitorPart | undefined;
  readonly workloads: ReadonlyMap<ContainerId, WorkloadView>;
  /** By id; at most `mostFindings`, the newest. */
  readonly findings: ReadonlyMap<string, Finding>;
  /** Whether the findings have been read: until then, that there are none says nothing. */
  readonly hasFindings: boolean;
  /** Newest first; at most `mostRecords`. */
  readonly actions: readonly Action[];
  readonly decisions: readonly Decision[];
  /** Grows with each batch of readings: the sparklines' version. */
  readonly tick: number;
  readonly pending: ReadonlyMap<ContainerId, Pending>;
  readonly question: Question | undefined;
  /** Whether the person is being asked if all rules shall only observe. */
  readonly asksToObserve: boolean;
  /** The question whether the lock down shall be lifted. */
  readonly asksToLift: boolean;
  readonly notes: readonly Note[];
  readonly route: Route;
  /** Where the person was before, the latest last. */
  readonly trail: readonly Route[];
  readonly shortcutsOpen: boolean;
  /** A policy text that is being edited and is not saved; kept when the screen is left. */
  readonly draft: PolicyDraft | undefined;
  /** Egress lists that are being edited and are not saved, by workload; they outlive its containers. */
  readonly lists: ReadonlyMap<string, Editing>;
  /** Why the snapshot could not be had, while there is none. */
  readonly failure: string | undefined;
}

/** A policy text that is not saved. */
export interface PolicyDraft {
  readonly text: string;
  /** The hash of the file that it was begun from; null where there was none. */
  readonly basedOn: string | null;
}

/** What the person is asked before it is done. */
export interface Question {
  readonly action: ConfirmedAction;
  readonly container: ContainerId;
}

/** Findings kept in the window; the record has the others. */
export const mostFindings = 1000;

/** Actions, and decisions, kept in the window. */
export const mostRecords = 500;

/** Before anything is known. */
export const initialState: ViewState = {
  shell: undefined,
  monitor: undefined,
  workloads: new Map(),
  findings: new Map(),
  hasFindings: false,
  actions: [],
  decisions: [],
  tick: 0,
  pending: new Map(),
  question: undefined,
  asksToObserve: false,
  asksToLift: false,
  notes: [],
  route: { screen: 'overview' },
  trail: [],
  shortcutsOpen: false,
  draft: undefined,
  lists: new Map(),
  failure: undefined,
};

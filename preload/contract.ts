import { z } from 'zod';
import type { Action } from '../monitor/model/action.ts';
import type { Decision } from '../monitor/model/decision.ts';
import type { Finding } from '../monitor/model/finding.ts';
import type { CallError } from '../monitor/rpc/client.ts';
import { methods } from '../monitor/rpc/protocol.ts';
import type { Effect } from '../monitor/rpc/protocol.ts';
import type { AlarmsRefusal, AlarmsView } from '../monitor/rpc/service/service-alarms.ts';
import type { CallsView, StartsView } from '../monitor/rpc/service/service-behaviour.ts';
import type { DisarmList, DisarmReport } from '../monitor/rpc/service/service-disarm.ts';
import type {
  EgressCatalogue,
  EgressCheck,
  EgressLesson,
  EgressSeen,
  EgressView,
} from '../monitor/rpc/service/egress-service.ts';
import type { ContainerFacts } from '../monitor/model/container-facts.ts';
import type {
  FactsRefusal,
  History,
  ProcessList,
  ProcessRefusal,
  RecordRefusal,
  TimelineEntry,
} from '../monitor/rpc/service/service-history.ts';
import type {
  PolicyCheck,
  PolicyPreview,
  PolicyRefusal,
  PolicyTextView,
  PreviewProgress,
} from '../monitor/rpc/service/service-policy.ts';
import type { SettingsRefusal, SettingsView } from '../monitor/rpc/service/service-settings.ts';
import type { EraseReport, LockdownReport } from '../monitor/rpc/service/service-egress.ts';
import type { HeldReport } from '../monitor/rpc/service/service-held.ts';
import type { TriageRefusal, TriageView } from '../monitor/rpc/service/service-triage.ts';
import type { ActRefusal, MonitorSnapshot } from '../monitor/rpc/service/service.ts';
import type { Result } from '../monitor/runtime/result.ts';
import { monitorChannels } from './channels.ts';
import type { ChannelName, MonitorChannel, ShellChannel } from './channels.ts';
import { appearances, helpTopics } from './shell.ts';
import type { LoginItem, Opening, ShellEvent, ShellState } from './shell.ts';

/** What a channel does to the containers' freedom, and what it takes. */
interface Channel {
  readonly effect: Effect;
  readonly params: z.ZodType;
}

const nothing = z.strictObject({});

const shell = {
  /** From now on the window is told what happens. The preload asks before the page's scripts run. */
  subscribe: { effect: 'reads', params: nothing },
  unsubscribe: { effect: 'reads', params: nothing },
  shellState: { effect: 'reads', params: nothing },
  /** Starts a monitor that has stopped for good, or does not wait any longer to start it. */
  restartMonitor: { effect: 'tightens', params: nothing },
  /** Watch the embedded simulator in place of an engine, or an engine again. */
  demonstrate: { effect: 'loosens', params: z.strictObject({ on: z.boolean() }) },
  /** Watch this engine from now on; null: the one that is found by itself. */
  setEngine: {
    effect: 'loosens',
    params: z.strictObject({ endpoint: z.string().min(1).max(4096).nullable() }),
  },
  setAppearance: {
    effect: 'reads',
    params: z.strictObject({ appearance: z.enum(appearances) }),
  },
  setLoginItem: { effect: 'reads', params: z.strictObject({ on: z.boolean() }) },
  /** What Sentra has its hands on, the login item among it. */
  disarmList: { effect: 'reads', params: nothing },
  /** Takes them off all of it; from then on nothing is watched. */
  disarm: { effect: 'loosens', params: nothing },
  lookedBack: { effect: 'reads', params: nothing },
  openHelp: { effect: 'reads', params: z.strictObject({ topic: z.enum(helpTopics) }) },
  closeWindow: { effect: 'reads', params: nothing },
} as const satisfies Record<ShellChannel, Channel>;

/** Of the monitor's methods those that the window has. */
const monitor = Object.fromEntries(monitorChannels.map((name) => [name, methods[name]])) as Pick<
  typeof methods,
  MonitorChannel
>;

/**
 * Everything the window can ask for. What is not here it cannot have: no call of the engine, no
 * file, no address. The monitor's methods keep the effect and the parameters of their protocol; to
 * be told what happens goes through the shell. Only what `channels.ts` lists has a door.
 */
export const contract = { ...monitor, ...shell } as const satisfies Record<ChannelName, Channel>;

/** Why the door in the main process refused a message before anything was done. */
export interface DoorRefusal {
  readonly kind: 'not-allowed' | 'bad-params' | 'too-large';
  readonly message: string;
}

/** The shell could not do what was asked. */
export interface ShellFailure {
  readonly kind: 'shell-failed';
  readonly message: string;
}

interface ShellReplies {
  readonly subscribe: Result<Opening, ShellFailure>;
  readonly unsubscribe: Result<null, ShellFailure>;
  readonly shellState: Result<ShellState, ShellFailure>;
  readonly restartMonitor: Result<ShellState, ShellFailure>;
  readonly demonstrate: Result<ShellState, ShellFailure>;
  readonly setEngine: Result<ShellState, ShellFailure>;
  readonly setAppearance: Result<ShellState, ShellFailure>;
  readonly setLoginItem: Result<LoginItem, ShellFailure>;
  readonly disarmList: Result<DisarmList, ShellFailure>;
  readonly disarm: Result<DisarmReport, ShellFailure>;
  readonly lookedBack: Result<ShellState, ShellFailure>;
  readonly openHelp: Result<null, ShellFailure>;
  readonly closeWindow: Result<null, ShellFailure>;
}

/** What the monitor answers; the failures of the way there come on top. */
interface MonitorReplies
  extends
    Record<PersonChannel, Result<Action, ActRefusal>>,
    Record<EgressChannel, Result<EgressView, ActRefusal>> {
  readonly snapshot: Result<MonitorSnapshot, never>;
  readonly findings: Result<readonly Finding[], never>;
  readonly actions: Result<readonly Action[], RecordRefusal>;
  readonly calls: Result<CallsView, ActRefusal>;
  readonly starts: Result<StartsView, ActRefusal>;
  readonly history: Result<History, RecordRefusal>;
  readonly timeline: Result<readonly TimelineEntry[], RecordRefusal>;
  readonly decisions: Result<readonly Decision[], RecordRefusal>;
  readonly containerFacts: Result<ContainerFacts, FactsRefusal>;
  readonly processes: Result<ProcessList, ProcessRefusal>;
  readonly acknowledge: Result<TriageView, TriageRefusal>;
  readonly unacknowledge: Result<TriageView, TriageRefusal>;
  readonly markFalse: Result<TriageView, TriageRefusal>;
  readonly unmarkFalse: Result<TriageView, TriageRefusal>;
  readonly mute: Result<TriageView, TriageRefusal>;
  readonly unmute: Result<TriageView, TriageRefusal>;
  readonly policyText: Result<PolicyTextView, never>;
  readonly checkPolicy: Result<PolicyCheck, never>;
  readonly savePolicy: Result<PolicyTextView, PolicyRefusal>;
  readonly policyVersion: Result<{ readonly text: string }, PolicyRefusal>;
  readonly previewPolicy: Result<PolicyPreview, PolicyRefusal>;
  readonly previewProgress: Result<PreviewProgress | undefined, never>;
  readonly cancelPreview: Result<PreviewProgress | undefined, never>;
  readonly enforce: Result<PolicyTextView, PolicyRefusal>;
  readonly observe: Result<PolicyTextView, PolicyRefusal>;
  readonly alarms: Result<AlarmsView, never>;
  readonly raiseAlarmBudget: Result<AlarmsView, AlarmsRefusal>;
  readonly lowerAlarmBudget: Result<AlarmsView, AlarmsRefusal>;
  readonly settings: Result<SettingsView, never>;
  readonly setRetention: Result<SettingsView, SettingsRefusal>;
  readonly setSelection: Result<SettingsView, SettingsRefusal>;
  readonly egressHeld: Result<HeldReport, never>;
  readonly egressHeldAllow: Result<HeldReport, ActRefusal>;
  readonly egressHeldDeny: Result<HeldReport, ActRefusal>;
  readonly egressHeldRefuse: Result<HeldReport, ActRefusal>;
  readonly egressHeldDefer: Result<HeldReport, ActRefusal>;
  readonly egressLockdown: Result<LockdownReport, ActRefusal>;
  readonly egressLift: Result<LockdownReport, ActRefusal>;
  readonly egressErase: Result<EraseReport, ActRefusal>;
  readonly egressPresets: Result<EgressCatalogue, never>;
  readonly egressExport: Result<{ readonly text: string }, ActRefusal>;
  readonly egressSeen: Result<EgressSeen, ActRefusal>;
  readonly egressCheck: Result<EgressCheck, ActRefusal>;
  readonly egressLearn: Result<EgressLesson, ActRefusal>;
}

/** The channels that show or change a container's egress, and answer how it is then. */
export type EgressChannel =
  | 'egressList'
  | 'egressProve'
  | 'egressEnforce'
  | 'egressAsk'
  | 'egressObserve'
  | 'egressOff'
  | 'egressSave'
  | 'egressPreset'
  | 'egressProfile'
  | 'egressImport'
  | 'egressUndo';

/** The channels by which a person acts on a container. */
export type PersonChannel = 'pause' | 'kill' | 'quarantine' | 'resume' | 'release';

type Replies = MonitorReplies & ShellReplies;

/**
 * What a channel answers: a value, or why there is none. Every failure has `kind` and `message`; those
 * of the way there (no monitor, no answer in time, refused at the door) may come on any channel.
 */
export type Reply<Name extends ChannelName> = Result<
  Extract<Replies[Name], { ok: true }>['value'],
  Extract<Replies[Name], { ok: false }>['error'] | DoorRefusal | ShellFailure | CallError
>;

/** What a channel takes. */
export type Params<Name extends ChannelName> = z.input<(typeof contract)[Name]['params']>;

/**
 * `window.sentra`, as the preload gives it to the page: a function a channel, and one to listen. A
 * call never rejects: while the monitor is away, its channels answer `closed` at once.
 */
export type SentraBridge = {
  readonly [Name in ChannelName]: (params: Params<Name>) => Promise<Reply<Name>>;
} & {
  /** Calls the listener for each event until the returned function is called. */
  readonly onEvent: (listener: (event: ShellEvent) => void) => () => void;
};

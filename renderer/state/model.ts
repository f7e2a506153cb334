import type { ChannelName } from '../../preload/channels.ts';
import type { Reply } from '../../preload/contract.ts';
import type { ShellEvent } from '../../preload/shell.ts';

/** What a channel answers when all goes well. */
export type Value<Name extends ChannelName> = Extract<Reply<Name>, { readonly ok: true }>['value'];

/** Why a channel has no answer: `kind` for the program, `message` for the person. */
export interface Refusal {
  readonly kind: string;
  readonly message: string;
  readonly advice?: string;
}

/** The domain, as the contract carries it. */
export type Snapshot = Value<'snapshot'>;
export type WorkloadView = Snapshot['workloads'][number];
export type Workload = WorkloadView['workload'];
export type ContainerId = Workload['container'];
export type Coverage = WorkloadView['coverage'][number];
export type Containment = NonNullable<WorkloadView['containment']>;
export type ResourceReading = NonNullable<WorkloadView['resource']>;
export type EngineView = NonNullable<Snapshot['engine']>;
export type ConnectionView = Snapshot['connection'];
export type PolicyView = Snapshot['policy'];
export type CostView = Snapshot['cost'];
export type Loss = Snapshot['losses'][number];
export type Triage = Snapshot['triage'];
export type Mute = Triage['mutes'][number];
export type History = Value<'history'>;
export type HistoryColumn = History['series'][number];
export type TimelineEntry = Value<'timeline'>[number];
export type CallsView = Value<'calls'>;
export type CallRate = CallsView['calls'][number];
export type RareCall = CallsView['rare'][number];
export type StartsView = Value<'starts'>;
export type ProcessStart = StartsView['starts'][number];
export type ContainerFacts = Value<'containerFacts'>;
export type ProcessList = Value<'processes'>;
export type PolicyText = Value<'policyText'>;
export type PolicyProblem = PolicyView['problems'][number];
export type PolicyPreview = Value<'previewPolicy'>;
export type RulePreview = PolicyPreview['rules'][number];
export type EgressView = Value<'egressList'>;
export type EgressRule = EgressView['rules'][number];
export type EgressProfile = EgressView['profiles'][number];
export type EgressSeen = Value<'egressSeen'>;
export type SeenDestination = EgressSeen['destinations'][number];
export type SeenName = EgressSeen['names'][number];
export type SeenKind = EgressSeen['kinds'][number];
export type EgressCheck = Value<'egressCheck'>;
export type EgressPreview = NonNullable<EgressCheck['preview']>;
export type EgressLesson = Value<'egressLearn'>;
export type EgressCatalogue = Value<'egressPresets'>;
export type HeldQuestion = Value<'egressHeld'>['questions'][number];
export type AlarmsView = Value<'alarms'>;
export type WorkloadAlarms = AlarmsView['workloads'][number];
export type MonitorSettings = Value<'settings'>;
export type DisarmList = Value<'disarmList'>;
export type DisarmItem = DisarmList['items'][number];
export type DisarmReport = Value<'disarm'>;
export type DisarmedItem = DisarmReport['items'][number];
export type StillBound = DisarmReport['bound'][number];
export type Finding = Value<'findings'>[number];
export type Severity = Finding['severity'];
export type Evidence = Finding['evidence'][number];
export type Action = Value<'actions'>[number];
export type ActionName = Action['name'];
export type MonitorEvent = Extract<ShellEvent, { readonly kind: 'monitor' }>['event'];
export type Decision = Value<'decisions'>[number];
export type PlannedAction = Decision['actions'][number];

/** In rising order. */
export const severities: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Whether its processes may get CPU time now. */
export function isRunning({ state }: Workload): boolean {
  return state === 'running' || state === 'restarting';
}

/** Whether a sensor that should see does not; what nobody gave Sentra the means to see is no news. */
export function isNewlyBlind(sight: Coverage['sight']): boolean {
  return sight.state === 'blind' && sight.lasting !== true;
}

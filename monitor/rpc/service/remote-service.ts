import type { Result } from '../../runtime/result.ts';
import type { z } from 'zod';
import { callsAnswerSchema, startsAnswerSchema } from '../schema/behaviour-schema.ts';
import { alarmsAnswerSchema, alarmsSchema } from '../schema/alarms-schema.ts';
import type { CallError } from '../client.ts';
import {
  actionsAnswerSchema,
  decisionsAnswerSchema,
  factsAnswerSchema,
  historyAnswerSchema,
  processAnswerSchema,
  timelineAnswerSchema,
} from '../schema/history-schema.ts';
import {
  policyAnswerSchema,
  policyCheckSchema,
  policyTextSchema,
  policyVersionAnswerSchema,
  previewAnswerSchema,
  previewProgressSchema,
} from '../schema/policy-schema.ts';
import { bounds } from '../protocol.ts';
import type { MethodName, MethodParams } from '../protocol.ts';
import type { BehaviourService } from './service-behaviour.ts';
import type { AlarmsService } from './service-alarms.ts';
import {
  egressCatalogueSchema,
  egressCheckSchema,
  egressExportSchema,
  egressLessonSchema,
  egressSeenSchema,
  eraseAnswerSchema,
  lockdownAnswerSchema,
} from '../schema/egress-schema.ts';
import { disarmListSchema, disarmReportSchema } from '../schema/disarm-schema.ts';
import type { EgressQueries } from './egress-service.ts';
import { heldAnswerSchema, heldReportSchema } from '../schema/held-schema.ts';
import type { DisarmService } from './service-disarm.ts';
import type { WholeEgressService } from './service-egress.ts';
import type { HeldService } from './service-held.ts';
import type { HistoryService } from './service-history.ts';
import type { PolicyService } from './service-policy.ts';
import type { SettingsService } from './service-settings.ts';
import type { TriageService } from './service-triage.ts';
import {
  engineAnswerSchema,
  settingsAnswerSchema,
  settingsSchema,
} from '../schema/settings-schema.ts';
import { triageAnswerSchema } from '../schema/triage-schema.ts';

type Answer<Value, Failure = CallError> = Promise<Result<Value, Failure | CallError>>;

// Wrapped, since a result is a union and its halves are not to be taken apart.
type Later<Value> = [Value] extends [Result<infer Good, infer Failure>]
  ? Answer<Good, Failure>
  : Answer<Value>;

/** A service as it is called from another process: the same answers, later, or a `CallError`. */
export type Remote<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...query: infer Query) => infer Value
    ? (...query: Query) => Later<Awaited<Value>>
    : never;
};

/** What a window asks for beyond the containers as they are now. */
export interface RemoteService
  extends
    Remote<BehaviourService>,
    Remote<HistoryService>,
    Remote<TriageService>,
    Remote<PolicyService>,
    Remote<SettingsService>,
    Remote<AlarmsService>,
    Remote<DisarmService>,
    Remote<EgressQueries>,
    Remote<WholeEgressService>,
    Remote<HeldService> {}

/** Calls one method and parses what comes back. `waitMs` undefined is the client's own wait. */
export type Call = <Name extends MethodName, Value>(
  method: Name,
  params: MethodParams<Name>,
  schema: z.ZodType<Value>,
  waitMs?: number,
) => Answer<Value>;

/** The methods over a way to call them. */
export function createRemoteService(call: Call): RemoteService {
  /** For methods that themselves may refuse: one result in place of two. */
  async function ask<Name extends MethodName, Value, Refusal>(
    method: Name,
    params: MethodParams<Name>,
    schema: z.ZodType<Result<Value, Refusal>>,
    waitMs?: number,
  ): Answer<Value, Refusal> {
    const answer = await call(method, params, schema, waitMs);
    return answer.ok ? answer.value : answer;
  }

  return {
    calls: (of) => ask('calls', of, callsAnswerSchema),
    starts: (of) => ask('starts', of, startsAnswerSchema),
    history: ({ series, ...query }) =>
      ask('history', { ...query, series: [...series] }, historyAnswerSchema),
    timeline: (query) => ask('timeline', query, timelineAnswerSchema),
    decisions: (query) => ask('decisions', query, decisionsAnswerSchema),
    actions: (query) => ask('actions', query, actionsAnswerSchema),
    containerFacts: (of) => ask('containerFacts', of, factsAnswerSchema),
    processes: (of) => ask('processes', of, processAnswerSchema),
    acknowledge: (of) => ask('acknowledge', of, triageAnswerSchema),
    unacknowledge: (of) => ask('unacknowledge', of, triageAnswerSchema),
    markFalse: (of) => ask('markFalse', of, triageAnswerSchema),
    unmarkFalse: (of) => ask('unmarkFalse', of, triageAnswerSchema),
    mute: (request) => ask('mute', request, triageAnswerSchema),
    unmute: ({ workload, kind }) => ask('unmute', { workload, kind }, triageAnswerSchema),
    policyText: () => call('policyText', {}, policyTextSchema),
    checkPolicy: (of) => call('checkPolicy', of, policyCheckSchema),
    savePolicy: (request) => ask('savePolicy', request, policyAnswerSchema),
    policyVersion: (of) => ask('policyVersion', of, policyVersionAnswerSchema),
    previewProgress: () => call('previewProgress', {}, previewProgressSchema),
    cancelPreview: () => call('cancelPreview', {}, previewProgressSchema),
    previewPolicy: (request) =>
      ask('previewPolicy', request, previewAnswerSchema, bounds.previewMs),
    setRuleMode: ({ rule, mode }) => ask(mode, { rule }, policyAnswerSchema),
    alarms: () => call('alarms', {}, alarmsSchema),
    setAlarmBudget: ({ alarmsPerDay, direction }) =>
      ask(
        direction === 'raise' ? 'raiseAlarmBudget' : 'lowerAlarmBudget',
        { alarmsPerDay },
        alarmsAnswerSchema,
      ),
    egressPresets: () => call('egressPresets', {}, egressCatalogueSchema),
    egressExport: (of) => ask('egressExport', of, egressExportSchema),
    egressSeen: (of) => ask('egressSeen', of, egressSeenSchema),
    egressCheck: ({ target, profiles, rules }) =>
      ask(
        'egressCheck',
        { target, profiles: [...profiles], rules: [...rules] },
        egressCheckSchema,
        bounds.previewMs,
      ),
    egressLearn: (of) => ask('egressLearn', of, egressLessonSchema, bounds.previewMs),
    egressHeld: () => call('egressHeld', {}, heldReportSchema),
    egressHeldAllow: (ruling) => ask('egressHeldAllow', ruling, heldAnswerSchema, bounds.actMs),
    egressHeldDeny: (ruling) => ask('egressHeldDeny', ruling, heldAnswerSchema, bounds.actMs),
    egressHeldRefuse: (choice) => ask('egressHeldRefuse', choice, heldAnswerSchema),
    egressHeldDefer: (choice) => ask('egressHeldDefer', choice, heldAnswerSchema),
    egressLockdown: (request) => ask('egressLockdown', request, lockdownAnswerSchema, bounds.actMs),
    egressLift: (request) => ask('egressLift', request, lockdownAnswerSchema, bounds.actMs),
    egressErase: (of) => ask('egressErase', of, eraseAnswerSchema, bounds.previewMs),
    // Looking takes the helper a while where it has ended.
    disarmList: () => call('disarmList', {}, disarmListSchema, bounds.actMs),
    disarm: () => call('disarm', {}, disarmReportSchema, bounds.disarmMs),
    settings: () => call('settings', {}, settingsSchema),
    setSelection: (selection) => ask('setSelection', selection, settingsAnswerSchema),
    tryEngine: (of) => ask('tryEngine', of, engineAnswerSchema, bounds.engineMs),
    setRetention: (retention) => ask('setRetention', retention, settingsAnswerSchema),
  };
}

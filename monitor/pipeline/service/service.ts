import type { Egress } from '../../egress/egress.ts';
import type { Engine } from '../../engine/port.ts';
import type { Action } from '../../model/action.ts';
import type { Containment } from '../../model/containment.ts';
import type { Workload } from '../../model/workload.ts';
import type { Store } from '../../record/store.ts';
import type { Unrecorded } from '../../respond/ledger.ts';
import type { Responder } from '../../respond/responder.ts';
import type { DisarmService } from '../../rpc/service/service-disarm.ts';
import type { TriageService } from '../../rpc/service/service-triage.ts';
import type { ActRefusal, ConnectionView, MonitorService } from '../../rpc/service/service.ts';
import { resolveTarget } from '../../rpc/target.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { IgnoredContainer } from '../../sensors/lifecycle/tracked-container.ts';
import type { Sensors } from '../../sensors/sensors.ts';
import type { BehaviourBook } from './behaviour-book.ts';
import { createBehaviourService } from './behaviour-service.ts';
import type { Alarms } from './alarms-service.ts';
import { createEgressQueries } from '../egress/egress-queries.ts';
import { createEgressService } from '../egress/egress-service.ts';
import type { tryEngine } from '../find-engine.ts';
import { createHeldService } from '../egress/held-service.ts';
import { createFindings } from './findings-service.ts';
import { createHistoryService } from './history-service.ts';
import type { Judgement } from '../judgement.ts';
import type { Losses } from '../losses.ts';
import type { OwnCost } from '../own-cost.ts';
import type { Pipeline } from '../pipeline.ts';
import type { PolicyFile } from '../policy/policy-file.ts';
import { createPolicyService } from '../policy/policy-service.ts';
import type { RetentionSetting } from './retention-setting.ts';
import { createSettingsService } from './settings-service.ts';
import type { Subscribers } from './subscribers.ts';
import type { Triage } from '../triage.ts';
import { engineView } from '../view.ts';
import { createWholeEgressService } from '../egress/whole-egress.ts';

/** What drivers see and ask for is put together from this. */
export interface ServiceParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly responder: Responder;
  readonly pipeline: Pipeline;
  readonly behaviour: BehaviourBook;
  readonly egress: Egress;
  readonly policy: PolicyFile;
  readonly subscribers: Subscribers;
  readonly losses: Losses;
  readonly cost: OwnCost;
  readonly clock: Clock;
  readonly connection: () => ConnectionView;
  readonly triage: Triage;
  readonly alarms: Alarms;
  readonly judgement: Pick<Judgement, 'usual' | 'open'>;
  readonly retention: RetentionSetting;
  readonly recordPath: string;
  /** Puts in force what the policy file now says. */
  readonly applyPolicy: () => void;
  /** Whether an engine answers at the endpoint. */
  readonly tryEngine: (endpoint: string) => ReturnType<typeof tryEngine>;
  readonly processes: Sensors['processes'];
  readonly ignored: () => readonly IgnoredContainer[];
  readonly disarm: DisarmService;
}

/** What can be acted upon: what is watched, and what is held without being seen any more. */
type Target =
  | { readonly kind: 'workload'; readonly workload: Workload }
  | { readonly kind: 'containment'; readonly containment: Containment };

/** The monitor as the tray and the command line drive it. */
export function createService(parts: ServiceParts): MonitorService {
  const { engine, store, responder, pipeline, losses } = parts;
  const startedAt = parts.clock.now();

  function targets() {
    const watched = pipeline.views().map(({ workload }) => ({
      ...workload,
      target: { kind: 'workload', workload } satisfies Target,
    }));
    const known = new Set(watched.map(({ container }) => container));
    const held = responder
      .containments()
      .filter(({ container }) => !known.has(container))
      .map((containment) => ({
        container: containment.container,
        name: containment.name,
        composeProject: undefined,
        composeService: undefined,
        target: { kind: 'containment', containment } satisfies Target,
      }));
    return [...watched, ...held];
  }

  return {
    snapshot: () => ({
      at: parts.clock.now(),
      startedAt,
      engine: engineView(engine.about),
      connection: parts.connection(),
      simulated: engine.about.simulated,
      policy: parts.policy.view(),
      workloads: pipeline.views(),
      leftOut: parts.ignored().length,
      cost: parts.cost.read(),
      losses: allLosses(store, losses, responder.unrecorded()),
      triage: parts.triage.view(),
      lockdown: parts.egress.lockdown.state(),
      held: parts.egress.asking?.requests() ?? [],
    }),
    findings: createFindings({
      store,
      open: () =>
        pipeline.views().flatMap(({ workload }) => parts.judgement.open(workload.container)),
      losses,
    }),
    async act({ name, target }): Promise<Result<Action, ActRefusal>> {
      const resolved = resolveTarget(targets(), target);
      if (!resolved.ok) {
        const leftOut = resolveTarget(parts.ignored(), target);
        const isLeftOut = resolved.error.kind === 'unknown-target' && leftOut.ok;
        return isLeftOut ? failed(notWatched(leftOut.value)) : resolved;
      }
      const found = resolved.value.target;
      const subject = found.kind === 'workload' ? found.workload : found.containment;
      return ok(await responder.byPerson({ kind: name }, subject));
    },
    ...createBehaviourService(parts.behaviour, pipeline, parts.clock),
    ...createEgressService(parts.egress, pipeline),
    ...createEgressQueries(parts),
    ...createWholeEgressService(parts),
    ...createHeldService(parts),
    ...createHistoryService({
      store,
      losses,
      usual: (workload, series) => parts.judgement.usual(workload, series),
      stateOf: (container) => pipeline.workloadOf(container)?.state,
      facts: (container) => engine.facts(container),
      processes: parts.processes,
    }),
    ...createPolicyService({ policy: parts.policy, store, losses, apply: parts.applyPolicy }),
    ...createSettingsService({
      retention: parts.retention,
      store,
      recordPath: parts.recordPath,
      policy: parts.policy,
      applyPolicy: parts.applyPolicy,
      async tryEngine({ endpoint }) {
        const tried = await parts.tryEngine(endpoint);
        return tried.ok
          ? ok(engineView(tried.value))
          : failed({ ...tried.error, kind: 'no-engine' as const });
      },
      losses,
    }),
    ...triageMethods(parts.triage),
    disarmList: () => parts.disarm.disarmList(),
    disarm: () => parts.disarm.disarm(),
    alarms: () => parts.alarms.alarms(),
    setAlarmBudget: (request) => parts.alarms.setAlarmBudget(request),
    subscribe: (listener) => parts.subscribers.subscribe(listener),
  };
}

/** Of the triage only what a person may do. */
function triageMethods(triage: Triage): TriageService {
  return {
    acknowledge: (of) => triage.acknowledge(of),
    unacknowledge: (of) => triage.unacknowledge(of),
    markFalse: (of) => triage.markFalse(of),
    unmarkFalse: (of) => triage.unmarkFalse(of),
    mute: (request) => triage.mute(request),
    unmute: (of) => triage.unmute(of),
  };
}

/** Says of a container that is there why nothing is done to it. */
function notWatched({ name, reason }: IgnoredContainer): ActRefusal {
  const refusal = { kind: 'not-possible', candidates: [] } as const;
  return reason === 'own'
    ? {
        ...refusal,
        message: `${name} is not watched: it is Sentra's own container.`,
        advice: 'To have it end: sentra helper remove',
      }
    : {
        ...refusal,
        message: `${name} is not watched: \`watch\` in the policy leaves it out.`,
        advice: 'Change the policy file, and it is watched at once; then ask again.',
      };
}

function allLosses(store: Store, losses: Losses, { unsaved, lost }: Unrecorded) {
  const { samples, refusedRows } = store.lost();
  return [
    ...losses.all(),
    ...(unsaved > 0
      ? [{ what: 'actions and holds that the record has not taken yet', count: unsaved }]
      : []),
    ...(lost > 0 ? [{ what: 'actions not recorded', count: lost }] : []),
    ...(samples > 0 ? [{ what: 'samples not written', count: samples }] : []),
    ...(refusedRows > 0
      ? [{ what: 'stored rows that could not be read', count: refusedRows }]
      : []),
  ];
}

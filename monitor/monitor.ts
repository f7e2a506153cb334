import { dirname, join } from 'node:path';
import { createDetection } from './detect/detection.ts';
import type { Engine } from './engine/port.ts';
import { selects } from './model/selector.ts';
import { createAlarms } from './pipeline/service/alarms-service.ts';
import { createAttention } from './pipeline/attention.ts';
import { createBehaviourBook } from './pipeline/service/behaviour-book.ts';
import { createCpuSince } from './pipeline/cpu-since.ts';
import { createMonitorDisarm } from './pipeline/disarm/disarm-joint.ts';
import { startEgress, type EgressSettings } from './pipeline/egress/egress-joint.ts';
import { findEngine, tryEngine, type FoundEngine } from './pipeline/find-engine.ts';
import { createEgressRecord } from './pipeline/egress/egress-record.ts';
import { callsIn, startHelper, type HelperSettings } from './pipeline/helper-joint.ts';
import { createJudgement } from './pipeline/judgement.ts';
import { openRecord, type OpenRecord } from './pipeline/open-record.ts';
import { openPolicy } from './pipeline/policy/open-policy.ts';
import { measureOwnCost } from './pipeline/own-cost.ts';
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts';
import { createProcessLook } from './pipeline/process-look.ts';
import { createReaction } from './pipeline/reaction.ts';
import { startResponder } from './pipeline/responder-joint.ts';
import { createService } from './pipeline/service/service.ts';
import { openRetentionSetting } from './pipeline/service/retention-setting.ts';
import { openPolicyMemory } from './pipeline/policy/stored-policy-state.ts';
import { createSubscribers } from './pipeline/service/subscribers.ts';
import { createTriage } from './pipeline/triage.ts';
import { startUpkeep } from './pipeline/upkeep.ts';
import type {
  ConnectionView,
  MonitorOptions,
  RunningMonitor,
  StartFailure,
} from './rpc/service/service.ts';
import { systemClock, type Clock } from './runtime/clock.ts';
import { createDisposer, type Disposer } from './runtime/disposer.ts';
import { messageOf, silentLogger, type Logger } from './runtime/logger.ts';
import { ok, type Result } from './runtime/result.ts';
import type { SensorSettings } from './sensors/sensor-settings.ts';
import { startSensors, type Sensors } from './sensors/sensors.ts';

/** What a monitor finds around it; tests hand in their own. */
export interface Surroundings {
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly sensors?: SensorSettings;
  readonly egress?: EgressSettings;
  readonly helper?: HelperSettings;
}

/**
 * Starts a monitor: finds the engine, takes its lock, opens the record, takes up what an earlier run
 * left, and begins to watch. Everything that was opened is closed again when a step fails.
 */
export async function startMonitor(
  options: MonitorOptions,
  surroundings: Surroundings = {},
): Promise<Result<RunningMonitor, StartFailure>> {
  const { clock = systemClock, logger = silentLogger } = surroundings;
  const disposer = createDisposer();
  try {
    const found = await findEngine(options, logger, disposer);
    if (!found.ok) return found;
    const started = startWith(found.value, options, { clock, logger, ...surroundings });
    if (!started.ok) await disposer.dispose();
    else disposer.add(() => started.value.stop());
    if (!started.ok) return started;
    return ok({ ...started.value, stop: () => stopAll(disposer, logger) });
  } catch (error) {
    await disposer.dispose();
    throw error;
  }
}

function startWith(
  found: FoundEngine,
  options: MonitorOptions,
  around: Surroundings & { readonly clock: Clock; readonly logger: Logger },
): Result<RunningMonitor, StartFailure> {
  const disposer = createDisposer();
  const opened = openRecord(found, options, around.clock, around.logger, disposer);
  if (!opened.ok) return opened;
  return ok(compose(found.engine, opened.value, options, { ...around, disposer }));
}

/** Makes the parts and connects them; what they do stands with each of them. */
function compose(
  engine: Engine,
  { store, path, losses, settings, recording }: OpenRecord,
  options: MonitorOptions,
  around: Surroundings & {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly disposer: Disposer;
  },
): RunningMonitor {
  const { clock, logger, disposer } = around;
  const periodMs = options.intervalMs ?? 1000;
  const subscribers = createSubscribers((count) =>
    losses.count('observations left out of what drivers are told', count),
  );
  const retention = openRetentionSetting(store.settings, losses);
  const policy = openPolicy(store, options, clock.now(), logger);
  let connection: ConnectionView = { state: 'connected', since: clock.now() };
  // Two knots: the responder tells the pipeline of its actions, and the sensors feed what asks them.
  const knot: { pipeline?: Pipeline; sensors?: Sensors } = {};
  const cost = measureOwnCost(
    () => clock.monotonic(),
    () => knot.sensors?.companions() ?? [],
  );

  const responder = startResponder({
    engine,
    store,
    clock,
    logger,
    policy: () => policy.policy(),
    procFolder: options.byApi ? undefined : (around.sensors?.procFolder ?? '/proc'),
    sensors: () => knot.sensors,
    openFindings: (container) => judgement.open(container),
    onAction: (action) => knot.pipeline?.action(action),
  });
  const cpuSince = createCpuSince((container) => responder.containmentOf(container) !== undefined);
  const triage = createTriage({
    ...{ store, clock, losses },
    isRemembered: (finding) => judgement.isRemembered(finding),
    observe: (observation) => knot.pipeline?.observation(observation),
    tell: (view) => subscribers.tell({ kind: 'triage', at: clock.now(), triage: view }),
  });
  const reaction = createReaction({
    policy,
    memory: openPolicyMemory(store, losses),
    responder,
    workloadOf: (container) => knot.pipeline?.workloadOf(container),
    isMuted(decision) {
      const found = store.findings.get(decision.finding);
      losses.check(found);
      return found.ok && found.value !== undefined && triage.isMuted(found.value.finding);
    },
    onDecision(decision) {
      losses.check(store.decisions.put(decision));
      subscribers.tell({ kind: 'decision', at: clock.now(), decision });
    },
    logger,
    losses,
  });
  const attention = createAttention((container, hertz) => {
    knot.sensors?.setRate(container, hertz);
  }, 1000 / periodMs);
  const judgement = createJudgement(createDetection(settings), store, losses, logger, recording);
  const alarms = createAlarms({
    store,
    clock,
    losses,
    workloads: () => knot.sensors?.workloads() ?? [],
    outlook: (workload) => judgement.outlook(workload),
    observe: (observation) => knot.pipeline?.observation(observation),
  });
  const pipeline = createPipeline({
    store,
    judgement,
    reaction,
    responder,
    attention,
    processLook: createProcessLook({
      processes: (container) => knot.sensors?.processes(container),
      clock,
      logger,
    }),
    triage,
    alarms,
    cpuSince,
    subscribers,
    losses,
    recording,
    clock,
    logger,
    sensors: () => knot.sensors,
  });
  knot.pipeline = pipeline;
  disposer.add(() => responder.idle());

  const behaviour = createBehaviourBook();
  const egressRecord = createEgressRecord(store, losses);
  const helper = startHelper(engine, options, around);
  const egress = startEgress({
    about: engine.about,
    helper,
    file: join(dirname(path), 'egress.json'),
    nameOf: (container) => pipeline.workloadOf(container)?.name ?? container.slice(0, 12),
    sensors: () => knot.sensors,
    onObservation(observation) {
      egressRecord.seen(observation, pipeline.workloadOf(observation.container)?.imageId);
      pipeline.observation(observation);
    },
    onHeld: (held) => subscribers.tell({ kind: 'held', at: clock.now(), held }),
    record: egressRecord,
    clock,
    logger,
    settings: around.egress ?? {},
  });

  const sensors = startSensors({
    reader: engine,
    selects: (summary) =>
      selects(policy.policy().watch, {
        ...summary,
        composeProject: summary.labels['com.docker.compose.project'],
      }),
    clock,
    logger,
    onObservation(observation) {
      pipeline.observation(observation);
      behaviour.take(observation);
      egress.hear(observation);
    },
    onWorkload(change) {
      pipeline.workload(change);
      if (change.kind === 'gone') behaviour.forget(change.workload.container);
      if (change.kind === 'gone') egress.gone(change.workload.container);
      else egress.know(change.workload);
    },
    onPassedOver: () => egress.passedOver(),
    onConnection(state) {
      connection = state.state === 'connected' ? state : { ...state, error: state.error.message };
      subscribers.tell({ kind: 'connection', at: clock.now(), connection });
      if (state.state === 'connected') pipeline.reconcile('all');
    },
    settings: {
      ...around.sensors,
      ...callsIn(helper),
      samplePeriodMs: periodMs,
      byApi: options.byApi,
    },
  });
  knot.sensors = sensors;

  const upkeep = startUpkeep({
    engine,
    store,
    pipeline,
    judgement,
    reaction,
    attention,
    policy,
    subscribers,
    losses,
    cost,
    retention,
    triage,
    sensors,
    isConnected: () => connection.state === 'connected',
    clock,
    logger,
  });
  const watching = createDisposer();
  watching.add(() => helper?.stop());
  watching.add(() => upkeep.stop());
  watching.add(() => sensors.stop());
  watching.add(() => egress.stop());
  const quiet = (): Promise<void> => stopAll(watching, logger);
  disposer.add(quiet);
  const { controlFolder } = options;
  const views = () => pipeline.views();
  const disarm = createMonitorDisarm({ engine, responder, helper, controlFolder, views, quiet });

  const service = createService({
    engine,
    store,
    responder,
    pipeline,
    behaviour,
    egress,
    policy,
    subscribers,
    losses,
    cost,
    clock,
    triage,
    alarms,
    judgement,
    retention,
    recordPath: path,
    applyPolicy: () => upkeep.lookAtPolicy(),
    tryEngine: (endpoint) => tryEngine(endpoint, logger),
    processes: (container) => sensors.processes(container),
    connection: () => connection,
    ignored: () => sensors.ignored(),
    disarm,
  });
  const { disarmed } = disarm;
  return { service, disarmed, stop: () => stopAll(disposer, logger) };
}

async function stopAll(disposer: Disposer, logger: Logger): Promise<void> {
  for (const failure of await disposer.dispose()) {
    logger.error(`Something did not stop cleanly: ${messageOf(failure)}`);
  }
}

import type { EngineReader } from '../engine/port.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Store } from '../record/store.ts';
import { sinceBoot, type Clock } from '../runtime/clock.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import { startLoop, type Loop } from '../runtime/loop.ts';
import { createSteadyNow } from '../runtime/steady-now.ts';
import type { Attention } from './attention.ts';
import type { Judgement } from './judgement.ts';
import type { Losses } from './losses.ts';
import { findOrphans } from './orphans.ts';
import { keepPolicyVersion } from './policy/open-policy.ts';
import type { OwnCost } from './own-cost.ts';
import type { Pipeline } from './pipeline.ts';
import type { PolicyFile } from './policy/policy-file.ts';
import type { Reaction } from './reaction.ts';
import type { Sensors } from '../sensors/sensors.ts';
import type { RetentionSetting } from './service/retention-setting.ts';
import type { Subscribers } from './service/subscribers.ts';
import type { Triage } from './triage.ts';

/** What is looked after once a second or less often. */
export interface UpkeepParts {
  readonly engine: Pick<EngineReader, 'list'>;
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly judgement: Judgement;
  readonly reaction: Reaction;
  readonly attention: Attention;
  readonly policy: PolicyFile;
  readonly subscribers: Subscribers;
  readonly losses: Losses;
  readonly cost: OwnCost;
  readonly retention: Pick<RetentionSetting, 'limits' | 'takeChange'>;
  readonly triage: Pick<Triage, 'tick'>;
  readonly sensors: Pick<Sensors, 'reselect' | 'ignored'>;
  readonly isConnected: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

const everyMs = 1_000;
/** In runs of the loop. */
const flushEvery = 5;
const reconcileEvery = 5;
const saveEvery = 60;
const sweepEvery = 300;
/** Late enough that every container that is there has been told of. */
const orphansEvery = 20;

/** The running upkeep. */
export interface Upkeep extends Pick<Loop, 'stop'> {
  /** Reads the policy file now rather than within the second. */
  lookAtPolicy(): void;
}

/**
 * The monitor's own heartbeat: holds of rules run out, closer looks end, subscribers get their batch,
 * the policy file is looked at, samples and baselines are written, old records go. `stop` writes what
 * is not written yet.
 */
export function startUpkeep(parts: UpkeepParts): Upkeep {
  const { store, losses, clock, logger } = parts;
  let runs = 0;
  let sweeping = false;
  // What is dropped cannot be had back when a clock that was wrong is right again.
  const steadyNow = createSteadyNow({ now: () => clock.now(), sinceBoot });

  function write(): void {
    losses.check(store.samples.flush());
  }

  function save(): void {
    parts.judgement.save(clock.now());
    parts.reaction.keep();
  }

  function lookAtPolicy(): void {
    const now = clock.now();
    if (!parts.policy.refresh(now)) return;
    keepPolicyVersion(store, parts.policy, logger);
    // It may watch other containers now.
    parts.sensors.reselect();
    parts.subscribers.tell({ kind: 'policy', at: now, policy: parts.policy.view() });
    parts.reaction.policyChanged(
      parts.pipeline
        .views()
        .flatMap(({ workload }) =>
          parts.judgement.open(workload.container).map((finding) => ({ finding, workload })),
        ),
    );
  }

  async function closeOrphans(): Promise<void> {
    const isWatched = (container: ContainerId) =>
      parts.pipeline.workloadOf(container) !== undefined;
    parts.pipeline.closeOrphans(await findOrphans(store, parts.engine, isWatched, losses));
  }

  /** One short step; whatever more there is waits for the next second. */
  function sweep(): void {
    const swept = store.retention.sweep(steadyNow(), parts.retention.limits());
    losses.check(swept);
    sweeping = swept.ok && swept.value.more;
  }

  const loop = startLoop({
    periodMs: everyMs,
    timeoutMs: 30_000,
    async run() {
      runs += 1;
      parts.attention.expire(clock.monotonic());
      parts.reaction.tick(clock.now());
      parts.triage.tick();
      parts.subscribers.tellCollected(clock.now(), () => ({
        cost: parts.cost.read(),
        leftOut: parts.sensors.ignored().length,
      }));
      lookAtPolicy();
      if (runs % reconcileEvery === 0) parts.pipeline.reconcile('all');
      if (runs % flushEvery === 0) write();
      if (runs % saveEvery === 0) save();
      const isSet = parts.retention.takeChange();
      if (isSet || sweeping || runs % sweepEvery === 0) sweep();
      if (runs % orphansEvery === 0 && parts.isConnected()) await closeOrphans();
    },
    onError: (error) => logger.error(`The monitor's upkeep failed: ${messageOf(error)}`),
  });

  return {
    lookAtPolicy,
    async stop() {
      await loop.stop();
      save();
      write();
    },
  };
}

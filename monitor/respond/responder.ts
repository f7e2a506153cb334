import type { Action, Requester } from '../model/action.ts';
import type { Containment } from '../model/containment.ts';
import type { ActionKind, Decision } from '../model/decision.ts';
import type { Severity } from '../model/finding.ts';
import { atLeast } from '../model/finding.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Order, Request } from './carry-out.ts';
import { carryOutOrder } from './carry-out.ts';
import type { QueueBounds } from './container-queues.ts';
import { createContainerQueues } from './container-queues.ts';
import { coveredBy, inOrderOfStrength } from './decision-order.ts';
import { createGuard } from './guard.ts';
import type { GuardRails } from './guard-rails.ts';
import { defaultGuardRails, isContaining } from './guard-rails.ts';
import type { KernelFreezer } from './kernel-freezer.ts';
import { noKernelFreezer, rememberStanding } from './kernel-freezer.ts';
import { createLedger, type Unrecorded } from './ledger.ts';
import type { Reconciled } from './reconcile.ts';
import { createReconciler } from './reconcile.ts';
import { outcomeInWords } from './outcome-words.ts';
import { noOutsiders, type Outsiders } from './outsiders.ts';
import type { PostponedAction } from './postponed.ts';
import { createPostponed } from './postponed.ts';
import { createSecondChance } from './second-chance.ts';
import type { ResponseContext, Tries } from './response-context.ts';
import { defaultTries } from './response-context.ts';
import type { ResponseEngine } from './response-engine.ts';
import type { ResponseRecord, Restored } from './response-record.ts';
import { nothingRestored } from './response-record.ts';
import { isSeenTo } from './seen-to.ts';
import type { Subject } from './subject.ts';
import { isFullId, subjectOf, subjectOfContainment } from './subject.ts';
import type { CpuUsed } from './upkeep.ts';

/** What a responder works with; what has a default may be left out. */
export interface ResponderOptions {
  readonly engine: ResponseEngine;
  readonly record: ResponseRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The kernel's own freezer, where it can be read; by default freezes are proved by the engine. */
  readonly kernel?: KernelFreezer;
  /** What the record holds from an earlier run. */
  readonly restored?: Restored;
  readonly guardRails?: GuardRails;
  readonly tries?: Tries;
  readonly queues?: QueueBounds;
  /** A freeze that fails is followed by a kill from this severity on. Default `high`. */
  readonly killFrom?: Severity | 'never';
  /** Every workload known now, for who shares whose network. */
  readonly workloads?: () => readonly Workload[];
  /** The processes of containers outside their cgroups; by default none are known. */
  readonly outsiders?: Outsiders;
  /**
   * Whether what led to the decision still goes on, so that what could not be done yet is still to
   * be done. Default: it does.
   */
  readonly isStillWanted?: (decision: Decision) => boolean;
  /**
   * Told of every finished action that broke a promise: failed, done in part, refused by the cap, by
   * the cool-down or by a full queue. The person has to hear of it.
   */
  readonly onBrokenPromise?: (action: Action) => void;
}

/** Carries out what was decided, proves it, keeps it so, and undoes it. */
export interface Responder {
  /**
   * Carries out a decision, strongest action first; in observe mode tells, and says what it would do.
   * Resolves with every action recorded for it, refused and escalated ones too; never rejects for
   * the engine's or the record's sake. What the cap or a cool-down refused, and what failed and left
   * nothing held, is tried again by `reconcile`, for as long as it is wanted.
   */
  carryOut(decision: Decision, workload: Workload, severity?: Severity): Promise<readonly Action[]>;
  /** What a person asked for. Never capped. A containment is target enough for an undo alone. */
  byPerson(request: Request, target: Workload | Containment): Promise<Action>;
  /**
   * Reads back what is held and what an earlier run left unfinished, and makes it so again; with
   * `all`, tries again what was decided and could not be done yet. To be called with `all` after
   * every connect and relist and every few seconds, and with the workload on every lifecycle event of one that is held.
   */
  reconcile(workloads: readonly Workload[] | 'all', cpuUsed?: CpuUsed): Promise<Reconciled>;
  containments(): readonly Containment[];
  containmentOf(container: ContainerId): Containment | undefined;
  /** What a monitor that ended now would not know of any more. */
  unrecorded(): Unrecorded;
  /** Resolves when no action runs or waits. */
  idle(): Promise<void>;
}

/** A responder that goes on from what was restored. Opens nothing that would have to be closed. */
export function createResponder(options: ResponderOptions): Responder {
  const { record, clock, logger, restored = nothingRestored } = options;
  const { killFrom = 'high', workloads = () => [] } = options;
  const ledger = createLedger({ record, restored, clock, logger });
  const queues = createContainerQueues(options.queues ?? { parallel: 16, waitingPerContainer: 32 });
  const guard = createGuard(options.guardRails ?? defaultGuardRails, clock);
  const context: ResponseContext = {
    engine: options.engine,
    kernel: rememberStanding(options.kernel ?? noKernelFreezer),
    ledger,
    clock,
    logger,
    tries: options.tries ?? defaultTries,
    outsiders: options.outsiders ?? noOutsiders,
    sharersOf: (container) =>
      workloads()
        .filter(({ network }) => network.kind === 'shared' && network.with === container)
        .map(({ name }) => name),
  };
  const postponed = createPostponed(clock, logger, {
    restored: restored.postponed,
    keep: (actions) => record.putPostponed(actions),
  });
  const reconciler = createReconciler(context, { queues, guard, tell });

  /** Says how an action ended, and starts the cool-down of what failed. */
  function tell(action: Action, name: string, promised = false): void {
    const { outcome } = action;
    const broken = promised || outcome.state === 'failed' || outcome.state === 'partly';
    const line = `${action.name} of ${name} (${action.container.slice(0, 12)}): ${outcomeInWords(outcome)}`;
    if (broken) logger.error(line);
    // Subscribers are told of every action; who reads both would read it twice.
    else logger.debug(line);
    if (broken) options.onBrokenPromise?.(action);
  }

  function refuse(
    kind: Request['kind'],
    subject: Subject,
    requester: Requester,
    reason: string,
    promised = false,
  ): Action {
    const action = ledger.begin(kind, subject, requester);
    const refused = ledger.finish(action, { state: 'refused', reason });
    tell(refused, subject.name, promised);
    return refused;
  }

  async function perform(order: Order): Promise<readonly [Action, ...Action[]]> {
    const { subject } = order;
    const done = await carryOutOrder(context, order);
    for (const action of done) tell(action, subject.name);
    for (const { name, outcome } of done) {
      guard.ended(name, subject.container, outcome.state !== 'failed');
      if (name === 'resume' || name === 'release') postponed.forget(subject.container);
      else if (outcome.state !== 'failed') postponed.settled(subject.container, name);
    }
    reconciler.acted(subject.container);
    return done;
  }

  function isSoAlready(kind: ActionKind, container: ContainerId): boolean {
    const depth = ledger.containmentOf(container)?.depth;
    if (depth === 'frozen') return kind === 'pause' || kind === 'quarantine' || kind === 'limit';
    return depth === 'quarantined' && kind === 'quarantine';
  }

  async function enforce(
    decision: Decision,
    workload: Workload,
    severity: Severity | undefined,
  ): Promise<readonly Action[]> {
    const requester: Requester = { kind: 'policy', decision: decision.id, rule: decision.rule };
    const subject = subjectOf(workload);
    const actions: Action[] = [];
    const done: ActionKind[] = [];
    const early = new Map(
      decision.actions.map(({ kind }) => [kind, guard.refuseEarly(kind, subject.container)]),
    );
    for (const request of inOrderOfStrength(decision.actions)) {
      const { kind } = request;
      const stronger = coveredBy(kind, done);
      if (stronger !== undefined) {
        const reason = `Covered by the ${stronger} of the same decision.`;
        actions.push(refuse(kind, subject, requester, reason));
        continue;
      }
      // Nothing is taken from the cap for what is only said, or is so already.
      const free = decision.mode === 'observe' || isSoAlready(kind, subject.container);
      const refusal = early.get(kind) ?? guard.refuse(kind, requester, workload, free);
      if (refusal !== undefined) {
        actions.push(refuse(kind, subject, requester, refusal.reason, refusal.promised));
        if (refusal.promised && decision.mode === 'enforce') {
          postponed.refused({ request, decision, workload, severity });
        }
        continue;
      }
      // Telling a person takes nothing from the container: it is done in either mode.
      if (decision.mode === 'observe' && kind !== 'notify') {
        actions.push(ledger.observe(kind, subject, requester));
        done.push(kind);
        continue;
      }
      const ended = await performDecided({ request, decision, workload, severity });
      actions.push(...ended);
      if (ended.some(({ outcome }) => outcome.state !== 'failed')) done.push(kind);
    }
    return actions;
  }

  /** Carries out one action of a decision, and postpones it when it fails and upkeep does not see to it. */
  async function performDecided(decided: PostponedAction): Promise<readonly Action[]> {
    const { request, decision, workload, severity } = decided;
    const killIfNotFrozen =
      severity !== undefined && killFrom !== 'never' && atLeast(severity, killFrom);
    const ended = await perform({
      request,
      subject: subjectOf(workload),
      network: workload.network,
      requester: { kind: 'policy', decision: decision.id, rule: decision.rule },
      killIfNotFrozen,
    });
    const failed = ended.every(({ outcome }) => outcome.state === 'failed');
    const held = ledger.containmentOf(workload.container);
    if (failed && !isSeenTo(request, held)) postponed.failed(decided);
    else postponed.drop(decided);
    return ended;
  }

  const secondChance = createSecondChance({
    postponed,
    queues,
    guard,
    isStillWanted: options.isStillWanted ?? (() => true),
    isSoAlready,
    workloadOf: (container) => workloads().find((known) => known.container === container),
    perform: performDecided,
    refuse,
  });

  return {
    async carryOut(decision, workload, severity) {
      const { container } = workload;
      const requester: Requester = { kind: 'policy', decision: decision.id, rule: decision.rule };
      const refuseAll = (reason: string): readonly Action[] =>
        decision.actions.map(({ kind }) =>
          refuse(kind, subjectOf(workload), requester, reason, decision.mode === 'enforce'),
        );
      if (!isFullId(container) || container !== decision.container) {
        return refuseAll('The decision does not name this container by its full id.');
      }
      const ended = await queues.run(container, () => enforce(decision, workload, severity));
      return ended.ok ? ended.value : refuseAll(tooMany);
    },
    async byPerson(request, target) {
      const requester: Requester = { kind: 'person' };
      const isWorkload = 'key' in target;
      const subject = isWorkload ? subjectOf(target) : subjectOfContainment(target);
      const { kind } = request;
      if (!isFullId(subject.container)) {
        return refuse(kind, subject, requester, 'It is not named by its full id.');
      }
      const no = kind === 'resume' || kind === 'release' ? undefined : guardPerson(kind, target);
      if (no !== undefined) return refuse(kind, subject, requester, no);
      const network = isWorkload ? target.network : undefined;
      const order = { request, subject, network, requester, killIfNotFrozen: false };
      const ended = await queues.run(subject.container, () => perform(order));
      return ended.ok ? ended.value[0] : refuse(kind, subject, requester, tooMany, true);
    },
    async reconcile(which, cpuUsed) {
      const [reconciled, made] = await Promise.all([
        reconciler.reconcile(which, cpuUsed),
        which === 'all' ? secondChance.take() : [],
      ]);
      return { ...reconciled, actions: [...reconciled.actions, ...made] };
    },
    containments: () => ledger.containments(),
    containmentOf: (container) => ledger.containmentOf(container),
    unrecorded: () => ledger.unrecorded(),
    idle: () => queues.idle(),
  };

  function guardPerson(kind: ActionKind, target: Workload | Containment): string | undefined {
    const { container } = target;
    // What is held may have left the selection since: only the workload as seen now tells.
    const workload =
      'key' in target ? target : workloads().find((known) => known.container === container);
    if (workload === undefined) return isContaining(kind) ? notWatchedNow : undefined;
    return guard.refuse(kind, { kind: 'person' }, workload, true)?.reason;
  }
}

const notWatchedNow =
  'It is no watched container now. It stays held as it is, and can be resumed or released; for more, add it to the watched selection first.';

const tooMany = 'Too many actions wait for this container already.';

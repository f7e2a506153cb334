import { createAliasSight } from '../names/alias-sight.ts';
import type { EgressMode, EgressProbe } from '../../model/egress.ts';
import { isRunning, type Workload } from '../../model/workload.ts';
import { messageOf } from '../../runtime/logger.ts';
import { failed, type Result } from '../../runtime/result.ts';
import type { Place, Reading } from '../carrier/carrier.ts';
import { createEgressTeller, type EgressTeller } from './egress-teller.ts';
import type { GateRole } from '../gate/gate-role.ts';
import type { GuardParts } from './guard-parts.ts';
import { whyNotOwn, whyPartly } from './guard-sight.ts';
import { createGuardProof, provableWall } from './guard-proof.ts';
import { decideNameBy } from '../wall/name-plan.ts';
import { createNameTable } from '../resolver/resolver-log.ts';
import { rulesOf } from '../list/rule-book.ts';
import { createStandingWall } from '../wall/standing-wall.ts';
import { createWantedPlan } from '../wall/wanted-plan.ts';
import { wallNotes } from '../wall/wall-record.ts';
import type { WallPlan } from '../wall/wall-plan.ts';

/** A reading that was taken for this guard, and what it was taken of. */
export interface TakenReading {
  readonly epoch: number;
  readonly reading: Result<Reading, string>;
}

/** Keeps what is wanted and what stands around one container the same. */
export interface ContainerGuard {
  /** The container as it is known now. */
  know(workload: Workload): void;
  /** What to read before a look. */
  offer(): { readonly place: Place; readonly epoch: number } | undefined;
  /** Looks, puts up, mends, takes away; resolves when that is done. Runs one after another. */
  look(taken?: TakenReading): Promise<void>;
  prove(): Promise<Result<readonly EgressProbe[], string>>;
  /** Proves the wall when that is due, and finds it open when something got out. */
  beat(): Promise<void>;
  gateRole(): GateRole;
  /** What the gate said last: why it does not stand before this container; undefined when it does. */
  hearGate(reason: string | undefined): void;
  /** The gate was found open. */
  tellBreach(breach: string): void;
  /** What was seen lately, for a person. */
  lately: EgressTeller['lately'];
  /** Resolves when nothing is in hand. */
  settled(): Promise<void>;
  /** The container is gone. */
  end(): Promise<void>;
}

/** A container of which nothing is known to stand. */
export function createContainerGuard(first: Workload, parts: GuardParts): ContainerGuard {
  const { carrier, file, logger, now, notes = wallNotes } = parts;
  const names = createNameTable();
  const strayed = createAliasSight();
  const wanted = createWantedPlan(file);
  let workload = first;
  const teller = createEgressTeller({ ...parts, names, workload: () => workload });
  const wall = createStandingWall(carrier, names, notes, now);
  let hasResolver = false;
  /** The main process in whose network that is known to stand as a wall of the mode enforce. */
  let stoodFor: number | undefined;
  /** Goes up with everything that makes an earlier reading wrong. */
  let epoch = 0;
  /** Since when this run has known the mode enforce. */
  let enforcedSince: number | undefined;
  let noGate: string | undefined = 'the gate on the engine’s side is not put up yet';
  /** Why the mode ask cannot hold anything now. */
  let cannotAsk: string | undefined;
  const proof = createGuardProof(carrier, () =>
    provableWall(closes(mode()), place(), workload.state === 'paused', () =>
      wanted(planMode(), workload),
    ),
  );
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const next = queue.then(task);
    queue = next.catch(() => undefined);
    return next;
  }

  function place(): Place | undefined {
    const { container, mainPid, state } = workload;
    const runs = isRunning(state) || state === 'paused';
    return runs && mainPid !== undefined && mainPid > 0 ? { container, pid: mainPid } : undefined;
  }

  function mode(): EgressMode {
    const wish = rulesOf(file.book(), workload.key).mode;
    if (!closes(wish)) enforcedSince = undefined;
    else enforcedSince ??= now();
    return wish;
  }

  /** What cannot be held is refused. */
  function planMode(): 'observe' | 'ask' | 'enforce' {
    const wish = mode();
    if (wish === 'ask') return cannotAsk === undefined ? 'ask' : 'enforce';
    return wish === 'enforce' ? 'enforce' : 'observe';
  }

  /** Holds before the wall does, so that nothing is dropped that nobody would send again. */
  async function prepareAsking({ pid }: Place, { inode }: Reading): Promise<void> {
    const guard = { workload: () => workload, nameOf: (address: string) => names.nameOf(address) };
    const asked = await parts.asking?.hold({ pid, inode }, guard);
    if (asked === undefined) cannotAsk = 'connections cannot be held on this system';
    else cannotAsk = asked.ok ? undefined : asked.error;
  }

  function blind(reason: string): void {
    logger.warn(`${workload.name}: egress: ${reason}`);
    parts.show(workload, { state: 'blind', reason }, 0);
  }

  async function step(taken: TakenReading | undefined): Promise<void> {
    if (!file.isKnown()) {
      blind(file.problem() ?? 'The egress lists are not known.');
      return;
    }
    const wish = mode();
    const where = place();
    if (wish === 'off') return open(where);
    if (workload.network.kind !== 'own') {
      blind(whyNotOwn(workload));
      return;
    }
    if (where === undefined) {
      wall.forget();
      epoch += 1;
      parts.show(workload, { state: 'starting' }, 0);
      parts.asking?.release(workload.container);
      return carrier.forget(workload.container);
    }
    const looked = taken?.epoch === epoch ? taken.reading : await readAlone(where);
    if (!looked.ok) {
      // It may have ended a moment ago; whether it starts again will be heard.
      if (stoodFor === where.pid) parts.show(workload, { state: 'starting' }, 0);
      else blind(looked.error);
      stoodFor = undefined;
      return;
    }
    if (wish === 'ask') await prepareAsking(where, looked.value);
    const plan = wanted(planMode(), workload);
    if (!plan.ok) {
      blind(plan.error);
      return;
    }
    await keep(where, plan.value, looked.value);
    if (plan.value.asks) parts.asking?.review(workload.container);
    else parts.asking?.release(workload.container);
  }

  async function readAlone(where: Place): Promise<Result<Reading, string>> {
    return (await carrier.read([where])).get(where.container) ?? failed('It was not read.');
  }

  /** The mode is off: what an earlier list put up goes. */
  async function open(where: Place | undefined): Promise<void> {
    parts.asking?.release(workload.container);
    if (wall.note() === undefined && !notes.has(workload.container)) return;
    epoch += 1;
    const removed = where === undefined ? undefined : await carrier.remove(where);
    if (removed?.ok === false) {
      blind(removed.error);
      return;
    }
    if (removed === undefined) await carrier.forget(workload.container);
    wall.forget();
    [stoodFor, hasResolver] = [undefined, false];
    parts.show(workload, undefined, 0);
  }

  async function keep(where: Place, plan: WallPlan, reading: Reading): Promise<void> {
    wall.adopt(workload.container, reading);
    const breach = await wall.breachOf(where, reading, plan);
    teller.tell(reading, plan, breach);
    let current = reading;
    let mended: string | undefined;
    let resolverIsDue = plan.mode === 'enforce' && !(hasResolver && reading.resolver === 'runs');
    if (breach !== undefined || wall.needsAnew(where, reading, plan)) {
      const before = wall.note();
      const put = await putUp(where, plan);
      if (!put.ok) {
        blind(`The wall could not be put up: ${put.error}`);
        return;
      }
      current = put.value;
      resolverIsDue ||= before?.fingerprint !== plan.fingerprint || before.pid !== where.pid;
    } else if (resolverIsDue && hasResolver && stoodFor === where.pid) {
      mended = 'Its resolver had ended and was started anew; until then it was closed.';
      logger.warn(`${workload.name}: egress: ${mended}`);
    }
    stoodFor = plan.mode === 'enforce' ? where.pid : undefined;
    if (resolverIsDue) {
      epoch += 1;
      const started = await carrier.resolve(where, plan, (line) => names.line(line, now()));
      // What was read meanwhile may have met it half way: there, and not known as ours yet.
      epoch += 1;
      hasResolver = started.ok && plan.mode === 'enforce';
      if (!started.ok) {
        const after = await readAlone(where);
        const runs = after.ok && after.value.resolver === 'runs';
        const what = runs ? 'Its resolver cannot be renewed' : 'Closed, no name is resolved';
        partly(`${what}: ${started.error}`);
        return;
      }
    }
    // What was mended can be seen until the next look.
    if (mended === undefined) show(current, plan);
    else partly(mended);
  }

  async function putUp(where: Place, plan: WallPlan): Promise<Result<Reading, string>> {
    const known = names.known(decideNameBy(rulesOf(file.book(), workload.key).rules), now());
    const start = { startedAt: workload.startedAt, enforcedSince, isHeld: noGate === undefined };
    epoch += 1;
    const put = await wall.putUp(where, plan, known, start);
    epoch += 1;
    if (!put.ok) return put;
    teller.restart();
    proof.hurry();
    return put;
  }

  function partly(reason: string, dropped = 0): void {
    parts.show(workload, { state: 'partly', reason }, dropped);
  }

  function show(reading: Reading, plan: WallPlan): void {
    const dropped = reading.listing?.counters['unlisted'] ?? 0;
    const reason = whyPartly({
      ...{ mode: plan.mode, reading, noGate },
      standing: wall.note(),
      gap: wall.gap(),
      unproved: proof.unproved(),
      cannotAsk: mode() === 'ask' ? cannotAsk : undefined,
      isFlooded: names.isIncomplete(),
      strayed: strayed(names.aliases(), rulesOf(file.book(), workload.key).rules),
      problem: file.problem(),
    });
    if (reason === undefined) parts.show(workload, { state: 'seeing' }, dropped);
    else partly(reason, dropped);
  }

  async function beatNow(): Promise<void> {
    const breach = stoodFor === undefined ? undefined : await proof.beat(stoodFor);
    if (breach === undefined) return;
    logger.error(`${workload.name}: egress: ${breach}`);
    teller.breach(breach);
  }

  return {
    know(next) {
      if (next.mainPid !== workload.mainPid) epoch += 1;
      workload = next;
    },
    offer() {
      const where = file.isKnown() && mode() !== 'off' ? place() : undefined;
      return where === undefined || workload.network.kind !== 'own'
        ? undefined
        : { place: where, epoch };
    },
    look: (taken) =>
      inTurn(() => step(taken)).catch((error: unknown) =>
        blind(`Sentra failed: ${messageOf(error)}`),
      ),
    prove: () => inTurn(() => proof.prove()),
    beat: () => inTurn(beatNow).catch((error: unknown) => logger.warn(messageOf(error))),
    gateRole() {
      if (workload.network.kind !== 'own') return { kind: 'none' };
      if (!file.isKnown()) return { kind: 'unknown' };
      const where = place();
      const isGuarded = closes(mode());
      if (where === undefined) return { kind: isGuarded ? 'waiting' : 'none' };
      if (!isGuarded) return { kind: 'free', place: where };
      const devices = stoodFor === where.pid ? (wall.note()?.devices ?? []) : [];
      return { kind: 'guarded', place: where, devices };
    },
    hearGate(reason) {
      noGate = reason;
    },
    tellBreach: (breach) => teller.breach(breach),
    lately: () => teller.lately(),
    settled: () => queue.then(() => undefined),
    end: () =>
      inTurn(async () => {
        parts.asking?.release(workload.container);
        if (wall.note() !== undefined || notes.has(workload.container)) {
          await carrier.forget(workload.container);
        }
      }).catch((error: unknown) => logger.warn(messageOf(error))),
  };
}

/** Whether nothing gets out in that mode but what is allowed. */
function closes(mode: EgressMode): boolean {
  return mode === 'ask' || mode === 'enforce';
}

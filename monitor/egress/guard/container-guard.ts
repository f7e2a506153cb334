import { createAliasSight } from '../names/alias-sight.ts';
import type { EgressMode } from '../../model/egress.ts';
import type { Workload } from '../../model/workload.ts';
import { messageOf } from '../../runtime/logger.ts';
import { failed, type Result } from '../../runtime/result.ts';
import type { Place, Reading } from '../carrier/carrier.ts';
import { createEgressTeller } from './egress-teller.ts';
import { createGuardAsking } from './guard-asking.ts';
import { createGuardBlindness } from './guard-blindness.ts';
import { createGuardBadge } from './guard-badge.ts';
import type { ContainerGuard, TakenReading } from './guard-contract.ts';
import type { GuardParts } from './guard-parts.ts';
import { createGuardResolver, type ResolverProblem } from './guard-resolver.ts';
import { createLookPace } from './look-pace.ts';
import { closes, placeOf } from './place-of.ts';
import { whyNotOwn, whyNotWatched } from './guard-sight.ts';
import { createGuardProof, provableWall } from './guard-proof.ts';
import { decideNameBy } from '../wall/name-plan.ts';
import { createNameTable } from '../resolver/resolver-log.ts';
import { rulesOf } from '../list/rule-book.ts';
import { createStandingWall } from '../wall/standing-wall.ts';
import { createWantedPlan } from '../wall/wanted-plan.ts';
import { wallNotes } from '../wall/wall-record.ts';
import type { WallPlan } from '../wall/wall-plan.ts';

/** A container of which nothing is known to stand. */
export function createContainerGuard(first: Workload, parts: GuardParts): ContainerGuard {
  const { carrier, file, logger, now, notes = wallNotes } = parts;
  const names = createNameTable();
  const strayed = createAliasSight();
  const wanted = createWantedPlan(file, parts.ttlSeconds);
  let workload = first;
  const teller = createEgressTeller({ ...parts, names, workload: () => workload });
  const badge = createGuardBadge(parts, () => workload);
  const wall = createStandingWall(carrier, names, notes, now);
  const pace = createLookPace();
  const blindness = createGuardBlindness(badge, pace, () => mode() === 'observe');
  const asking = createGuardAsking(
    parts.asking,
    () => workload,
    (address) => names.nameOf(address),
  );
  const resolver = createGuardResolver(carrier, (line) => names.line(line, now()), readAlone);
  /** The main process in whose network that is known to stand as a wall of the mode enforce. */
  let stoodFor: number | undefined;
  /** Goes up with everything that makes an earlier reading wrong. */
  let epoch = 0;
  /** Since when this run has known the mode enforce. */
  let enforcedSince: number | undefined;
  let noGate: string | undefined = 'the gate on the engine’s side is not put up yet';
  let isLeft = false;
  const provable = () =>
    provableWall(closes(mode()), place(), workload.state === 'paused', () =>
      wanted(planMode(), workload),
    );
  const onAsk = (name: string): void => names.expectOwn(name);
  const proof = createGuardProof(carrier, provable, { ...parts, onAsk, epoch: () => epoch });
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const next = queue.then(task);
    queue = next.catch(() => undefined);
    return next;
  }

  const place = (): Place | undefined => placeOf(workload);

  function mode(): EgressMode {
    const wish = rulesOf(file.book(), workload.key).mode;
    if (!closes(wish)) enforcedSince = undefined;
    else enforcedSince ??= now();
    return wish;
  }

  /** What cannot be held is refused. */
  function planMode(): 'observe' | 'ask' | 'enforce' {
    const wish = mode();
    if (wish === 'ask') return asking.cannot() === undefined ? 'ask' : 'enforce';
    return wish === 'enforce' ? 'enforce' : 'observe';
  }

  async function step(taken: TakenReading | undefined): Promise<void> {
    if (!file.isKnown()) {
      badge.blind(file.problem() ?? 'The egress lists are not known.');
      return;
    }
    const wish = mode();
    const where = place();
    if (wish === 'off') return open(where);
    if (workload.network.kind !== 'own') {
      blindness.lacks(wish === 'observe' ? whyNotWatched(workload) : whyNotOwn(workload));
      return;
    }
    if (where === undefined) return stopped(wish);
    const lacking = wish === 'observe' ? carrier.lacks() : undefined;
    if (lacking !== undefined) {
      blindness.lacks(lacking);
      return;
    }
    const looked = taken?.epoch === epoch ? taken.reading : await readAlone(where);
    if (!looked.ok) {
      const isAgain = blindness.unread(where, looked.error, stoodFor === where.pid);
      if (isAgain) stoodFor = undefined;
      return;
    }
    blindness.read();
    if (wish === 'ask') await asking.prepare(where, looked.value);
    const plan = wanted(planMode(), workload);
    if (!plan.ok) {
      badge.blind(plan.error);
      return;
    }
    await keep(where, plan.value, looked.value);
    if (plan.value.asks) asking.review();
    else asking.release();
  }

  async function stopped(wish: EgressMode): Promise<void> {
    blindness.counts(undefined);
    wall.forget();
    epoch += 1;
    badge.starting();
    asking.release();
    if (wish === 'observe') pace.rest();
    // Where nothing was put up there is nothing to forget.
    if (wish !== 'observe' || notes.has(workload.container))
      await carrier.forget(workload.container);
  }

  async function readAlone(where: Place): Promise<Result<Reading, string>> {
    return (await carrier.read([where])).get(where.container) ?? failed('It was not read.');
  }

  /** The mode is off: what an earlier list put up goes. */
  async function open(where: Place | undefined): Promise<void> {
    asking.release();
    if (wall.note() === undefined && !notes.has(workload.container)) {
      badge.off();
      return;
    }
    epoch += 1;
    const removed = where === undefined ? undefined : await carrier.remove(where);
    if (removed?.ok === false) {
      badge.blind(removed.error);
      return;
    }
    if (removed === undefined) await carrier.forget(workload.container);
    wall.forget();
    stoodFor = undefined;
    blindness.counts(undefined);
    resolver.forget();
    badge.off();
  }

  async function keep(where: Place, plan: WallPlan, reading: Reading): Promise<void> {
    const isAdopted = wall.adopt(workload.container, reading);
    if (isAdopted && plan.mode === 'observe') teller.passOver(reading);
    const breach = await wall.breachOf(where, reading, plan);
    let hasMoved = teller.tell(reading, plan, breach);
    let current = reading;
    let mended: string | undefined;
    let resolverIsDue = resolver.isDue(plan, reading);
    // A resolver of the list before would put what is denied now among the addresses of the next wall.
    const isResolverFirst =
      breach === undefined && wall.isOutdated(where, reading, plan) && !resolver.isFor(plan);
    let problem: ResolverProblem | undefined;
    if (isResolverFirst) {
      problem = await renewResolver(where, plan);
      if (problem?.olderRuns === true) {
        badge.partly(`${problem.reason} The list before holds.`);
        return;
      }
      resolverIsDue = false;
    }
    if (breach !== undefined || wall.needsAnew(where, reading, plan)) {
      const before = wall.note();
      const put = await putUp(where, plan);
      if (!put.ok) {
        const what = plan.mode === 'observe' ? 'What counts' : 'The wall';
        blindness.tell(`${what} could not be put up: ${put.error}`);
        return;
      }
      hasMoved = true;
      current = put.value;
      const isOther = before?.fingerprint !== plan.fingerprint || before.pid !== where.pid;
      resolverIsDue ||= isOther && !isResolverFirst;
    } else if (resolverIsDue && resolver.isOurs() && stoodFor === where.pid) {
      mended = 'Its resolver had ended and was started anew; until then it was closed.';
      logger.warn(`${workload.name}: egress: ${mended}`);
    }
    stoodFor = plan.mode === 'enforce' ? where.pid : undefined;
    blindness.counts(plan.mode === 'observe' ? where.pid : undefined);
    if (plan.mode === 'observe' && !hasMoved) pace.rest();
    else pace.stir();
    if (resolverIsDue) problem = await renewResolver(where, plan);
    if (problem !== undefined) {
      badge.partly(problem.reason);
      return;
    }
    // What was mended can be seen until the next look.
    if (mended === undefined) show(current, plan);
    else badge.partly(mended);
  }

  async function renewResolver(where: Place, plan: WallPlan): Promise<ResolverProblem | undefined> {
    epoch += 1;
    const problem = await resolver.renew(where, plan);
    // What was read meanwhile may have met it half way: there, and not known as ours yet.
    epoch += 1;
    return problem;
  }

  async function putUp(where: Place, plan: WallPlan): Promise<Result<Reading, string>> {
    const decide = decideNameBy(rulesOf(file.book(), workload.key).rules);
    const known = names.known(decide, now(), plan.ttlSeconds);
    const start = { startedAt: workload.startedAt, enforcedSince, isHeld: noGate === undefined };
    epoch += 1;
    const put = await wall.putUp(where, plan, known, start);
    epoch += 1;
    if (!put.ok) return put;
    teller.restart();
    proof.hurry();
    return put;
  }

  function show(reading: Reading, plan: WallPlan): void {
    badge.stands({
      ...{ plan, reading, noGate },
      standing: wall.note(),
      gap: wall.gap(),
      unproved: proof.unproved(),
      cannotAsk: mode() === 'ask' ? asking.cannot() : undefined,
      isFlooded: names.isIncomplete(),
      lost: names.lost(),
      strayed: strayed(names.aliases(), rulesOf(file.book(), workload.key).rules),
      problem: file.problem(),
    });
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
    isDue: () => pace.isDue(),
    stir: () => pace.stir(),
    look: (taken) =>
      inTurn(() => (isLeft ? Promise.resolve() : step(taken))).catch((error: unknown) =>
        badge.blind(`Sentra failed: ${messageOf(error)}`),
      ),
    prove: () => queue.then(() => proof.prove()),
    beat: () => beatNow().catch((error: unknown) => logger.warn(messageOf(error))),
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
    leave: () =>
      inTurn(async () => {
        isLeft = true;
        await proof.settled();
        const where = place();
        if (where === undefined || blindness.countedFor() !== where.pid) return;
        const removed = await carrier.remove(where);
        if (!removed.ok) logger.warn(`${workload.name}: egress: ${removed.error}`);
      }).catch((error: unknown) => logger.warn(messageOf(error))),
    end: () =>
      inTurn(async () => {
        asking.release();
        if (wall.note() !== undefined || notes.has(workload.container)) {
          await carrier.forget(workload.container);
        }
      }).catch((error: unknown) => logger.warn(messageOf(error))),
  };
}

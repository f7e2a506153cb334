import { setTimeout as delay } from 'node:timers/promises';
import type { EgressProbe } from '../model/egress.ts';
import type { Sight } from '../model/coverage.ts';
import type { EgressObservation } from '../model/observation.ts';
import { isRunning, type Workload } from '../model/workload.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import { failed, type Result } from '../runtime/result.ts';
import type { BookFile } from './book-file.ts';
import type { Carrier, Place, Reading } from './carrier.ts';
import { createEgressTeller, type EgressTeller } from './egress-teller.ts';
import { decideNameBy } from './name-plan.ts';
import { createNameTable } from './resolver-log.ts';
import { rulesOf } from './rule-book.ts';
import { gapSentence, type StartGap } from './start-gap.ts';
import { createWantedPlan } from './wanted-plan.ts';
import { driftOf, newTables } from './wall-drift.ts';
import { wallNotes, type WallNote, type WallNotes } from './wall-record.ts';
import type { WallPlan } from './wall-plan.ts';

/** What a guard works with. */
export interface GuardParts {
  readonly carrier: Carrier;
  readonly file: BookFile;
  readonly now: () => number;
  readonly logger: Logger;
  /** Those of this machine, unless told. */
  readonly notes?: WallNotes | undefined;
  /** Undefined takes the badge off. */
  readonly show: (workload: Workload, sight: Sight | undefined, dropped: number) => void;
  readonly onObservation: (observation: EgressObservation) => void;
}

/** What the gate is to do about a container. */
export type GateRole =
  | { readonly kind: 'guarded'; readonly place: Place; readonly stands: boolean }
  | { readonly kind: 'free'; readonly place: Place }
  /** Guarded, and not running. */
  | { readonly kind: 'waiting' }
  /** Nothing is wanted, or its list is not known. */
  | { readonly kind: 'none' };

/** A reading that was taken for this guard, and what it was taken of. */
export interface TakenReading {
  readonly epoch: number;
  readonly reading: Result<Reading, string>;
}

/** Keeps what is wanted and what stands around one container the same. */
export interface ContainerGuard {
  /** The container as it is known now. */
  know(workload: Workload): void;
  /** What to read before a look; undefined when there is nothing to read. */
  offer(): { readonly place: Place; readonly epoch: number } | undefined;
  /** Looks, puts up, mends, takes away; resolves when that is done. Runs one after another. */
  look(taken?: TakenReading): Promise<void>;
  prove(): Promise<Result<readonly EgressProbe[], string>>;
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

/** The log of a resolver is a moment behind what it has put into the kernel's sets. */
const logDelayMs = 400;

/** A container of which nothing is known to stand. */
export function createContainerGuard(first: Workload, parts: GuardParts): ContainerGuard {
  const { carrier, file, logger, now, notes = wallNotes } = parts;
  const names = createNameTable();
  const wanted = createWantedPlan(file);
  let workload = first;
  const teller = createEgressTeller({ ...parts, names, workload: () => workload });
  /** What stands, as this run put it up or found it. */
  let standing: WallNote | undefined;
  let hasResolver = false;
  /** Goes up with everything that makes an earlier reading wrong. */
  let epoch = 0;
  /** Since when this run has known the mode enforce. */
  let enforcedSince: number | undefined;
  let gap: StartGap | undefined;
  let noGate: string | undefined = 'the gate on the engine’s side is not put up yet';
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

  function mode(): 'off' | 'observe' | 'enforce' {
    const wish = rulesOf(file.book(), workload.key).mode;
    if (wish !== 'enforce') enforcedSince = undefined;
    else enforcedSince ??= now();
    return wish;
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
      standing = undefined;
      epoch += 1;
      parts.show(workload, { state: 'starting' }, 0);
      return carrier.forget(workload.container);
    }
    const plan = wanted(wish, workload);
    if (!plan.ok) {
      blind(plan.error);
      return;
    }
    const looked = taken?.epoch === epoch ? taken.reading : await readAlone(where);
    if (!looked.ok) {
      blind(looked.error);
      return;
    }
    await keep(where, plan.value, looked.value);
  }

  async function readAlone(where: Place): Promise<Result<Reading, string>> {
    return (await carrier.read([where])).get(where.container) ?? failed('It was not read.');
  }

  /** The mode is off: what an earlier list put up goes. */
  async function open(where: Place | undefined): Promise<void> {
    if (standing === undefined && !notes.has(workload.container)) return;
    epoch += 1;
    const removed = where === undefined ? undefined : await carrier.remove(where);
    if (removed?.ok === false) {
      blind(removed.error);
      return;
    }
    if (removed === undefined) await carrier.forget(workload.container);
    standing = undefined;
    hasResolver = false;
    parts.show(workload, undefined, 0);
  }

  async function keep(where: Place, plan: WallPlan, reading: Reading): Promise<void> {
    if (standing === undefined) {
      standing = notes.read(workload.container);
      // What resolvers did while nobody read their log is taken as it is.
      if (standing !== undefined) names.acceptAll(reading.elements);
    }
    const breach = await breachOf(reading, plan);
    teller.tell(reading, plan, breach);
    let current = reading;
    let resolverIsDue = plan.mode === 'enforce' && !(hasResolver && reading.resolver === 'runs');
    if (breach !== undefined || needsAnew(reading, plan)) {
      const before = standing;
      const put = await putUp(where, plan);
      if (!put.ok) {
        blind(`The wall could not be put up: ${put.error}`);
        return;
      }
      current = put.value;
      resolverIsDue ||= before?.fingerprint !== plan.fingerprint || before.inode !== current.inode;
    } else if (resolverIsDue && hasResolver) {
      const said = 'Its resolver had ended and is started anew; until then it is closed.';
      logger.warn(`${workload.name}: egress: ${said}`);
      partly(said);
    }
    if (resolverIsDue) {
      epoch += 1;
      const started = await carrier.resolve(where, plan, (line) => names.line(line, now()));
      hasResolver = started.ok && plan.mode === 'enforce';
      if (!started.ok) {
        partly(`Closed, no name is resolved: ${started.error}`);
        return;
      }
    }
    show(current, plan);
  }

  /** How what stands differs from what was put up, when nobody of ours changed it. */
  async function breachOf(reading: Reading, plan: WallPlan): Promise<string | undefined> {
    const wall = standing;
    if (wall?.inode !== reading.inode || plan.mode !== 'enforce') return undefined;
    const judge = (): string | undefined =>
      driftOf(wall, reading, ({ set, address }) => names.explains(set, address));
    if (judge() === undefined) return undefined;
    await delay(logDelayMs);
    if (names.isIncomplete()) names.acceptAll(reading.elements);
    return judge();
  }

  function needsAnew({ inode, devices, listing }: Reading, { fingerprint }: WallPlan): boolean {
    return (
      standing?.fingerprint !== fingerprint ||
      standing.inode !== inode ||
      standing.devices.join(' ') !== devices.join(' ') ||
      standing.digest !== listing?.digest
    );
  }

  async function putUp(where: Place, plan: WallPlan): Promise<Result<Reading, string>> {
    const isAllowed = decideNameBy(rulesOf(file.book(), workload.key).rules);
    const known = names.known((name) => isAllowed(name).kind === 'allowed', now());
    epoch += 1;
    const put = await carrier.apply(where, plan, known);
    epoch += 1;
    if (!put.ok) return put;
    const { listing, inode, devices, otherTables, elements, sentBefore } = put.value;
    if (listing === undefined) return failed('It is not there after it was put up.');
    if (standing?.inode !== inode) noteGap(sentBefore);
    const { digest, innerDigest } = listing;
    standing = {
      ...{ fingerprint: plan.fingerprint, inode, devices, digest, innerDigest },
      otherTables: standing?.inode === inode ? standing.otherTables : otherTables,
    };
    names.acceptAll(elements);
    teller.restart();
    notes.write(workload.container, standing);
    return put;
  }

  /** The container started while it was to be guarded: what its first moments let out. */
  function noteGap(packets: number): void {
    const { startedAt } = workload;
    const wasGuarded = standing !== undefined || (startedAt ?? 0) >= (enforcedSince ?? Infinity);
    gap =
      startedAt !== undefined && wasGuarded && noGate !== undefined
        ? { durationMs: now() - startedAt, packets }
        : undefined;
  }

  function partly(reason: string, dropped = 0): void {
    parts.show(workload, { state: 'partly', reason }, dropped);
  }

  function show(reading: Reading, plan: WallPlan): void {
    const dropped = reading.listing?.counters['unlisted'] ?? 0;
    const reason = whyPartly(reading, plan);
    if (reason === undefined) parts.show(workload, { state: 'seeing' }, dropped);
    else partly(reason, dropped);
  }

  function whyPartly(reading: Reading, plan: WallPlan): string | undefined {
    if (plan.mode === 'observe') {
      return 'Counted by address; names are known in the mode enforce alone.';
    }
    if (reading.canBeChangedFromInside) {
      return 'It holds CAP_NET_ADMIN and can take its wall down; that is looked at every 5 s.';
    }
    const tables = standing === undefined ? [] : newTables(standing, reading);
    if (tables.length > 0) {
      return `Tables that Sentra did not make are in its network, and may turn packets elsewhere: ${tables.slice(0, 3).join(', ')}.`;
    }
    if (gap !== undefined) return gapSentence(gap, noGate ?? 'the gate was not there yet');
    return file.problem();
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
    prove: () =>
      inTurn(() => {
        const wish = mode();
        const where = place();
        if (wish !== 'enforce') return Promise.resolve(failed('Its mode is not enforce.'));
        if (where === undefined) return Promise.resolve(failed('It does not run.'));
        const plan = wanted(wish, workload);
        return plan.ok ? carrier.prove(where, plan.value) : Promise.resolve(plan);
      }),
    gateRole() {
      if (!file.isKnown() || workload.network.kind !== 'own') return { kind: 'none' };
      const where = place();
      const isGuarded = mode() === 'enforce';
      if (where === undefined) return { kind: isGuarded ? 'waiting' : 'none' };
      if (!isGuarded) return { kind: 'free', place: where };
      return { kind: 'guarded', place: where, stands: standing !== undefined };
    },
    hearGate(reason) {
      noGate = reason;
    },
    tellBreach: (breach) => teller.breach(breach),
    lately: () => teller.lately(),
    settled: () => queue.then(() => undefined),
    end: () =>
      inTurn(async () => {
        if (standing !== undefined || notes.has(workload.container)) {
          await carrier.forget(workload.container);
        }
      }).catch((error: unknown) => logger.warn(messageOf(error))),
  };
}

function whyNotOwn({ network }: Workload): string {
  switch (network.kind) {
    case 'host':
      return 'It uses the network of the machine itself, which is not guarded.';
    case 'shared':
      return `It lives in the network of ${network.with.slice(0, 12)}: give that one a list.`;
    case 'none':
    case 'own':
      return 'It has no network that could be guarded.';
  }
}

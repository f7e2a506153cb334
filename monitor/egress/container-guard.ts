import type { AskedName, EgressDestination, EgressProbe } from '../model/egress.ts';
import type { Sight } from '../model/coverage.ts';
import type { EgressObservation } from '../model/observation.ts';
import { isRunning, type Workload } from '../model/workload.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import { failed, type Result } from '../runtime/result.ts';
import type { BookFile } from './book-file.ts';
import type { Carrier, Place, Reading } from './carrier.ts';
import { createFlowDeltas } from './flow-deltas.ts';
import { decideNameBy } from './name-plan.ts';
import { createNameTable } from './resolver-log.ts';
import { rulesOf } from './rule-book.ts';
import { hostNameServers } from './upstream.ts';
import { wallNotes, type WallNote, type WallNotes } from './wall-record.ts';
import { planWall, type WallPlan } from './wall-plan.ts';

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

/** Keeps what is wanted and what stands around one container the same. */
export interface ContainerGuard {
  /** The container as it is known now. */
  know(workload: Workload): void;
  /** Looks, puts up, mends, takes away; resolves when that is done. Runs one after another. */
  look(): Promise<void>;
  prove(): Promise<Result<readonly EgressProbe[], string>>;
  /** What was seen lately, for a person. */
  lately(): {
    readonly destinations: readonly EgressDestination[];
    readonly names: readonly AskedName[];
  };
  /** Resolves when nothing is in hand. */
  settled(): Promise<void>;
  /** The container is gone. */
  end(): Promise<void>;
}

/** A container of which nothing is known to stand. */
export function createContainerGuard(first: Workload, parts: GuardParts): ContainerGuard {
  const { carrier, file, logger, notes = wallNotes } = parts;
  const deltas = createFlowDeltas();
  const names = createNameTable();
  let workload = first;
  /** What stands, as this run put it up or found it. */
  let standing: WallNote | undefined;
  let hasResolver = false;
  let queue: Promise<unknown> = Promise.resolve();
  let lately: { destinations: readonly EgressDestination[]; names: readonly AskedName[] } = {
    destinations: [],
    names: [],
  };

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

  function blind(reason: string): void {
    logger.warn(`${workload.name}: egress: ${reason}`);
    parts.show(workload, { state: 'blind', reason }, 0);
  }

  function wanted(mode: 'observe' | 'enforce'): Result<WallPlan, string> {
    const book = file.book();
    const upstream = book.nameServers.length > 0 ? book.nameServers : hostNameServers();
    const networks = workload.network.kind === 'own' ? workload.network.networks : [];
    // On the default bridge Docker has no resolver of its own.
    const named = networks.filter((name) => name !== 'bridge').toSorted();
    return planWall(mode, rulesOf(book, workload.key), upstream, named);
  }

  async function step(): Promise<void> {
    if (!file.isKnown()) {
      blind(file.problem() ?? 'The egress lists are not known.');
      return;
    }
    const { mode } = rulesOf(file.book(), workload.key);
    const where = place();
    if (mode === 'off') return open(where);
    if (workload.network.kind !== 'own') {
      blind(whyNotOwn(workload));
      return;
    }
    if (where === undefined) {
      standing = undefined;
      parts.show(workload, { state: 'starting' }, 0);
      return carrier.forget(workload.container);
    }
    const plan = wanted(mode);
    if (!plan.ok) {
      blind(plan.error);
      return;
    }
    await keep(where, plan.value);
  }

  /** The mode is off: what an earlier list put up goes. */
  async function open(where: Place | undefined): Promise<void> {
    if (standing === undefined && !notes.has(workload.container)) return;
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

  async function keep(where: Place, plan: WallPlan): Promise<void> {
    const looked = await carrier.read(where);
    if (!looked.ok) {
      blind(looked.error);
      return;
    }
    const reading = looked.value;
    standing ??= notes.read(workload.container);
    const breach = breachOf(reading, plan);
    tell(reading, plan, breach);
    let now = reading;
    let resolverIsDue = plan.mode === 'enforce' && !(hasResolver && reading.resolverRuns);
    if (breach !== undefined || needsAnew(reading, plan)) {
      const before = standing;
      const put = await putUp(where, plan);
      if (!put.ok) {
        blind(`The wall could not be put up: ${put.error}`);
        return;
      }
      now = put.value;
      resolverIsDue ||= before?.fingerprint !== plan.fingerprint || before.inode !== now.inode;
    } else if (resolverIsDue && hasResolver) {
      logger.warn(`${workload.name}: the egress resolver had ended and is started anew.`);
    }
    if (resolverIsDue) {
      const started = await carrier.resolve(where, plan, (line) => names.line(line, parts.now()));
      hasResolver = started.ok && plan.mode === 'enforce';
      if (!started.ok) {
        partly(`Closed, no name is resolved: ${started.error}`);
        return;
      }
    }
    show(now, plan);
  }

  /** How what stands differs from what was put up, when nobody of ours changed it. */
  function breachOf({ listing, inode, devices }: Reading, plan: WallPlan): string | undefined {
    if (standing?.inode !== inode || plan.mode !== 'enforce') return undefined;
    if (listing === undefined) return 'The wall around its egress was taken away.';
    const hasSameDevices = standing.devices.join(' ') === devices.join(' ');
    const isAsPutUp = hasSameDevices
      ? listing.digest === standing.digest
      : listing.innerDigest === standing.innerDigest;
    if (isAsPutUp) return undefined;
    return 'The rules of the wall around its egress were changed from outside of Sentra.';
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
    const known = names.known((name) => isAllowed(name).kind === 'allowed', parts.now());
    const put = await carrier.apply(where, plan, known);
    if (!put.ok) return put;
    const { listing, inode, devices } = put.value;
    if (listing === undefined) return failed('It is not there after it was put up.');
    const { digest, innerDigest } = listing;
    standing = { fingerprint: plan.fingerprint, inode, devices, digest, innerDigest };
    deltas.restart();
    notes.write(workload.container, standing);
    return put;
  }

  function partly(reason: string, dropped = 0): void {
    parts.show(workload, { state: 'partly', reason }, dropped);
  }

  function show({ canBeChangedFromInside, listing }: Reading, plan: WallPlan): void {
    const dropped = listing?.counters['unlisted'] ?? 0;
    if (plan.mode === 'observe') {
      partly('Counted by address; names are known in the mode enforce alone.', dropped);
      return;
    }
    if (canBeChangedFromInside) {
      partly(
        'It holds CAP_NET_ADMIN and can take its wall down; that is looked at every 5 s.',
        dropped,
      );
      return;
    }
    if (file.problem() !== undefined) {
      partly(file.problem() ?? '', dropped);
      return;
    }
    parts.show(workload, { state: 'seeing' }, dropped);
  }

  function tell({ listing }: Reading, { mode }: WallPlan, breach: string | undefined): void {
    const seen =
      listing === undefined ? undefined : deltas.step(listing, (address) => names.nameOf(address));
    const { destinations, omitted } = seen ?? { destinations: [], omitted: 0 };
    const asked = names.takeAsked();
    if (destinations.length + asked.length === 0 && breach === undefined) return;
    lately = { destinations, names: asked };
    parts.onObservation({
      kind: 'egress',
      at: parts.now(),
      workload: workload.key,
      container: workload.container,
      mode,
      destinations,
      names: asked,
      omitted: omitted + names.takeOmitted(),
      breach,
    });
  }

  return {
    know(next) {
      workload = next;
    },
    look: () => inTurn(step).catch((error: unknown) => blind(`Sentra failed: ${messageOf(error)}`)),
    prove: () =>
      inTurn(() => {
        const { mode } = rulesOf(file.book(), workload.key);
        const where = place();
        if (mode !== 'enforce') return Promise.resolve(failed('Its mode is not enforce.'));
        if (where === undefined) return Promise.resolve(failed('It does not run.'));
        const plan = wanted(mode);
        return plan.ok ? carrier.prove(where, plan.value) : Promise.resolve(plan);
      }),
    lately: () => lately,
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

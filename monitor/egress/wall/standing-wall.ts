import { setTimeout as delay } from 'node:timers/promises';
import type { Moment } from '../../model/time.ts';
import type { ContainerId } from '../../model/workload.ts';
import { failed, type Result } from '../../runtime/result.ts';
import type { Carrier, Place, Reading } from '../carrier/carrier.ts';
import type { NameTable } from '../resolver/resolver-log.ts';
import type { KnownAddress } from './wall-sets.ts';
import type { StartGap } from '../gate/start-gap.ts';
import { driftOf } from './wall-drift.ts';
import type { WallPlan } from './wall-plan.ts';
import type { WallNote, WallNotes } from './wall-record.ts';

/** A start of the container, as far as its wall came after it. */
export interface GuardedStart {
  readonly startedAt: Moment | undefined;
  /** Since when the mode is enforce, as far as this run knows. */
  readonly enforcedSince: Moment | undefined;
  /** Whether something outside of the container held it back until its wall stood. */
  readonly isHeld: boolean;
}

/** The wall around one container, as this run put it up or found it. */
export interface StandingWall {
  note(): WallNote | undefined;
  /** What its last start may have let out. */
  gap(): StartGap | undefined;
  /** Takes a wall of an earlier run for ours, when nothing else is known; true when it did now. */
  adopt(container: ContainerId, reading: Reading): boolean;
  /** How what stands differs from what was put up, when nobody of ours changed it. */
  breachOf(where: Place, reading: Reading, plan: WallPlan): Promise<string | undefined>;
  /** Whether it decides by another list than the plan is of, which has addresses of names as well. */
  isOutdated(where: Place, reading: Reading, plan: WallPlan): boolean;
  needsAnew(where: Place, reading: Reading, plan: WallPlan): boolean;
  putUp(
    where: Place,
    plan: WallPlan,
    known: readonly KnownAddress[],
    start: GuardedStart,
  ): Promise<Result<Reading, string>>;
  forget(): void;
}

/** The log of a resolver is a moment behind what it has put into the kernel's sets. */
const logDelayMs = 400;

/** Nothing is known to stand. */
export function createStandingWall(
  carrier: Pick<Carrier, 'apply'>,
  names: NameTable,
  notes: WallNotes,
  now: () => Moment,
): StandingWall {
  let standing: WallNote | undefined;
  let gap: StartGap | undefined;
  /** Those that the wall was last put up for: of a gate before others nothing is known. */
  let networks: string | undefined;

  /** The container started while it was to be guarded: what its first moments let out. */
  function gapOf(start: GuardedStart, packets: number, plan: WallPlan): StartGap | undefined {
    const { startedAt, enforcedSince, isHeld } = start;
    const isOfThisRun = (startedAt ?? 0) >= (enforcedSince ?? Infinity);
    const wasGuarded = standing?.decides === true || isOfThisRun;
    if (plan.mode === 'observe') return undefined;
    if (startedAt === undefined || !wasGuarded || isHeld) return undefined;
    // Counted after the wall stood: whose interfaces had sent nothing by then let nothing out.
    if (packets === 0) return undefined;
    const wasAway = isOfThisRun ? {} : ({ wasAway: true } as const);
    return { durationMs: now() - startedAt, packets, ...wasAway };
  }

  /** Whether it was put up in this very network, and not in that of an earlier start. */
  function isIn({ pid }: Place, { inode }: Pick<Reading, 'inode'>): boolean {
    return standing?.inode === inode && standing.pid === pid;
  }

  return {
    note: () => standing,
    gap: () => gap,
    adopt(container, reading) {
      if (standing !== undefined) return false;
      standing = notes.read(container);
      if (standing === undefined) return false;
      // What resolvers did while nobody read their log is taken as it is.
      names.acceptAll(reading.elements);
      return true;
    },
    async breachOf(where, reading, plan) {
      const wall = standing;
      if (wall === undefined || !isIn(where, reading) || plan.mode !== 'enforce') return undefined;
      if (wall.isChanging === true) return undefined;
      const judge = (): string | undefined =>
        driftOf(wall, reading, plan, ({ set, address }) => names.explains(set, address));
      if (judge() === undefined) return undefined;
      await delay(logDelayMs);
      if (names.isIncomplete()) names.acceptAll(reading.elements);
      return judge();
    },
    isOutdated: (where, reading, { mode, nameClasses, fingerprint }) =>
      mode === 'enforce' &&
      nameClasses.length > 0 &&
      standing?.decides === true &&
      reading.listing !== undefined &&
      isIn(where, reading) &&
      standing.fingerprint !== fingerprint,
    needsAnew: (where, reading, { fingerprint, mode }) =>
      standing?.fingerprint !== fingerprint ||
      standing.isChanging === true ||
      !isIn(where, reading) ||
      standing.digest !== reading.listing?.digest ||
      // What only counts knows neither interfaces nor a resolver.
      (mode === 'enforce' &&
        (standing.resolverCgroup !== reading.resolverCgroup ||
          standing.devices.join(' ') !== reading.devices.join(' '))),
    async putUp(where, plan, known, start) {
      // Whoever is cut off in between must not take the new one for somebody else's work.
      if (standing !== undefined) {
        standing = { ...standing, isChanging: true };
        notes.write(where.container, standing);
      }
      const put = await carrier.apply(where, plan, known);
      if (!put.ok) return put;
      const { listing, inode, devices, otherTables, elements, sentBefore, resolverCgroup } =
        put.value;
      if (listing === undefined) return failed('It is not there after it was put up.');
      const isSameNetwork = isIn(where, put.value);
      const network = plan.networks.join(' ');
      if (!isSameNetwork) {
        const isHeld = start.isHeld && (networks === undefined || networks === network);
        gap = gapOf({ ...start, isHeld }, sentBefore, plan);
      }
      if (plan.mode === 'enforce') networks = network;
      const { digest, innerDigest } = listing;
      standing = {
        ...{
          fingerprint: plan.fingerprint,
          pid: where.pid,
          inode,
          resolverCgroup,
          devices,
          digest,
          innerDigest,
        },
        ...(plan.mode === 'enforce' ? { decides: true } : {}),
        otherTables: isSameNetwork ? (standing?.otherTables ?? otherTables) : otherTables,
      };
      names.acceptAll(elements);
      notes.write(where.container, standing);
      return put;
    },
    forget() {
      [standing, gap] = [undefined, undefined];
    },
  };
}

import type { ContainerId } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { GatePlan, GateReading, Place } from '../carrier/carrier.ts';
import { layOutGate, type LinkedContainer } from './gate-layout.ts';
import { readGateNote, removeGateNote, writeGateNote } from './gate-note.ts';
import { compileGate, gateRemoval } from './gate-ruleset.ts';
import type { NetworkLink } from '../wall/wall-reply.ts';
import type { SpaceKey, WallReader } from '../wall/wall-reader.ts';

/** The engine's network, as far as a gate needs it: by this process's own hands, or by the helper's. */
export interface GateGround {
  /** The network of the engine that runs one of those, or the one with that inode; held until `close`. */
  find(places: readonly Place[], inode: number | undefined): Result<GateSpace, string> | undefined;
  /** Containers that run on the engine whose network has that inode. */
  running(inode: number): Promise<readonly Place[]>;
}

/** An engine's network, open. */
export interface GateSpace extends SpaceKey {
  /** Hands a ruleset to nft in it: all of it or nothing. */
  put(ruleset: string): Promise<Result<unknown, string>>;
  close(): void;
}

/** The gate in the engine's network. */
export interface NativeGate {
  keep(plan: GatePlan): Promise<Result<GateReading, string>>;
}

export interface NativeGateParts {
  readonly reader: WallReader;
  readonly ground: GateGround;
  readonly linksOf: (place: Place) => Promise<readonly NetworkLink[]>;
  /** Milliseconds that only go up. */
  readonly now: () => number;
}

/** A port of no known container is looked at each time while it is so new, and seldom afterwards. */
const newMs = 30_000;

const nothing: GateReading = { bridges: [], dropped: 0, breach: undefined, uncovered: new Map() };

/** Knows of no gate yet. */
export function createNativeGate({ reader, ground, linksOf, now }: NativeGateParts): NativeGate {
  /** Ports that were opened for containers nobody watches. */
  const opened = new Set<number>();
  /** When ports of no known container were first seen, and looked at last. */
  const strangers = new Map<number, { readonly since: number; readonly lookedAt: number }>();
  let lastInode: number | undefined;
  /** What gates have dropped that were replaced since. */
  let droppedBefore = 0;

  /** An index is never given again; without this, containers that come and go would fill the memory. */
  function forgetGone(host: readonly NetworkLink[]): void {
    const there = new Set(host.map(({ index }) => index));
    for (const index of opened) if (!there.has(index)) opened.delete(index);
    for (const index of strangers.keys()) if (!there.has(index)) strangers.delete(index);
  }

  /** Opens the ports of containers that are known to be nobody's charge. True when it opened one. */
  async function meetStrangers(
    strays: readonly NetworkLink[],
    unwatched: ReadonlySet<ContainerId>,
    inode: number,
  ): Promise<boolean> {
    const at = now();
    const due = strays.filter(({ index }) => {
      const met = strangers.get(index);
      return met === undefined || at - met.since < newMs || at - met.lookedAt >= newMs;
    });
    if (due.length === 0) return false;
    for (const { index } of due) {
      strangers.set(index, { since: strangers.get(index)?.since ?? at, lookedAt: at });
    }
    const before = opened.size;
    for (const place of await ground.running(inode)) {
      if (!unwatched.has(place.container)) continue;
      for (const link of await linksOf(place)) {
        const port = due.find(({ index, peer }) => index === link.peer && peer === link.index);
        if (port !== undefined) opened.add(port.index);
      }
    }
    return opened.size > before;
  }

  async function keepIn(space: GateSpace, plan: GatePlan): Promise<Result<GateReading, string>> {
    const note = readGateNote(space.inode);
    if (plan.guarded.length === 0 && !plan.hasWaiting) {
      if (note === undefined) return ok(nothing);
      const removed = await space.put(gateRemoval);
      if (!removed.ok) return removed;
      removeGateNote(space.inode);
      return ok(nothing);
    }
    if (plan.guarded.length === 0 && note === undefined) return ok(nothing);
    const before = await reader.read(space);
    if (!before.ok) return before;
    const containers: LinkedContainer[] = [];
    for (const place of plan.guarded) {
      const links = await linksOf(place);
      containers.push({ ...place, links, isGuarded: true, open: place.devices });
    }
    for (const place of plan.free) {
      containers.push({ ...place, links: await linksOf(place), isGuarded: false, open: undefined });
    }
    const host = before.value.links;
    forgetGone(host);
    const kept = { bridges: note?.bridges ?? [], hasWaiting: plan.hasWaiting };
    let layout = layOutGate(host, containers, kept, opened);
    if (await meetStrangers(layout.strays, plan.unwatched, space.inode)) {
      layout = layOutGate(host, containers, kept, opened);
    }
    const { site, uncovered } = layout;
    const ruleset = compileGate(site);
    const digest = before.value.rules?.digest;
    const counters = before.value.counters;
    const counted = (counters['held'] ?? 0) + (counters['heldback'] ?? 0);
    const dropped = droppedBefore + counted;
    // A bridge that went takes a part of the gate with it; that is nobody's doing.
    const isWhole = note?.bridges.every((name) => host.some((link) => link.name === name)) ?? false;
    const isSettled = isWhole && note !== undefined && note.isChanging !== true;
    const isTouched = isSettled && note.digest !== digest;
    const breach = isTouched
      ? 'The gate on the engine’s side of its network was changed from outside of Sentra.'
      : undefined;
    if (note?.ruleset === ruleset && note.isChanging !== true && !isTouched) {
      return ok({ bridges: site.bridges, dropped, breach, uncovered });
    }
    // Whoever is cut off in between must not take the new one for somebody else's work.
    if (note !== undefined) writeGateNote({ ...note, isChanging: true });
    const put = await space.put(ruleset);
    if (!put.ok) return put;
    const after = await reader.read(space);
    if (!after.ok) return after;
    const stands = after.value.rules?.digest;
    if (stands === undefined) return failed('The gate is not there after it was put up.');
    droppedBefore = dropped;
    writeGateNote({ inode: space.inode, bridges: site.bridges, ruleset, digest: stands });
    return ok({ bridges: site.bridges, dropped, breach, uncovered });
  }

  return {
    async keep(plan) {
      const space = ground.find([...plan.guarded, ...plan.free], lastInode);
      if (space === undefined) return ok(nothing);
      if (!space.ok) return space;
      lastInode = space.value.inode;
      try {
        return await keepIn(space.value, plan);
      } finally {
        space.value.close();
      }
    },
  };
}

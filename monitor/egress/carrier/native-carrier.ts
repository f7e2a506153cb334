import { randomInt } from 'node:crypto';
import type { ContainerId } from '../../model/workload.ts';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Carrier, Place, Reading } from './carrier.ts';
import {
  areGuardable,
  inodeOfNamespace,
  openNamespace,
  powersOf,
  uidOf,
  type NetworkNamespace,
  type NetworkPowers,
} from './namespace.ts';
import { createNativeGate } from '../gate/native-gate.ts';
import { nativeGround } from './native-ground.ts';
import { putRuleset } from './nft-run.ts';
import { probedWall, probeWall, tryHere } from '../guard/probe-wall.ts';
import {
  findResolverCgroups,
  openResolverCgroup,
  resolverCgroupInode,
  resolverPids,
} from '../resolver/resolver-cgroup.ts';
import { compileResolver } from '../resolver/resolver-config.ts';
import { findResolverTools, startResolver } from '../resolver/resolver-process.ts';
import { createResolverStates } from '../resolver/resolver-state.ts';
import { compileRuleset, observingRuleset, removalRuleset } from '../wall/ruleset.ts';
import { findTool, systemFolders } from './tool.ts';
import type { WallPlan } from '../wall/wall-plan.ts';
import { createWallReader, type WallReader } from '../wall/wall-reader.ts';
import type { KnownAddress } from '../wall/wall-sets.ts';
import { listingOf, otherTablesOf, type NetworkLink, type WallReply } from '../wall/wall-reply.ts';
import { removeNote } from '../wall/wall-record.ts';

/** For so long the links of a network are taken as they were read. */
const freshMs = 2000;

/**
 * Walls made by this very process: it is root on the engine's own Linux host. Programs are looked for
 * in `toolFolders` alone.
 */
export function createNativeCarrier(
  toolFolders: readonly string[] = systemFolders,
  reader: WallReader = createWallReader(),
): Carrier {
  const resolvers = createResolverStates();
  /** Of main processes, which keep what they may do. */
  const powers = new Map<ContainerId, { pid: number; held: NetworkPowers }>();
  const ground = nativeGround(toolFolders);
  /** As they were read last: the gate looks right after the walls. */
  const lastLinks = new Map<
    ContainerId,
    { pid: number; at: number; links: readonly NetworkLink[] }
  >();
  const gate = createNativeGate({ reader, ground, linksOf, now: () => performance.now() });

  async function replyOf({ pid, container }: Place): Promise<Result<WallReply, string>> {
    const inode = inodeOfNamespace(pid, container);
    return inode.ok ? reader.read({ pid, inode: inode.value }) : inode;
  }

  /** An interface that came since shows with the next look; until then it is held back. */
  async function linksOf(place: Place): Promise<readonly NetworkLink[]> {
    const known = lastLinks.get(place.container);
    const isFresh = known?.pid === place.pid && performance.now() - known.at < freshMs;
    if (isFresh) return known.links;
    const reply = await replyOf(place);
    return reply.ok ? reply.value.links : [];
  }

  async function readOne(place: Place): Promise<Result<Reading, string>> {
    const { pid, container } = place;
    const inode = inodeOfNamespace(pid, container);
    if (!inode.ok) return inode;
    const reply = await reader.read({ pid, inode: inode.value });
    if (!reply.ok) return reply;
    lastLinks.set(container, { pid, at: performance.now(), links: reply.value.links });
    const known = powers.get(container);
    const held = known?.pid === pid ? known.held : powersOf(pid);
    powers.set(container, { pid, held });
    return ok({
      listing: listingOf(reply.value),
      elements: reply.value.rules?.elements ?? [],
      otherTables: otherTablesOf(reply.value),
      inode: inode.value,
      devices: reply.value.links
        .map(({ name }) => name)
        .filter((name) => name !== 'lo')
        .sort(),
      powers: held,
      resolver: resolvers.stateOf(container, resolverPids(container)),
      resolverCgroup: resolverCgroupInode(container),
    });
  }

  /** Runs `task` while the place's namespace is held open. */
  async function within<Value>(
    place: Place,
    task: (space: NetworkNamespace) => Promise<Result<Value, string>>,
  ): Promise<Result<Value, string>> {
    const space = openNamespace(place.pid, place.container);
    if (!space.ok) return space;
    try {
      return await task(space.value);
    } catch (error) {
      return failed(messageOf(error));
    } finally {
      space.value.close();
    }
  }

  async function forget(container: ContainerId): Promise<void> {
    await resolvers.end(container);
    await findResolverCgroups().get(container)?.remove();
    removeNote(container);
    resolvers.forget(container);
    powers.delete(container);
    lastLinks.delete(container);
  }

  return {
    lacks() {
      for (const name of ['nsenter', 'nft'] as const) {
        const tool = findTool(name, toolFolders);
        if (!tool.ok) return tool.error;
      }
      return undefined;
    },
    async read(places) {
      const readings = places.map(
        async (place) => [place.container, await readOne(place)] as const,
      );
      return new Map(await Promise.all(readings));
    },
    apply: (place, plan, known) =>
      within(place, async (space) => {
        const ruleset = rulesetFor(place.container, plan, known, space);
        if (!ruleset.ok) return ruleset;
        const put = await putRuleset(space.descriptor, ruleset.value, toolFolders);
        if (!put.ok) return put;
        const sentBefore = [...space.devices().values()].reduce((sum, each) => sum + each, 0);
        const reading = await readOne(place);
        return reading.ok ? ok({ ...reading.value, sentBefore }) : reading;
      }),
    resolve: (place, plan, onLine) =>
      within(place, async (space) => {
        if (plan.mode === 'observe') {
          await resolvers.end(place.container);
          await findResolverCgroups().get(place.container)?.remove();
          return ok(undefined);
        }
        const cgroup = openResolverCgroup(place.container);
        if (!cgroup.ok) return cgroup;
        const tools = findResolverTools(toolFolders);
        if (!tools.ok) return tools;
        return startResolver({
          descriptor: space.descriptor,
          cgroup: cgroup.value,
          configuration: compileResolver(plan, space.hasIpv6()),
          tools: tools.value,
          onLine,
          // Not before: an earlier run's is not ended where no other can take its place.
          endOlder: () => resolvers.end(place.container),
          onStart: (pid) => resolvers.note(place.container, pid),
        });
      }),
    async prove(place, plan, allowedName) {
      const inode = inodeOfNamespace(place.pid, place.container);
      if (!inode.ok) return inode;
      const space = { pid: place.pid, inode: inode.value };
      const wishes = { allowedName, ownUid: uidOf(place.pid) };
      return probeWall(tryHere(space), plan, wishes, async () => {
        const reading = await readOne(place);
        return reading.ok ? ok(probedWall(reading.value)) : reading;
      });
    },
    remove: (place) =>
      within(place, async (space) => {
        const removed = await putRuleset(space.descriptor, removalRuleset, toolFolders);
        if (!removed.ok) return removed;
        await forget(place.container);
        return ok(undefined);
      }),
    forget,
    gate: (plan) => gate.keep(plan),
    close: () => reader.close(),
  };
}

/** The wall as nft takes it; makes the cgroup of the resolver that a wall which refuses needs. */
function rulesetFor(
  container: ContainerId,
  plan: WallPlan,
  known: readonly KnownAddress[],
  space: NetworkNamespace,
): Result<string, string> {
  if (plan.mode === 'observe') return ok(observingRuleset);
  const devices = [...space.devices().keys()].sort();
  if (!areGuardable(devices)) {
    return failed('It has an interface with a name that cannot be guarded.');
  }
  const cgroup = openResolverCgroup(container);
  if (!cgroup.ok) return cgroup;
  const mark = randomInt(1, 2 ** 32);
  return ok(compileRuleset(plan, { devices, cgroup: cgroup.value, mark, known }));
}

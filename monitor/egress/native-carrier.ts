import { randomInt } from 'node:crypto';
import { messageOf } from '../runtime/logger.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Carrier, Place, Reading } from './carrier.ts';
import { readListing } from './listing.ts';
import { areGuardable, openNamespace, type NetworkNamespace } from './namespace.ts';
import { probeWall } from './probe-wall.ts';
import { findResolverCgroups, openResolverCgroup } from './resolver-cgroup.ts';
import { compileResolver } from './resolver-config.ts';
import { startResolver } from './resolver-process.ts';
import { compileRuleset, removalRuleset } from './ruleset.ts';
import { findTool, runTool, systemFolders } from './tool.ts';
import { folderOf, removeNote } from './wall-record.ts';

/**
 * Walls made by this very process: it is root on the engine's own Linux host. Programs are looked for
 * in `toolFolders` alone.
 */
export function createNativeCarrier(toolFolders: readonly string[] = systemFolders): Carrier {
  /** Runs nft in the namespace with a fixed set of arguments. */
  async function nft(
    space: NetworkNamespace,
    args: readonly string[],
    input?: string,
  ): Promise<Result<string, string>> {
    const nsenter = findTool('nsenter', toolFolders);
    if (!nsenter.ok) return nsenter;
    const program = findTool('nft', toolFolders);
    if (!program.ok) return program;
    return runTool({
      path: nsenter.value,
      args: ['--net=/proc/self/fd/3', program.value, ...args],
      descriptor: space.descriptor,
      ...(input === undefined ? {} : { input }),
    });
  }

  async function readIn(space: NetworkNamespace, place: Place): Promise<Result<Reading, string>> {
    const listed = await nft(space, ['-j', 'list', 'ruleset']);
    if (!listed.ok) return listed;
    const listing = readListing(listed.value);
    if (!listing.ok) return listing;
    const { inode, devices, canBeChangedFromInside } = space;
    const resolverRuns = (findResolverCgroups().get(place.container)?.pids().length ?? 0) > 0;
    return ok({ listing: listing.value, inode, devices, canBeChangedFromInside, resolverRuns });
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

  return {
    read: (place) => within(place, (space) => readIn(space, place)),
    apply: (place, plan, known) =>
      within(place, async (space) => {
        if (!areGuardable(space.devices)) {
          return failed('It has an interface with a name that cannot be guarded.');
        }
        const cgroup = openResolverCgroup(place.container);
        if (!cgroup.ok) return cgroup;
        const ruleset = compileRuleset(plan, {
          devices: space.devices,
          cgroup: cgroup.value,
          mark: randomInt(1, 2 ** 32),
          known,
        });
        const put = await nft(space, ['-f', '-'], ruleset);
        return put.ok ? readIn(space, place) : put;
      }),
    resolve: (place, plan, onLine) =>
      within(place, async (space) => {
        const cgroup = openResolverCgroup(place.container);
        if (!cgroup.ok) return cgroup;
        if (plan.mode === 'observe') {
          await cgroup.value.clear();
          return ok(undefined);
        }
        return startResolver({
          descriptor: space.descriptor,
          cgroup: cgroup.value,
          configuration: compileResolver(plan, space.hasIpv6),
          folder: folderOf(place.container),
          toolFolders,
          onLine,
        });
      }),
    prove: (place, plan) =>
      within(place, (space) =>
        probeWall(space, plan, toolFolders, async () => {
          const reading = await readIn(space, place);
          return reading.ok ? ok(reading.value.listing) : reading;
        }),
      ),
    remove: (place) =>
      within(place, async (space) => {
        const removed = await nft(space, ['-f', '-'], removalRuleset);
        if (!removed.ok) return removed;
        await findResolverCgroups().get(place.container)?.remove();
        removeNote(place.container);
        return ok(undefined);
      }),
    async forget(container) {
      await findResolverCgroups().get(container)?.remove();
      removeNote(container);
    },
  };
}

import type { ContainerId } from '../../model/workload.ts';
import { ok, type Result } from '../../runtime/result.ts';
import { createNativeCarrier } from '../carrier/native-carrier.ts';
import { runningContainers } from '../carrier/running-containers.ts';
import { systemFolders } from '../carrier/tool.ts';
import { notedGates } from '../gate/gate-note.ts';
import {
  findResolverCgroups,
  removeParentCgroup,
  resolverPids,
} from '../resolver/resolver-cgroup.ts';
import { createWallReader, type SpaceKey } from '../wall/wall-reader.ts';
import { notedContainers, readNote } from '../wall/wall-record.ts';
import { openGates } from './disarm.ts';
import {
  everyNetwork,
  hasGate,
  hasSentras,
  hasWall,
  isStillThere,
  listTables,
  ownersOf,
  spaceOf,
} from './networks.ts';
import type { Disarmed, FoundWalls, WallTaker } from './wall-taker.ts';

/** Of this machine, by root: every wall and resolver, and every gate, whoever put it up. */
export function createNativeTaker(toolFolders: readonly string[] = systemFolders): WallTaker {
  const reader = createWallReader();
  const carrier = createNativeCarrier(toolFolders, reader);

  function owners(
    running: ReadonlyMap<ContainerId, number>,
    noted: ReadonlySet<ContainerId>,
  ): ReadonlyMap<number, ContainerId> {
    const spaces = [...running].map(([container, pid]) => [container, spaceOf(pid)] as const);
    return ownersOf(spaces, noted);
  }

  const notedNow = (): ReadonlySet<ContainerId> =>
    new Set([...notedContainers(), ...findResolverCgroups().keys()]);

  /** The tables in it, by nft where the program that reads walls is not there; none where it has gone. */
  async function tablesIn(space: SpaceKey): Promise<Result<readonly string[], string>> {
    const reply = await reader.read(space);
    if (reply.ok) return ok(reply.value.tables);
    const listed = await listTables(space, toolFolders);
    return listed.ok || isStillThere(space) ? listed : ok([]);
  }

  async function takeOne(
    container: ContainerId,
    pid: number | undefined,
    isSecond = false,
  ): Promise<Disarmed> {
    if (pid === undefined) {
      await carrier.forget(container);
      return { container, failure: undefined };
    }
    const place = { container, pid };
    const removed = await carrier.remove(place);
    if (!removed.ok) {
      const now = runningContainers().get(container);
      // It has ended meanwhile, or runs anew.
      if (now !== pid && !isSecond) return takeOne(container, now, true);
      return { container, failure: removed.error };
    }
    const space = spaceOf(pid);
    if (space === undefined) return { container, failure: undefined };
    const after = await tablesIn(space);
    if (!after.ok) return { container, failure: after.error };
    const isLeft = hasWall(after.value);
    return { container, failure: isLeft ? 'Its tables are still there.' : undefined };
  }

  return {
    async find() {
      const walled = new Set<ContainerId>();
      const ended = new Set<ContainerId>();
      const gates = new Set(notedGates());
      const running = runningContainers();
      const noted = notedNow();
      const owned = owners(running, noted);
      for (const space of everyNetwork()) {
        const tables = await tablesIn(space);
        if (!tables.ok) return tables;
        const owner = owned.get(space.inode);
        // The helper is a container, and in the engine's network: what stands there is no wall of its.
        if (hasGate(tables.value, owner !== undefined)) gates.add(space.inode);
        else if (owner !== undefined && hasWall(tables.value)) walled.add(owner);
      }
      for (const container of noted) (running.has(container) ? walled : ended).add(container);
      const closed = [...walled].filter(isClosed);
      return ok({ containers: [...walled], closed, ended: [...ended], gates: [...gates] });
    },
    async take(found: FoundWalls) {
      const running = runningContainers();
      const disarmed: Disarmed[] = [];
      for (const container of [...found.containers, ...found.ended]) {
        disarmed.push(await takeOne(container, running.get(container)));
      }
      const gates = await openGates(toolFolders, found.gates);
      removeParentCgroup();
      const left: string[] = [];
      const owned = owners(runningContainers(), notedNow());
      const networks = everyNetwork();
      for (const space of networks) {
        const tables = await tablesIn(space);
        const owner = owned.get(space.inode);
        const of = owner === undefined ? `of process ${space.pid}` : `of ${owner.slice(0, 12)}`;
        if (!tables.ok) left.push(`The network ${of} was not read: ${tables.error}`);
        else if (hasSentras(tables.value, owner !== undefined)) {
          left.push(`A table of Sentra’s is still in the network ${of}.`);
        }
      }
      return { containers: disarmed, gates, networks: networks.length, left };
    },
    close: () => carrier.close(),
  };
}

/** Names are resolved by its resolver alone. */
function isClosed(container: ContainerId): boolean {
  return readNote(container)?.decides === true && resolverPids(container).length === 0;
}

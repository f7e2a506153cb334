import type { HelperClient } from '../../helper/helper-client.ts';
import type { ContainerId } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { readPlaces, type HelperPlaces } from '../carrier/helper-ground.ts';
import { notedGates, removeGateNote } from '../gate/gate-note.ts';
import { gateRemoval } from '../gate/gate-ruleset.ts';
import type { SpaceKey, WallReader } from '../wall/wall-reader.ts';
import { removeNote } from '../wall/wall-record.ts';
import { hasGate, hasSentras, hasWall } from './networks.ts';
import type { Disarmed, FoundWalls, WallTaker } from './wall-taker.ts';

/** What goes through the helper of an engine. */
export interface HelperTakerParts {
  readonly client: HelperClient;
  readonly reader: WallReader;
  /** The helper's own network, which is the engine's, once it answers; the failure is a sentence. */
  readonly engineSpace: () => Promise<Result<SpaceKey, string>>;
  /** Those of the engine; the failure is a sentence. */
  readonly containers: () => Promise<Result<ReadonlySet<ContainerId>, string>>;
}

/** What the helper sees of one engine: no resolver of a container that runs on another one. */
interface Ground extends HelperPlaces {
  readonly engineSpace: SpaceKey;
}

/** Of an engine, by its helper: the walls and resolvers of its containers, and its gate. */
export function createHelperTaker(parts: HelperTakerParts): WallTaker {
  const { client, reader } = parts;

  async function look(): Promise<Result<Ground, string>> {
    const engineSpace = await parts.engineSpace();
    if (!engineSpace.ok) return engineSpace;
    const own = await parts.containers();
    if (!own.ok) return own;
    const said = await client.ask({ verb: 'places' });
    if (!said.ok) return said;
    const { places, resolvers } = readPlaces(said.value.toString('latin1'));
    const running = new Set(places.map(({ container }) => container));
    const isOurs = (container: ContainerId): boolean =>
      own.value.has(container) || !running.has(container);
    return ok({
      places: places.filter(({ container }) => own.value.has(container)),
      resolvers: resolvers.filter(isOurs),
      engineSpace: engineSpace.value,
    });
  }

  async function tablesIn(space: SpaceKey): Promise<Result<readonly string[], string>> {
    const reply = await reader.read(space);
    return reply.ok ? ok(reply.value.tables) : reply;
  }

  async function takeOne(
    container: ContainerId,
    { places, resolvers }: HelperPlaces,
  ): Promise<Disarmed> {
    const own = places.filter((place) => place.container === container);
    let failure: string | undefined;
    for (const place of own) {
      const tables = await tablesIn(place);
      const hasNothing = tables.ok && !hasWall(tables.value);
      if (hasNothing && !resolvers.includes(container)) continue;
      const { pid } = place;
      const removed = await client.ask({ verb: 'remove', place: { container, pid } });
      if (!removed.ok) failure ??= removed.error;
    }
    if (own.length === 0 && resolvers.includes(container)) {
      const forgotten = await client.ask({ verb: 'forget', container });
      if (!forgotten.ok) failure ??= forgotten.error;
    }
    if (failure === undefined) removeNote(container);
    return { container, failure };
  }

  return {
    async find() {
      const ground = await look();
      if (!ground.ok) return ground;
      const { places, resolvers, engineSpace } = ground.value;
      const containers = new Set<ContainerId>();
      for (const place of places) {
        if (resolvers.includes(place.container)) containers.add(place.container);
        const tables = await tablesIn(place);
        // What cannot be read is taken away like what stands.
        if (!tables.ok || hasWall(tables.value)) containers.add(place.container);
      }
      const tables = await tablesIn(engineSpace);
      if (!tables.ok) return tables;
      const gates = hasGate(tables.value, false) ? [engineSpace.inode] : [];
      const ended = resolvers.filter((each) => !containers.has(each));
      // Which of the resolvers has ended the helper does not tell of all at once.
      return ok({ containers: [...containers], closed: [], ended, gates });
    },
    async take(found: FoundWalls) {
      const ground = await look();
      if (!ground.ok) return nothingTaken(found, ground.error);
      const disarmed: Disarmed[] = [];
      for (const container of [...found.containers, ...found.ended]) {
        disarmed.push(await takeOne(container, ground.value));
      }
      // In any case: where there is none, nothing happens.
      const opened = await client.ask({ verb: 'gate', ruleset: gateRemoval });
      if (opened.ok) for (const inode of notedGates()) removeGateNote(inode);
      const gates = opened.ok ? [] : [`The gate could not be taken away: ${opened.error}`];
      const after = await look();
      if (!after.ok) return { containers: disarmed, gates, networks: 0, left: [after.error] };
      const left: string[] = [];
      const stands = new Set<ContainerId>();
      for (const place of after.value.places) {
        const tables = await tablesIn(place);
        // One that has ended meanwhile is in no place any more.
        if (tables.ok && hasSentras(tables.value, true)) stands.add(place.container);
      }
      const own = await tablesIn(after.value.engineSpace);
      if (!own.ok) left.push(`The engine’s network was not read: ${own.error}`);
      else if (hasSentras(own.value, false)) left.push('The gate is still there.');
      const containers = disarmed.map((each) =>
        each.failure === undefined && stands.delete(each.container)
          ? { ...each, failure: 'Its tables are still there.' }
          : each,
      );
      for (const container of stands) {
        left.push(`A table of Sentra’s is still in the network of ${container.slice(0, 12)}.`);
      }
      return { containers, gates, networks: after.value.places.length + 1, left };
    },
    close: () => reader.close(),
  };
}

function nothingTaken({ containers, ended }: FoundWalls, failure: string) {
  const disarmed = [...containers, ...ended].map((container) => ({ container, failure }));
  return { containers: disarmed, gates: [], networks: 0, left: [failure] };
}

/** For where there is no helper that answers. */
export const noHelperAnswers = failed(
  'Walls are taken away by the helper, and there is none that answers.',
);

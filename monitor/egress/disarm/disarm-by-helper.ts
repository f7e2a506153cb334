import type { HelperClient } from '../../helper/helper-client.ts';
import type { ContainerId } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Disarmed } from './disarm.ts';
import { notedGates, removeGateNote } from '../gate/gate-note.ts';
import { gateRemoval } from '../gate/gate-ruleset.ts';
import { readPlaces } from '../carrier/helper-ground.ts';
import type { SpaceKey, WallReader } from '../wall/wall-reader.ts';
import { removeNote } from '../wall/wall-record.ts';
import { listingOf } from '../wall/wall-reply.ts';

/**
 * Has the helper take the walls and resolvers of an engine's containers away, and the gate, without a
 * monitor, a record or a list: by the name of the table. The failure is a sentence.
 */
export async function disarmByHelper(
  client: HelperClient,
  reader: WallReader,
  containers: ReadonlySet<ContainerId>,
): Promise<Result<readonly Disarmed[], string>> {
  const said = await client.ask({ verb: 'places' });
  if (!said.ok) return said;
  const { places, resolvers } = readPlaces(said.value.toString('latin1'));
  const disarmed: Disarmed[] = [];
  for (const place of places.filter(({ container }) => containers.has(container))) {
    const hasWall = await isWalled(reader, place);
    const hasNothing = hasWall.ok && !hasWall.value;
    if (hasNothing && !resolvers.includes(place.container)) continue;
    const { container, pid } = place;
    const removed = await client.ask({ verb: 'remove', place: { container, pid } });
    const after = removed.ok ? await isWalled(reader, place) : removed;
    const isLeft = after.ok && after.value;
    const failure = isLeft ? 'Its tables are still there.' : undefined;
    if (after.ok && !isLeft) removeNote(container);
    disarmed.push({ container, failure: after.ok ? failure : after.error });
  }
  const running = new Set(places.map(({ container }) => container));
  for (const container of resolvers.filter((each) => !running.has(each))) {
    const forgotten = await client.ask({ verb: 'forget', container });
    disarmed.push({ container, failure: forgotten.ok ? undefined : forgotten.error });
  }
  const opened = await client.ask({ verb: 'gate', ruleset: gateRemoval });
  if (!opened.ok) return failed(`The gate could not be taken away: ${opened.error}`);
  for (const inode of notedGates()) removeGateNote(inode);
  return ok(disarmed);
}

async function isWalled(reader: WallReader, space: SpaceKey): Promise<Result<boolean, string>> {
  const reply = await reader.read(space);
  return reply.ok ? ok(listingOf(reply.value) !== undefined) : reply;
}

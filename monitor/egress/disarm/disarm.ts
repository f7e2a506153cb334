import type { ContainerId } from '../../model/workload.ts';
import { failed, type Result } from '../../runtime/result.ts';
import type { Carrier, Place, Reading } from '../carrier/carrier.ts';
import { engineSpaceWith } from '../carrier/engine-space.ts';
import { notedGates, removeGateNote } from '../gate/gate-note.ts';
import { gateRemoval } from '../gate/gate-ruleset.ts';
import { createNativeCarrier } from '../carrier/native-carrier.ts';
import { putRuleset } from '../carrier/nft-run.ts';
import { findResolverCgroups, removeParentCgroup } from '../resolver/resolver-cgroup.ts';
import { runningContainers } from '../carrier/running-containers.ts';
import { systemFolders } from '../carrier/tool.ts';
import { notedContainers } from '../wall/wall-record.ts';

/** What was found around a container, and what became of it. */
export interface Disarmed {
  readonly container: ContainerId;
  /** Undefined when nothing of Sentra's is left; else why something is, a sentence. */
  readonly failure: string | undefined;
}

/**
 * Takes every wall and resolver of this machine away, whoever put it up, without a monitor, a record or
 * a list: by the notes about them and the resolvers' cgroups, and by the name of the table.
 */
export async function disarmAll(toolFolders?: readonly string[]): Promise<readonly Disarmed[]> {
  const carrier = createNativeCarrier(toolFolders);
  const marked = new Set([...notedContainers(), ...findResolverCgroups().keys()]);
  const running = runningContainers();
  const disarmed: Disarmed[] = [];
  for (const container of new Set([...marked, ...running.keys()])) {
    const pid = running.get(container);
    if (pid === undefined) {
      await carrier.forget(container);
      disarmed.push({ container, failure: undefined });
      continue;
    }
    const place = { container, pid };
    const before = await readOne(carrier, place);
    const hasNothing = before.ok && before.value.listing === undefined;
    if (hasNothing && !marked.has(container)) continue;
    const removed = await carrier.remove(place);
    const after = removed.ok ? await readOne(carrier, place) : removed;
    const isLeft = after.ok && after.value.listing !== undefined;
    const failure = isLeft ? 'Its tables are still there.' : undefined;
    disarmed.push({ container, failure: after.ok ? failure : after.error });
  }
  await carrier.close();
  removeParentCgroup();
  return disarmed;
}

/**
 * Takes gates away: of the engines in those networks, by inode, or of all on this machine. What could
 * not be is told in sentences.
 */
export async function openGates(
  toolFolders: readonly string[] = systemFolders,
  networks: readonly number[] = notedGates(),
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const inode of notedGates().filter((each) => networks.includes(each))) {
    const space = engineSpaceWith(inode);
    // With its network namespace a gate is gone as well.
    if (!space.ok) {
      removeGateNote(inode);
      continue;
    }
    const removed = await putRuleset(space.value.descriptor, gateRemoval, toolFolders);
    space.value.close();
    if (removed.ok) removeGateNote(inode);
    else failures.push(removed.error);
  }
  return failures;
}

async function readOne(carrier: Carrier, place: Place): Promise<Result<Reading, string>> {
  return (await carrier.read([place])).get(place.container) ?? failed('It was not read.');
}

/** Ends the resolvers of containers that ended while nobody watched; walls end by themselves. */
export async function forgetEnded(): Promise<void> {
  const carrier = createNativeCarrier();
  const running = runningContainers();
  for (const container of new Set([...notedContainers(), ...findResolverCgroups().keys()])) {
    if (!running.has(container)) await carrier.forget(container);
  }
  await carrier.close();
}

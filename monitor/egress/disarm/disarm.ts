import { createNativeCarrier } from '../carrier/native-carrier.ts';
import { engineSpaceWith } from '../carrier/engine-space.ts';
import { putRuleset } from '../carrier/nft-run.ts';
import { runningContainers } from '../carrier/running-containers.ts';
import { systemFolders } from '../carrier/tool.ts';
import { notedGates, removeGateNote } from '../gate/gate-note.ts';
import { gateRemoval } from '../gate/gate-ruleset.ts';
import { findResolverCgroups } from '../resolver/resolver-cgroup.ts';
import { notedContainers } from '../wall/wall-record.ts';

/**
 * Takes the gates in those networks away, by inode; where there is none in one nothing happens, so that
 * none is left whose note was lost. What could not be taken away is told in sentences.
 */
export async function openGates(
  toolFolders: readonly string[] = systemFolders,
  networks: readonly number[] = notedGates(),
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const inode of networks) {
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

/** Ends the resolvers of containers that ended while nobody watched; walls end by themselves. */
export async function forgetEnded(): Promise<void> {
  const carrier = createNativeCarrier();
  const running = runningContainers();
  for (const container of new Set([...notedContainers(), ...findResolverCgroups().keys()])) {
    if (!running.has(container)) await carrier.forget(container);
  }
  await carrier.close();
}

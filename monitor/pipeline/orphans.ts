import type { EngineReader } from '../engine/port.ts';
import type { Finding } from '../model/finding.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Store } from '../record/store.ts';
import type { Losses } from './losses.ts';

/** Findings looked at in one go; what is beyond waits for the next time. */
const most = 1000;

/**
 * The findings that an earlier run left open about containers that are not there any more: nobody
 * else will close them. The engine is asked only when there is such a suspicion; a container that is
 * there and not watched yet (its inspection may hang) is no orphan.
 */
export async function findOrphans(
  store: Store,
  engine: Pick<EngineReader, 'list'>,
  isWatched: (container: ContainerId) => boolean,
  losses: Losses,
): Promise<readonly Finding[]> {
  const open = store.findings.list({ status: 'open', limit: most });
  losses.check(open);
  if (!open.ok) return [];
  const suspects = open.value
    .map(({ finding }) => finding)
    .filter(({ container }) => !isWatched(container));
  if (suspects.length === 0) return [];
  const listed = await engine.list();
  if (!listed.ok) return [];
  const present = new Set(listed.value.map(({ container }) => container));
  return suspects.filter(({ container }) => !present.has(container));
}

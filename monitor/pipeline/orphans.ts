import type { Moment } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Store } from '../record/store.ts';
import type { Losses } from './losses.ts';

/** Findings looked at in one go; what is beyond waits for the next time. */
const most = 1000;

/**
 * Closes findings that an earlier run left open about containers that are not there any more: nobody
 * else will.
 */
export function closeOrphans(
  store: Store,
  isWatched: (container: ContainerId) => boolean,
  at: Moment,
  losses: Losses,
): void {
  const open = store.findings.list({ status: 'open', limit: most });
  losses.check(open);
  if (!open.ok) return;
  for (const { finding } of open.value) {
    if (isWatched(finding.container)) continue;
    losses.check(store.findings.put({ ...finding, status: 'closed', at }));
  }
}

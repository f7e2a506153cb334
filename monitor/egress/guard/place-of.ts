import type { EgressMode } from '../../model/egress.ts';
import { isRunning, type Workload } from '../../model/workload.ts';
import type { Place } from '../carrier/carrier.ts';

/** Where the container is while it runs or is paused; undefined while it does not. */
export function placeOf({ container, mainPid, state }: Workload): Place | undefined {
  const runs = isRunning(state) || state === 'paused';
  return runs && mainPid !== undefined && mainPid > 0 ? { container, pid: mainPid } : undefined;
}

/** Whether nothing gets out in that mode but what is allowed. */
export function closes(mode: EgressMode): boolean {
  return mode === 'ask' || mode === 'enforce';
}

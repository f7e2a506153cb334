import { oneLine } from '../format/plain-text.ts';
import type { ViewState } from '../state/view-state.ts';

/** What a person calls the container; one that is gone keeps the last part of its workload's key. */
export function containerName(
  workloads: ViewState['workloads'],
  { container, workload }: { readonly container: string; readonly workload: string },
): string {
  const known = workloads.get(container)?.workload.name;
  return oneLine(known ?? workload.split(/[/#]/).at(-1) ?? container.slice(0, 12), 80);
}

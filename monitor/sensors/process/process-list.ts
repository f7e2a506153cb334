import type { EngineError, EngineReader } from '../../engine/port.ts';
import type { ProcessObservation } from '../../model/observation.ts';
import type { Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ok, type Result } from '../../runtime/result.ts';
import { processEntries } from './process-table.ts';

/**
 * Asks the engine for the container's processes, once. Dear, since the engine runs `ps` on its host:
 * for when something is wrong or a person asks. Fails when the container does not run.
 */
export async function listProcesses(
  reader: Pick<EngineReader, 'top'>,
  workload: Workload,
  clock: Clock,
): Promise<Result<ProcessObservation, EngineError>> {
  const table = await reader.top(workload.container);
  if (!table.ok) return table;
  return ok({
    kind: 'process',
    at: clock.now(),
    workload: workload.key,
    container: workload.container,
    ...processEntries(table.value),
  });
}

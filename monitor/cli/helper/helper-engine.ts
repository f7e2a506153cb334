import type { Engine } from '../../engine/port.ts';
import type { HelperParts } from '../../helper/helper-container.ts';
import { findEngine } from '../../pipeline/find-engine.ts';
import { helperParts } from '../../pipeline/helper-joint.ts';
import { controlFolder } from '../../rpc/socket/state-folder.ts';
import type { Disposer } from '../../runtime/disposer.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Context } from '../context.ts';

/** An engine, and what its helper is handled with. */
export interface HelperEngine {
  readonly engine: Engine;
  readonly parts: HelperParts;
}

/**
 * Connects to the engine that is meant; closed with `disposer`. The error says why that is not possible,
 * and what to do.
 */
export async function findHelperEngine(
  endpoint: string | undefined,
  { surroundings }: Context,
  disposer: Disposer,
): Promise<Result<HelperEngine, { readonly message: string; readonly advice: string }>> {
  const found = await findEngine(
    { engine: endpoint, simulate: false, learnMs: undefined },
    silentLogger,
    disposer,
  );
  if (!found.ok) {
    const { error } = found;
    return failed(
      error.kind === 'already-running' ? { message: 'A monitor runs.', advice: '' } : error,
    );
  }
  const { engine } = found.value;
  if (engine.about.simulated) {
    return failed({ message: 'A simulated engine has no helper.', advice: '' });
  }
  return ok({ engine, parts: helperParts(engine, controlFolder(surroundings)) });
}

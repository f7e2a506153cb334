import { nameOfAddress } from '../engine/address.ts';
import { findEndpoints } from '../engine/endpoints.ts';
import { systemEnvironment } from '../engine/environment.ts';
import type { Surroundings } from '../rpc/socket/state-folder.ts';

/**
 * The address of the engine that was named as for `watch`: by its address, by a path, or by the name
 * of a context. Undefined where it is nothing of these, as an engine's id.
 */
export async function engineAddress(
  named: string,
  { environment, home, platform }: Surroundings,
): Promise<string | undefined> {
  const here = { ...systemEnvironment(), variables: environment, home, platform };
  const found = await findEndpoints(here, named);
  if (!found.ok || found.value.kind === 'usual') return undefined;
  return nameOfAddress(found.value.endpoint.address);
}

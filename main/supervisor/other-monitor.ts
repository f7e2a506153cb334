import type { MonitorClient } from '../../monitor/rpc/client.ts';
import { connectMonitor, readAddresses } from '../../monitor/rpc/socket/address.ts';
import { controlFolder } from '../../monitor/rpc/socket/state-folder.ts';
import type { Surroundings } from '../../monitor/rpc/socket/state-folder.ts';
import { failed, ok } from '../../monitor/runtime/result.ts';
import type { Result } from '../../monitor/runtime/result.ts';

/** A monitor of this person that the shell did not start, and how it is talked to. */
export interface OtherMonitor {
  readonly client: MonitorClient;
  readonly pid: number;
}

/**
 * Connects to the monitor of this person that watches the engine with this id, by its control socket,
 * as the command line does. The error is a sentence; it may be starting or ending just now.
 */
export async function findOtherMonitor(
  engineId: string,
  surroundings: Surroundings,
  program: string,
): Promise<Result<OtherMonitor, string>> {
  const uid = process.getuid?.();
  const addresses = readAddresses(controlFolder(surroundings), uid);
  if (!addresses.ok) return addresses;
  const address = addresses.value.find((each) => each.engineId === engineId);
  if (address === undefined) return failed('It does not say where it can be reached.');
  const connected = await connectMonitor(address, uid, program);
  return connected.ok
    ? ok({ client: connected.value, pid: address.pid })
    : failed(`It cannot be talked to. ${connected.error.message}`);
}

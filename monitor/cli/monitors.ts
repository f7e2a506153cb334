import { connectMonitor, readAddresses } from '../rpc/socket/address.ts';
import type { Address } from '../rpc/socket/address.ts';
import type { MonitorClient } from '../rpc/client.ts';
import { controlFolder } from '../rpc/socket/state-folder.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { exitCodes } from './command.ts';
import type { ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { oneLine } from './terminal/width.ts';
import { version } from './version.ts';

/** Why there is no monitor to talk to: what happened, what to do, how the process ends. */
export interface NoMonitor {
  readonly message: string;
  readonly advice: string;
  readonly exitCode: ExitCode;
}

/** A monitor that runs. */
export interface FoundMonitor {
  readonly client: MonitorClient;
  readonly address: Address;
}

/**
 * Connects to the one monitor that runs, or to the one that watches `engine` (address or id). The error
 * says that none or several do, with the exit code that it comes to.
 */
export async function findMonitor(
  context: Context,
  engine: string | undefined,
): Promise<Result<FoundMonitor, NoMonitor>> {
  const addresses = readAddresses(controlFolder(context.surroundings), context.uid);
  if (!addresses.ok) {
    return failed({
      message: addresses.error,
      advice: 'Until then no monitor there is trusted.',
      exitCode: exitCodes.failed,
    });
  }
  const wanted = addresses.value.filter(
    ({ endpoint, engineId }) => engine === undefined || endpoint === engine || engineId === engine,
  );
  const attempts = await Promise.all(
    wanted.map(async (address) => ({
      address,
      client: await connectMonitor(address, context.uid, version),
    })),
  );
  const found = attempts.flatMap(({ address, client }) =>
    client.ok ? [{ address, client: client.value }] : [],
  );
  const [first, second] = found;
  if (first !== undefined && second === undefined) return ok(first);
  if (first !== undefined) {
    for (const { client } of found) client.close();
    const engines = found.map(({ address }) => oneLine(address.endpoint)).join(', ');
    return failed({
      message: `${found.length} monitors run, for ${engines}.`,
      advice: 'Say which you mean with --engine.',
      exitCode: exitCodes.usage,
    });
  }
  return failed(nobody(attempts, engine));
}

function nobody(
  attempts: readonly { readonly client: Awaited<ReturnType<typeof connectMonitor>> }[],
  engine: string | undefined,
): NoMonitor {
  for (const { client } of attempts) {
    if (client.ok || client.error.kind === 'nobody') continue;
    return {
      message: `A monitor runs but cannot be talked to. ${oneLine(client.error.message, 400)}`,
      advice: 'If it is of another version, stop it and start it again.',
      exitCode: exitCodes.failed,
    };
  }
  const where = engine === undefined ? '' : ` ${oneLine(engine)}`;
  return {
    message: `Nothing watches${where}: no monitor of yours runs.`,
    advice: `Start one with: sentra watch${engine === undefined ? '' : ` --engine ${oneLine(engine)}`}`,
    exitCode: exitCodes.nobodyWatches,
  };
}

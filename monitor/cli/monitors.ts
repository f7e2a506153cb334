import { connectMonitor, readAddresses } from '../rpc/socket/address.ts';
import type { Address, ConnectFailure } from '../rpc/socket/address.ts';
import type { MonitorClient } from '../rpc/client.ts';
import { lockFile } from '../rpc/socket/control-folder.ts';
import { controlFolder } from '../rpc/socket/state-folder.ts';
import { isLocked } from '../runtime/lock.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { exitCodes } from './command.ts';
import type { ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { engineAddress } from './engine-address.ts';
import { oneLine } from './terminal/width.ts';
import { version } from './version.ts';

/** Why there is no monitor to talk to: what happened, what to do, how the process ends. */
export interface NoMonitor {
  readonly message: string;
  readonly advice: string;
  readonly exitCode: ExitCode;
  /** Whether one may be just starting, so that it is worth asking again. */
  readonly mayCome: boolean;
}

/** A monitor that runs. */
export interface FoundMonitor {
  readonly client: MonitorClient;
  readonly address: Address;
}

/**
 * Connects to the one monitor that runs, or to the one that watches `engine` (address or id). The error
 * says that none or several do, or that it cannot be talked to, with the exit code that it comes to.
 */
export async function findMonitor(
  context: Context,
  engine: string | undefined,
): Promise<Result<FoundMonitor, NoMonitor>> {
  const control = controlFolder(context.surroundings);
  const addresses = readAddresses(control, context.uid);
  if (!addresses.ok) {
    return failed({
      message: addresses.error,
      advice: 'Until then no monitor there is trusted.',
      exitCode: exitCodes.failed,
      mayCome: false,
    });
  }
  const address =
    engine === undefined ? undefined : await engineAddress(engine, context.surroundings);
  const wanted = addresses.value.filter(
    ({ endpoint, engineId }) =>
      engine === undefined || endpoint === engine || endpoint === address || engineId === engine,
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
  // One that runs and cannot be talked to may be the one that is meant.
  const mute = attempts.flatMap(({ address, client }) =>
    !client.ok && isRunning(address, client.error, control)
      ? [{ address, failure: client.error }]
      : [],
  );
  const [first] = found;
  const running = [...found, ...mute];
  if (first !== undefined && running.length === 1) return ok(first);
  if (first !== undefined) {
    for (const { client } of found) client.close();
    const engines = running.map(({ address }) => oneLine(address.endpoint)).join(', ');
    return failed({
      message: `${running.length} monitors run, for ${engines}.`,
      advice: 'Say which you mean with --engine.',
      exitCode: exitCodes.usage,
      mayCome: false,
    });
  }
  return failed(nobody(mute, engine));
}

/**
 * Whether the monitor that wrote the note is there. Its lock ends with it; socket and folder outlive
 * one that was killed, or go before it, as the runtime folder does at the last log-out.
 */
function isRunning({ engineId }: Address, failure: ConnectFailure, control: string): boolean {
  return isLocked(lockFile(control, engineId)) ?? failure.kind === 'refused';
}

function nobody(
  mute: readonly { readonly failure: ConnectFailure }[],
  engine: string | undefined,
): NoMonitor {
  const [first] = mute;
  if (first !== undefined) {
    const { kind, message } = first.failure;
    return {
      message: `A monitor runs but cannot be talked to. ${oneLine(message, 400)}`,
      advice:
        kind === 'nobody'
          ? 'If it has just started, try again; if not, stop it and start it again.'
          : 'If it is of another version, stop it and start it again.',
      exitCode: exitCodes.failed,
      mayCome: kind === 'nobody',
    };
  }
  const where = engine === undefined ? '' : ` ${oneLine(engine)}`;
  const which = engine === undefined ? 'runs' : 'has that engine';
  return {
    message: `Nothing watches${where}: no monitor of yours ${which}.`,
    advice: `Start one with: sentra watch${engine === undefined ? '' : ` --engine ${oneLine(engine)}`}`,
    exitCode: exitCodes.nobodyWatches,
    mayCome: true,
  };
}

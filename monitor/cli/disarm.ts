import { setTimeout as delay } from 'node:timers/promises';
import { disarmByHelper } from '../egress/disarm/disarm-by-helper.ts';
import { disarmAll, openGates, type Disarmed } from '../egress/disarm/disarm.ts';
import { createWallReader } from '../egress/wall/wall-reader.ts';
import { keepHelper, removeHelper } from '../helper/helper-container.ts';
import { startInHelper } from '../helper/helper-process.ts';
import { createDisposer } from '../runtime/disposer.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { exitCodes } from './command.ts';
import type { DisarmCommand, ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { findHelperEngine, type HelperEngine } from './helper/helper-engine.ts';
import { findMonitor } from './monitors.ts';
import { complain, createOutput } from './terminal/output.ts';
import { oneLine } from './terminal/width.ts';

/**
 * Takes away every wall and resolver that Sentra put up, and the helper. A monitor that runs would put
 * walls up again, so that with one the person is asked to stop it first.
 */
export async function runDisarm(command: DisarmCommand, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const running = await findMonitor(context, undefined);
  const runs = running.ok || running.error.exitCode !== exitCodes.nobodyWatches;
  if (running.ok) running.value.client.close();
  if (runs) {
    complain(
      terminal,
      'A monitor runs, and would put the walls up again.',
      'Stop it first, or switch a container off: sentra egress mode CONTAINER off',
    );
    return exitCodes.failed;
  }
  const disposer = createDisposer();
  try {
    const found = await findHelperEngine(command.engine, context, disposer);
    if (context.uid !== 0) {
      return await disarmAsPerson(command, context, found.ok ? found.value : undefined);
    }
    const helper = found.ok ? await asItsOwner(found.value) : undefined;
    return await disarmAsRoot(command, context, helper);
  } finally {
    await disposer.dispose();
  }
}

/** Root goes through the helper by port whoever installed it, as that person would. */
async function asItsOwner({ engine, parts }: HelperEngine): Promise<HelperEngine> {
  const found = await parts.calls.inspect();
  const way = found.ok ? found.value?.way : undefined;
  if (way?.kind !== 'port') return { engine, parts };
  return { engine, parts: { ...parts, ways: { ...parts.ways, owner: way.owner } } };
}

/** Whether walls may stand where root here reaches them through the helper alone. */
async function isElsewhere({ parts }: HelperEngine): Promise<boolean> {
  if (parts.ways.folder === undefined) return true;
  const found = await parts.calls.inspect();
  return found.ok && found.value?.way?.kind === 'port';
}

/** Of this machine in any case: an engine whose socket is here may be elsewhere all the same. */
async function disarmAsRoot(
  command: DisarmCommand,
  context: Context,
  helper: HelperEngine | undefined,
): Promise<ExitCode> {
  const here = await disarmAll();
  const gates = await openGates();
  for (const failure of gates) complain(context.terminal, failure, 'A gate is left: run it again.');
  const isThere = helper !== undefined && (await isElsewhere(helper));
  const there = isThere ? await disarmThrough(helper) : ok([]);
  if (!there.ok) {
    complain(
      context.terminal,
      there.error,
      'On the engine’s own machine it goes without a helper.',
    );
  }
  const isTold = tell(command, context, [...here, ...(there.ok ? there.value : [])]);
  const isDone = isTold && gates.length === 0 && there.ok;
  // It stays where it is still needed to take away what is left.
  const isGone = (isThere && !isDone) || (await endHelper(command, context, helper));
  return isDone && isGone ? exitCodes.done : exitCodes.failed;
}

async function disarmAsPerson(
  command: DisarmCommand,
  context: Context,
  helper: HelperEngine | undefined,
): Promise<ExitCode> {
  const disarmed = helper === undefined ? noHelper : await disarmThrough(helper);
  if (!disarmed.ok) {
    complain(
      context.terminal,
      disarmed.error,
      'As root it goes without a helper: run it with sudo.',
    );
    return exitCodes.failed;
  }
  const isDone = tell(command, context, disarmed.value);
  // It stays where it is still needed to take away what is left.
  const isGone = isDone && (await endHelper(command, context, helper));
  return isGone ? exitCodes.done : exitCodes.failed;
}

const noHelper = failed('Walls are taken away by the helper, and there is none that answers.');

async function disarmThrough({
  engine,
  parts,
}: HelperEngine): Promise<Result<readonly Disarmed[], string>> {
  const found = await parts.calls.inspect();
  if (!found.ok || found.value === undefined) return noHelper;
  const kept = await keepHelper(parts, (ms) => delay(ms));
  if (kept.name === 'failed') return failed(kept.reason);
  const listed = await engine.list();
  if (!listed.ok) return failed(listed.error.message);
  const { client } = parts;
  const reader = createWallReader(() =>
    ok(startInHelper({ client, whyNot: () => undefined }, 'walls')),
  );
  const containers = new Set(listed.value.map(({ container }) => container));
  const disarmed = await disarmByHelper(client, reader, containers);
  await reader.close();
  return disarmed;
}

/** Says what became of each; whether nothing is left. */
function tell(
  { isJson }: DisarmCommand,
  { terminal }: Context,
  disarmed: readonly Disarmed[],
): boolean {
  const output = createOutput(terminal, () => false);
  for (const { container, failure } of disarmed) {
    if (isJson) output.json('disarmed', { container, failure });
    else {
      const said = failure === undefined ? 'nothing of Sentra’s is left' : oneLine(failure, 400);
      output.line(`${container.slice(0, 12)}: ${said}`);
    }
  }
  if (disarmed.length === 0 && !isJson) output.line('There is no wall.');
  return disarmed.every(({ failure }) => failure === undefined);
}

/** Ends and removes the helper where there is one; whether there is none any more. */
async function endHelper(
  { isJson }: DisarmCommand,
  { terminal, uid }: Context,
  helper: HelperEngine | undefined,
): Promise<boolean> {
  if (helper === undefined) return true;
  const { calls, image, ways } = helper.parts;
  // Root takes away everybody's.
  const removed = await removeHelper({ calls, image, ways: uid === 0 ? undefined : ways });
  const output = createOutput(terminal, () => false);
  if (!removed.ok) complain(terminal, removed.error, '');
  else if (removed.value === 'removed') {
    if (isJson) output.json('helper', { state: 'absent' });
    else output.line('The helper is removed.');
  }
  return removed.ok;
}

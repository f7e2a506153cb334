import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HelperWay } from '../../engine/helper-shape.ts';
import { consentText } from '../../helper/consent.ts';
import {
  greet,
  installHelper,
  removeHelper,
  whyNotOurs,
  type HelperParts,
} from '../../helper/helper-container.ts';
import { makePrivateFolder } from '../../rpc/socket/control-folder.ts';
import { controlFolder } from '../../rpc/socket/state-folder.ts';
import { createDisposer } from '../../runtime/disposer.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { exitCodes } from '../command.ts';
import type { ExitCode, HelperCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { findHelperEngine } from './helper-engine.ts';
import { complain, createOutput, type Output } from '../terminal/output.ts';
import { oneLine } from '../terminal/width.ts';

/** Installs, shows or removes the helper's container on the engine that is meant. */
export async function runHelper(command: HelperCommand, context: Context): Promise<ExitCode> {
  const disposer = createDisposer();
  try {
    const found = await findHelperEngine(command.engine, context, disposer);
    if (!found.ok) {
      complain(context.terminal, found.error.message, found.error.advice);
      return exitCodes.failed;
    }
    return await carryOut(command, found.value.parts, context);
  } finally {
    await disposer.dispose();
  }
}

async function carryOut(
  command: HelperCommand,
  parts: HelperParts,
  context: Context,
): Promise<ExitCode> {
  const output = createOutput(context.terminal, () => false);
  switch (command.verb) {
    case 'status':
      return showStatus(command, parts, output);
    case 'install':
      return install(command, parts, output, context);
    case 'remove': {
      const removed = await removeHelper(parts);
      if (!removed.ok) return fail(context, removed.error);
      const isGone = removed.value === 'removed';
      if (command.isJson) output.json('helper', { state: 'absent' });
      else output.line(isGone ? 'The helper is removed. Walls stay.' : 'There is no helper.');
      return exitCodes.done;
    }
  }
}

function fail({ terminal }: Context, message: string): ExitCode {
  complain(terminal, message, '');
  return exitCodes.failed;
}

async function install(
  { yes, byPort, isJson }: HelperCommand,
  parts: HelperParts,
  output: Output,
  context: Context,
): Promise<ExitCode> {
  const { folder, owner } = parts.ways;
  const way: HelperWay =
    byPort || folder === undefined ? { kind: 'port', owner } : { kind: 'socket', folder };
  if (!yes) {
    context.terminal.write(`${consentText(way.kind)}\n`);
    const said = await context.terminal.ask('Install it? Type yes: ');
    if (said?.trim() !== 'yes') {
      complain(context.terminal, 'Nothing was installed.', said === undefined ? 'Add --yes.' : '');
      return exitCodes.failed;
    }
  }
  const made = way.kind === 'socket' ? makeFolder(way.folder, context) : ok(undefined);
  if (!made.ok) return fail(context, made.error);
  // Holds the process, which the clock of a monitor does not: there is nothing else to wait for.
  const installed = await installHelper(parts, way, (ms) => delay(ms));
  if (!installed.ok) return fail(context, installed.error);
  if (isJson) output.json('helper', { state: 'running', ...installed.value });
  else output.line('The helper runs. A monitor that runs uses it within seconds.');
  return exitCodes.done;
}

/** The folder and the one above it, this person's alone. */
function makeFolder(folder: string, { uid, surroundings }: Context): Result<void, string> {
  const control = controlFolder(surroundings);
  for (const each of [control, dirname(folder), folder]) {
    const made = makePrivateFolder(each, uid);
    if (!made.ok) return made;
  }
  return ok(undefined);
}

interface Standing {
  readonly state: 'running' | 'absent';
  /** The port that it listens on, where it does. */
  readonly port?: number;
}

/** What stands with the helper; the failure is a sentence. */
async function stateOf(parts: HelperParts): Promise<Result<Standing, string>> {
  const found = await parts.calls.inspect();
  if (!found.ok) return failed(`${found.error.message} ${found.error.advice}`);
  if (found.value === undefined) return ok({ state: 'absent' });
  const { way, port } = found.value;
  const foreign = whyNotOurs(found.value, parts.ways);
  if (foreign !== undefined) return failed(foreign);
  if (!found.value.isRunning) {
    return failed(`The helper ended with code ${found.value.exitCode}. ${found.value.problem}`);
  }
  // Only whoever started it has its key: asking it would take the key from a monitor that runs.
  if (way?.kind === 'port') {
    return port === undefined ? failed(noPort) : ok({ state: 'running', port });
  }
  const said = await greet(parts.client);
  return said.ok ? ok({ state: 'running' }) : said;
}

const noPort = 'The helper runs, and the engine leads no port of the loopback to it.';

async function showStatus(
  { isJson }: HelperCommand,
  parts: HelperParts,
  output: Output,
): Promise<ExitCode> {
  const standing = await stateOf(parts);
  if (isJson) {
    output.json('helper', standing.ok ? standing.value : { state: 'failed', ...standing });
  } else {
    output.line(standing.ok ? wordsFor(standing.value) : oneLine(standing.error, 400));
  }
  return standing.ok ? exitCodes.done : exitCodes.failed;
}

function wordsFor({ state, port }: Standing): string {
  if (state === 'absent') {
    return 'There is no helper. Where Sentra is not root, install one: sentra helper install';
  }
  if (port === undefined) return 'The helper runs.';
  return (
    `The helper runs, on port ${port} of the loopback. It answers the monitor that started it and ` +
    'nobody else; whether it does, says the coverage of each container: sentra status'
  );
}

import { existsSync } from 'node:fs';
import type { EngineRuntime } from '../../engine/port.ts';
import { findEngine } from '../../pipeline/find-engine.ts';
import { createDisposer } from '../../runtime/disposer.ts';
import { messageOf, silentLogger } from '../../runtime/logger.ts';
import { plainText } from '../../runtime/plain-text.ts';
import { removeTraceFile, traceFile, writeTraceFile } from '../../sensors/gvisor/trace-file.ts';
import { exitCodes } from '../command.ts';
import type { ExitCode, GvisorCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { gvisorLines, gvisorRuntimes } from './gvisor-words.ts';
import { complain, createOutput } from '../terminal/output.ts';

/**
 * Says from when on containers under gVisor are seen and what to add to the engine's configuration,
 * which is never touched; writes the file that belongs to it, or removes it.
 */
export async function runGvisor(command: GvisorCommand, context: Context): Promise<ExitCode> {
  const disposer = createDisposer();
  const options = { engine: command.engine, simulate: false, learnMs: undefined };
  try {
    const found = await findEngine(options, silentLogger, disposer);
    if (!found.ok) {
      const { error } = found;
      if (error.kind === 'already-running') complain(context.terminal, 'A monitor runs.', '');
      else complain(context.terminal, error.message, error.advice);
      return exitCodes.failed;
    }
    const { runtimes = [] } = found.value.engine.about;
    const problem = carryOut(command, runtimes, context);
    if (problem !== undefined) {
      complain(context.terminal, problem, '');
      return exitCodes.failed;
    }
    show(command, runtimes, context);
    return exitCodes.done;
  } finally {
    await disposer.dispose();
  }
}

/** Gives why it was not done, in words. */
function carryOut(
  { verb }: GvisorCommand,
  runtimes: readonly EngineRuntime[],
  { uid }: Context,
): string | undefined {
  if (verb === 'status') return undefined;
  if (uid !== 0) return `That takes root: sudo sentra gvisor ${verb}`;
  const inUse = gvisorRuntimes(runtimes, traceFile).filter(
    ({ tracing }) => tracing === 'from-start',
  );
  if (verb === 'remove' && inUse.length > 0) {
    return (
      `The engine's configuration still names ${traceFile}: without it no container of ` +
      `${inUse.map(({ name }) => plainText(name, 80)).join(', ')} would start. Take it out there and reload the engine first.`
    );
  }
  try {
    if (verb === 'install') writeTraceFile();
    else removeTraceFile();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function show(
  { verb, isJson }: GvisorCommand,
  runtimes: readonly EngineRuntime[],
  { terminal }: Context,
): void {
  const output = createOutput(terminal, () => false);
  const hasFile = existsSync(traceFile);
  if (isJson) {
    const found = gvisorRuntimes(runtimes, traceFile);
    output.json('gvisor', { file: traceFile, hasFile, runtimes: found });
    return;
  }
  if (verb === 'remove') {
    output.line(`${traceFile} is removed.`);
    return;
  }
  if (verb === 'install')
    output.line(`${traceFile} is written. A monitor heeds it once it is started.`);
  for (const line of gvisorLines(runtimes, traceFile, hasFile)) output.line(line);
}

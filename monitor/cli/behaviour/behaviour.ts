import type { MonitorClient } from '../../rpc/client.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import type { CallsView, StartsView } from '../../rpc/service/service-behaviour.ts';
import type { CallError } from '../../rpc/client.ts';
import type { Result } from '../../runtime/result.ts';
import { callsLines } from './calls-lines.ts';
import { exitCodes } from '../command.ts';
import type { BehaviourCommand, ExitCode } from '../command.ts';
import type { Context } from '../context.ts';
import { complain, createOutput, type Output } from '../terminal/output.ts';
import { openScreen, type Screen } from '../terminal/screen.ts';
import { startsLines } from './starts-lines.ts';
import { oneLine } from '../terminal/width.ts';

/** Columns where no terminal shows it. */
const pipedColumns = 160;

/** From look to look, milliseconds. */
const beatMs = 1000;

type Answer = Result<CallsView | StartsView, ActRefusal | CallError>;

/**
 * Shows the system calls or the process starts of one container: live on a terminal until it is
 * stopped, else once; with a time for so long, once a second.
 */
export async function runBehaviour(
  command: BehaviourCommand,
  client: MonitorClient,
  context: Context,
): Promise<ExitCode> {
  const { terminal, stopped } = context;
  const snapshot = await client.snapshot();
  const output = createOutput(terminal, () => snapshot.ok && snapshot.value.simulated);
  const isLive = terminal.isLive && !command.isJson;
  const isOnce = !isLive && command.forMs === undefined;
  const isStopped = (): boolean => stopped.aborted;
  const until = performance.now() + (command.forMs ?? Number.POSITIVE_INFINITY);
  let screen: Screen | undefined;
  try {
    for (;;) {
      const answer = await ask(command, client);
      if (!answer.ok) {
        screen?.close();
        return refuse(answer.error, context);
      }
      if (isLive) screen ??= openScreen(terminal);
      show(command, answer.value, screen, output, context);
      if (isOnce || isStopped() || performance.now() + beatMs > until) return exitCodes.done;
      await pause(beatMs, stopped);
      if (isStopped()) return exitCodes.done;
    }
  } finally {
    screen?.close();
  }
}

function ask({ name, target }: BehaviourCommand, client: MonitorClient): Promise<Answer> {
  return name === 'syscalls' ? client.calls({ target }) : client.starts({ target });
}

function show(
  command: BehaviourCommand,
  view: CallsView | StartsView,
  screen: Screen | undefined,
  output: Output,
  { terminal }: Context,
): void {
  if (command.isJson) {
    output.json(command.name, view);
    return;
  }
  const piped = { columns: pipedColumns, rows: Number.POSITIVE_INFINITY };
  const { columns, rows } = screen === undefined ? piped : terminal.size();
  const lines =
    'calls' in view ? callsLines(view, columns, rows) : startsLines(view, columns, rows);
  if (screen !== undefined) screen.draw(lines.slice(0, rows));
  else for (const line of lines) output.line(line.trimEnd());
}

function refuse(error: ActRefusal | CallError, { terminal }: Context): ExitCode {
  const isRefusal = 'candidates' in error;
  complain(terminal, error.message, isRefusal ? error.advice : 'Try again.');
  if (!isRefusal) return exitCodes.failed;
  for (const { container, name } of error.candidates) {
    terminal.complain(`  ${container.slice(0, 12)}  ${oneLine(name)}`);
  }
  return exitCodes.failed;
}

function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, milliseconds);
    function finish(): void {
      clearTimeout(timer);
      stopped.removeEventListener('abort', finish);
      resolve();
    }
    stopped.addEventListener('abort', finish);
    if (stopped.aborted) finish();
  });
}

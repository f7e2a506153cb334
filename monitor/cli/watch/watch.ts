import { resolve } from 'node:path';
import { makePrivateFolder } from '../../rpc/socket/control-folder.ts';
import { openControlSocket } from '../../rpc/socket/control-socket.ts';
import type { ControlSocket } from '../../rpc/socket/control-socket.ts';
import type { MonitorOptions, RunningMonitor, StartFailure } from '../../rpc/service/service.ts';
import { controlFolder, runtimeFolder, stateFolder } from '../../rpc/socket/state-folder.ts';
import { createLogger } from '../../runtime/logger.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Result } from '../../runtime/result.ts';
import { exitCodes } from '../command.ts';
import type { ExitCode, WatchCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { createLocalClient } from '../local-client.ts';
import { findMonitor, type FoundMonitor } from '../monitors.ts';
import { complain } from '../terminal/output.ts';
import { showMonitor } from './show.ts';
import { version } from '../version.ts';

/**
 * How long to look for a monitor that holds the lock but may not listen yet, in milliseconds; or to wait
 * for a command that holds it for a moment (`status`, `disarm`).
 */
const attachMs = 5000;
const attachStepMs = 250;

/** From the end of disarming to that of the monitor, milliseconds. */
const answeredMs = 1000;
const disarmedWords = 'Sentra’s hands were taken off everything, as you asked for in its window.';

/** Lines of the log that are kept while the live table has the screen. */
const keptLogLines = 100;

/** Starts a monitor and shows it; or shows the one that watches the engine already. */
export async function runWatch(command: WatchCommand, context: Context): Promise<ExitCode> {
  const { terminal, surroundings } = context;
  const control = controlFolder(surroundings);
  const made = makePrivateFolder(control, context.uid);
  if (!made.ok) {
    complain(terminal, made.error, 'Sentra keeps its lock there and does not start without it.');
    return exitCodes.failed;
  }
  const log = createLog(context, command);
  const options: MonitorOptions = {
    engine: command.engine,
    policyFile:
      command.policyFile === undefined
        ? undefined
        : resolve(context.workingFolder, command.policyFile),
    learnMs: command.learnMs,
    intervalMs: command.intervalMs,
    stateFolder:
      command.stateFolder === undefined
        ? stateFolder(surroundings)
        : resolve(context.workingFolder, command.stateFolder),
    controlFolder: control,
    simulate: command.simulate,
    byApi: command.byApi,
    recordFile:
      command.recordFile === undefined
        ? undefined
        : resolve(context.workingFolder, command.recordFile),
  };
  try {
    const deadline = performance.now() + attachMs;
    for (;;) {
      const started = await startOrSimulate(options, context, log.logger);
      if (started.ok) return await watchOwn(started.value, command, context, control, log.logger);
      if (started.error.kind !== 'already-running') {
        complain(terminal, started.error.message, started.error.advice);
        return exitCodes.failed;
      }
      const found = await findMonitor(context, started.error.engineId);
      if (found.ok) return await watchOther(found.value, command, context);
      if (!found.error.mayCome || performance.now() > deadline || context.stopped.aborted) {
        complain(
          terminal,
          `Another monitor of yours, or \`sentra disarm\`, holds the lock of this engine. ${found.error.message}`,
          'If it is just stopping, try again.',
        );
        return exitCodes.failed;
      }
      await new Promise((resume) => setTimeout(resume, attachStepMs));
    }
  } finally {
    log.flush();
  }
}

/** Where nobody named an engine and none answers, the simulator is shown in its place, and said so. */
async function startOrSimulate(
  options: MonitorOptions,
  { start, terminal }: Context,
  logger: Logger,
): Promise<Result<RunningMonitor, StartFailure>> {
  const started = await start(options, { logger });
  if (started.ok || started.error.kind !== 'no-engine' || options.engine !== undefined) {
    return started;
  }
  complain(terminal, `No engine answers. ${started.error.message}`, started.error.advice);
  terminal.complain(
    'SIMULATED: what follows is the embedded simulator. Nothing in it is real, and nothing is watched: start Sentra again when the engine runs.',
  );
  return start({ ...options, simulate: true }, { logger });
}

async function watchOwn(
  monitor: RunningMonitor,
  command: WatchCommand,
  context: Context,
  control: string,
  logger: Logger,
): Promise<ExitCode> {
  const client = createLocalClient(monitor.service);
  let socket: ControlSocket | undefined;
  try {
    const opened = await openControlSocket(monitor.service, {
      places: {
        runtimeFolder: runtimeFolder(context.surroundings),
        controlFolder: control,
        temporaryFolder: context.temporaryFolder,
      },
      uid: context.uid,
      program: version,
      engineId: client.engineId,
      endpoint: monitor.service.snapshot().engine?.endpoint ?? 'no engine',
      logger,
    });
    if (opened.ok) socket = opened.value;
    // Watching goes on: not to be reachable by other commands is the smaller evil.
    else complain(context.terminal, opened.error, 'Other commands cannot reach this monitor.');
    const over = new AbortController();
    // Whoever asked for it has the answer by then.
    void monitor.disarmed.then(() => setTimeout(() => over.abort(), answeredMs).unref());
    const stopped = AbortSignal.any([context.stopped, over.signal]);
    const shown = await showMonitor(client, command, context.terminal, stopped);
    if (over.signal.aborted) complain(context.terminal, disarmedWords, 'Nothing watches now.');
    if (shown.ok) return exitCodes.done;
    complain(context.terminal, shown.error, '');
    return exitCodes.failed;
  } finally {
    client.close();
    await socket?.close();
    await monitor.stop();
  }
}

async function watchOther(
  { client, address }: FoundMonitor,
  command: WatchCommand,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const idle = [
    ...(command.policyFile === undefined ? [] : ['--policy']),
    ...(command.learnMs === undefined ? [] : ['--learn']),
    ...(command.intervalMs === undefined ? [] : ['--interval']),
    ...(command.stateFolder === undefined ? [] : ['--state']),
    ...(command.recordFile === undefined ? [] : ['--record']),
    ...(command.byApi ? ['--by-api'] : []),
  ];
  complain(
    terminal,
    `A monitor of yours (process ${address.pid}) watches this engine already; this shows what it sees.`,
    idle.length === 0 ? '' : `Without effect on it: ${idle.join(', ')}.`,
  );
  try {
    const shown = await showMonitor(client, command, terminal, context.stopped);
    if (!shown.ok) {
      complain(terminal, shown.error, '');
      return exitCodes.failed;
    }
    if (shown.value.kind === 'stopped') return exitCodes.done;
    complain(terminal, `The monitor has gone: ${shown.value.reason}`, 'Nothing watches now.');
    return exitCodes.nobodyWatches;
  } finally {
    client.close();
  }
}

/** Log lines go to standard error, but never into a live table: there they wait for its end. */
function createLog(
  { terminal }: Context,
  command: WatchCommand,
): { readonly logger: Logger; flush(): void } {
  const hasScreen = terminal.isLive && !command.isJson;
  const kept: string[] = [];
  let omitted = 0;
  function write(line: string): void {
    if (!hasScreen) {
      terminal.complain(line.trimEnd());
      return;
    }
    kept.push(line.trimEnd());
    if (kept.length > keptLogLines) {
      kept.shift();
      omitted += 1;
    }
  }
  return {
    logger: createLogger(write, hasScreen ? 'warn' : 'info'),
    flush() {
      if (omitted > 0) terminal.complain(`(${omitted} earlier lines of the log are left out)`);
      for (const line of kept) terminal.complain(line);
    },
  };
}

import { homedir, tmpdir } from 'node:os';
import { version } from './cli/version.ts';
import { startMonitor } from './monitor.ts';
import { makePrivateFolder } from './rpc/socket/control-folder.ts';
import { openControlSocket } from './rpc/socket/control-socket.ts';
import type { ControlSocket } from './rpc/socket/control-socket.ts';
import type { Port } from './rpc/port.ts';
import { toProcessSchema } from './rpc/process-message.ts';
import type { FromProcess, ProcessFailure, ProcessOptions } from './rpc/process-message.ts';
import { createProcessPort } from './rpc/process-port.ts';
import { serveMonitor } from './rpc/server.ts';
import type { RunningMonitor, StartFailure } from './rpc/service/service.ts';
import { controlFolder, runtimeFolder, stateFolder } from './rpc/socket/state-folder.ts';
import { openLogOutput } from './runtime/log-output.ts';
import { createLogger, messageOf } from './runtime/logger.ts';

/**
 * The monitor in a process of its own, driven by messages (rpc/process-message.ts): Electron's
 * utility process, or a child forked by Node. Its log goes to standard error.
 */
interface Channel {
  /** Resolves when the message has left, as far as the channel can tell. */
  send(message: FromProcess): Promise<void>;
  listen(onMessage: (message: unknown) => void, onGone: () => void): void;
}

/** As much of Electron's `process.parentPort` as is used here. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** For what a channel without acknowledgements has taken to reach the far end, milliseconds. */
const leaveMs = 100;
/** From the start of the process to its `start` message, milliseconds. */
const startMs = 30_000;

const logger = createLogger(openLogOutput(process.stderr), 'info');

function findChannel(): Channel | undefined {
  const { parentPort } = process as { readonly parentPort?: ParentPort };
  if (parentPort !== undefined) {
    return {
      async send(message) {
        parentPort.postMessage(message);
        if (message.type === 'rpc') return;
        await new Promise((resolve) => setTimeout(resolve, leaveMs));
      },
      listen: (onMessage) => parentPort.on('message', ({ data }) => onMessage(data)),
    };
  }
  if (process.send === undefined) return undefined;
  const post = process.send.bind(process);
  return {
    // An error means that the far end is gone, which `disconnect` tells.
    send: (message) => new Promise((resolve) => post(message, undefined, {}, () => resolve())),
    listen(onMessage, onGone) {
      process.on('message', onMessage);
      process.once('disconnect', onGone);
    },
  };
}

/** What runs between `ready` and the end. */
interface Running {
  readonly monitor: RunningMonitor;
  readonly socket: ControlSocket | undefined;
}

/** Starts the monitor and serves it on the port and on the control socket. */
async function start(
  options: ProcessOptions,
  channel: Channel,
  port: Port,
): Promise<Running | { readonly failure: ProcessFailure }> {
  const surroundings = { environment: process.env, platform: process.platform, home: homedir() };
  const uid = process.getuid?.();
  const control = controlFolder(surroundings);
  const made = makePrivateFolder(control, uid);
  if (!made.ok) {
    const advice = 'Sentra keeps its lock there and does not start without it.';
    return { failure: { kind: 'failed', message: made.error, advice } };
  }
  const started = await startMonitor(
    {
      engine: options.engine,
      policyFile: options.policyFile,
      learnMs: options.learnMs,
      intervalMs: options.intervalMs,
      stateFolder: options.stateFolder ?? stateFolder(surroundings),
      controlFolder: control,
      simulate: options.simulate ?? false,
      byApi: options.byApi ?? false,
    },
    { logger },
  );
  if (!started.ok) return { failure: failureOf(started.error) };
  const monitor = started.value;
  const { service } = monitor;
  const { engine, simulated } = service.snapshot();
  const server = { program: version, engineId: engine?.id ?? '', logger };
  const socket = await openControlSocket(service, {
    ...server,
    places: {
      runtimeFolder: runtimeFolder(surroundings),
      controlFolder: control,
      temporaryFolder: tmpdir(),
    },
    uid,
    endpoint: engine?.endpoint ?? 'no engine',
  });
  serveMonitor(service, port, server);
  await channel.send({
    type: 'ready',
    engineId: server.engineId,
    simulated,
    ...(socket.ok ? {} : { noControlSocket: socket.error }),
  });
  return { monitor, socket: socket.ok ? socket.value : undefined };
}

function failureOf(failure: StartFailure): ProcessFailure {
  if (failure.kind !== 'already-running') return failure;
  return {
    kind: failure.kind,
    message: 'Another monitor of yours watches this engine already.',
    advice: 'Use that one, or stop it.',
    engineId: failure.engineId,
  };
}

function run(channel: Channel): void {
  let starting: ReturnType<typeof start> | undefined;
  const port = createProcessPort((message) => void channel.send(message));
  let ending: Promise<void> | undefined;

  /** Once; waits for a start that is under way, so that what it opened is closed. */
  function end(reason: string, code: number): Promise<void> {
    ending ??= (async () => {
      clearTimeout(patience);
      const started = await starting?.catch(() => undefined);
      if (started !== undefined && 'monitor' in started) {
        port.end(reason);
        await started.socket?.close();
        await started.monitor.stop();
      }
      await channel.send({ type: 'stopped' });
      process.exit(code);
    })();
    return ending;
  }

  async function begin(options: ProcessOptions): Promise<void> {
    clearTimeout(patience);
    starting = start(options, channel, port.port);
    try {
      const started = await starting;
      if ('monitor' in started) return;
      await channel.send({ type: 'failed', failure: started.failure });
    } catch (error) {
      const message = `The monitor could not start: ${messageOf(error)}`;
      const advice = 'This is a fault in Sentra: please report it.';
      await channel.send({ type: 'failed', failure: { kind: 'failed', message, advice } });
    }
    // Unless it is being stopped: then that ends the process.
    if (ending === undefined) process.exit(1);
  }

  function onMessage(raw: unknown): void {
    const parsed = toProcessSchema.safeParse(raw);
    if (!parsed.success) {
      logger.error('A message came that is none of a driver of the monitor. It was passed over.');
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'start':
        if (starting === undefined && ending === undefined) void begin(message.options);
        return;
      case 'rpc':
        port.deliver(message.message);
        return;
      case 'stop':
        void end('The monitor was stopped.', 0);
        return;
    }
  }

  const patience = setTimeout(() => {
    logger.error('Nobody said how to start; the monitor ends.');
    void end('', 1);
  }, startMs);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void end('The monitor was stopped by a signal.', 0));
  }
  channel.listen(onMessage, () => void end('The driver of the monitor is gone.', 0));
}

const channel = findChannel();
if (channel === undefined) {
  process.stderr.write('This is started by the tray app. In a terminal, run: sentra watch\n');
  process.exitCode = 2;
} else {
  run(channel);
}

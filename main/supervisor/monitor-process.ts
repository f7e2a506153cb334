import type { UtilityProcess } from 'electron';
import { createMonitorClient } from '../../monitor/rpc/client.ts';
import type { MonitorClient } from '../../monitor/rpc/client.ts';
import { fromProcessSchema } from '../../monitor/rpc/process-message.ts';
import type {
  ProcessFailure,
  ProcessOptions,
  ToProcess,
} from '../../monitor/rpc/process-message.ts';
import { createProcessPort } from '../../monitor/rpc/process-port.ts';
import { failed, ok } from '../../monitor/runtime/result.ts';
import type { Result } from '../../monitor/runtime/result.ts';
import type { ElectronApi } from '../electron.ts';

/** How long a monitor may take to be ready, in milliseconds: it opens its record first. */
const readyMs = 30_000;

/** How long a monitor may take to stop, in milliseconds; then it is ended. */
const stopMs = 5000;

/** How the process is made. */
export interface MonitorProcessOptions {
  readonly electron: ElectronApi;
  /** The file that runs in the process, absolute. */
  readonly entry: string;
  /** Node's options, for example for a small young generation. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly program: string;
  readonly monitor: ProcessOptions;
  /** Takes what the process writes for people, line by line or in larger parts. */
  readonly onOutput: (text: string) => void;
}

/** Why there is no monitor: what the process said itself, or that it said nothing and is gone. */
export type StartTrouble =
  ProcessFailure | { readonly kind: 'crashed'; readonly message: string; readonly advice: string };

/** A process with a monitor in it. */
export interface MonitorProcess {
  /** Resolves once: with the client, or why there is none. Then the process has ended or will. */
  readonly ready: Promise<Result<MonitorClient, StartTrouble>>;
  /** Resolves when the process is gone. */
  readonly exited: Promise<unknown>;
  /** Lets the monitor write what is not written, and ends it. Resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts the process and the monitor in it. */
export function startMonitorProcess(options: MonitorProcessOptions): MonitorProcess {
  const { electron, entry, flags, environment, program, monitor, onOutput } = options;
  const child: UtilityProcess = electron.utilityProcess.fork(entry, [], {
    serviceName: 'sentra-monitor',
    stdio: ['ignore', 'pipe', 'pipe'],
    execArgv: [...flags],
    env: definedOnly(environment),
  });
  const exited = Promise.withResolvers<undefined>();
  const ready = Promise.withResolvers<Result<MonitorClient, StartTrouble>>();

  const settle = (result: Result<MonitorClient, StartTrouble>): void => {
    clearTimeout(patience);
    ready.resolve(result);
  };
  const patience = setTimeout(() => {
    settle(failed(crash(`The monitor was not ready within ${readyMs / 1000} seconds.`)));
    child.kill();
  }, readyMs);

  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
  }

  const say = (message: ToProcess): void => child.postMessage(message);
  const port = createProcessPort(say);

  child.on('message', (data: unknown) => {
    const parsed = fromProcessSchema.safeParse(data);
    if (!parsed.success) {
      port.end('What runs in the monitor’s process does not speak its language.');
      child.kill();
      return;
    }
    const word = parsed.data;
    switch (word.type) {
      case 'ready':
        void greet();
        return;
      case 'failed':
        settle(failed(word.failure));
        return;
      case 'rpc':
        port.deliver(word.message);
        return;
      case 'stopped':
        // Its process ends by itself; `exit` says when.
        return;
    }
  });

  async function greet(): Promise<void> {
    const greeted = await createMonitorClient(port.port, { program });
    if (greeted.ok) {
      // Should it have talked nonsense and still run: a monitor nobody can ask is none.
      void greeted.value.closed.then(() => child.kill());
    } else child.kill();
    settle(greeted.ok ? ok(greeted.value) : failed(crash(greeted.error)));
  }

  child.on('exit', () => {
    port.end('The monitor’s process has ended.');
    settle(failed(crash('The monitor’s process ended before it was ready.')));
    exited.resolve(undefined);
  });
  say({ type: 'start', options: monitor });

  return {
    ready: ready.promise,
    exited: exited.promise,
    async stop() {
      say({ type: 'stop' });
      const timer = setTimeout(() => child.kill(), stopMs);
      await exited.promise;
      clearTimeout(timer);
    },
  };
}

function crash(message: string): StartTrouble {
  return { kind: 'crashed', message, advice: 'Start it again; the log says more.' };
}

function definedOnly(environment: MonitorProcessOptions['environment']): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}

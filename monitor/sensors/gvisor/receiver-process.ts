import type { Clock } from '../../runtime/clock.ts';
import { createKeptProcess, type LineSays } from '../../runtime/kept-process.ts';
import type { StartLineProcess } from '../../runtime/line-process.ts';
import type { Logger } from '../../runtime/logger.ts';
import { parseReceiverLine, type ReceiverLine } from './receiver-line.ts';

/** What the receiver as a whole is doing. */
export type ReceiverState =
  | { readonly name: 'starting' }
  | { readonly name: 'running' }
  | { readonly name: 'failed'; readonly reason: string };

/** The one process that takes what gVisor's sandboxes tell, kept running from the first use on. */
export interface ReceiverProcess {
  state(): ReceiverState;
  pid(): number | undefined;
  /** Has it run from now on, and not only once there is a container. */
  start(): void;
  /** Has it listen for the container's sandbox. After a restart this is to be said again. */
  add(container: string, sandboxPid: number): void;
  remove(container: string): void;
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  /** Starts the receiver. */
  readonly start: StartLineProcess;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLine: (line: ReceiverLine) => void;
  /** It came, or went; what went is forgotten, and every container is to be added again. */
  readonly onState: (state: ReceiverState) => void;
}

/** It tells a window a second. One that is silent for longer hangs, and containers could wait for it. */
const silentMs = 3000;

/** Starts no process yet. */
export function createReceiverProcess(options: ReceiverOptions): ReceiverProcess {
  const { clock, logger } = options;
  let state: ReceiverState = { name: 'starting' };

  function setState(next: ReceiverState): void {
    state = next;
    options.onState(next);
  }

  function take(text: string): LineSays {
    const line = parseReceiverLine(text);
    if (!line.ok) {
      logger.warn(`A line of the receiver for gVisor was not understood: ${line.error}`);
      return { kind: 'nothing' };
    }
    if (line.value.kind === 'failed') return { kind: 'failed', reason: line.value.reason };
    if (line.value.kind === 'ready') setState({ name: 'running' });
    options.onLine(line.value);
    return { kind: line.value.kind === 'window' ? 'well' : 'nothing' };
  }

  const receiver = createKeptProcess({
    begin: options.start,
    clock,
    noun: 'receiver',
    silentMs,
    onLine: take,
    onEnded(reason) {
      logger.warn(`gVisor's system calls are not seen: ${reason}`);
      setState({ name: 'failed', reason });
    },
  });

  return {
    state: () => state,
    pid: () => receiver.pid(),
    start: () => receiver.start(),
    add(container, sandboxPid) {
      receiver.start();
      receiver.tell(`add ${container} ${sandboxPid}`);
    },
    remove: (container) => receiver.tell(`remove ${container}`),
    stop: () => receiver.stop(),
  };
}

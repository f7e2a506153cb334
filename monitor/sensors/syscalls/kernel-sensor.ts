import type { Clock } from '../../runtime/clock.ts';
import { createKeptProcess, type LineSays } from '../../runtime/kept-process.ts';
import type { StartLineProcess } from '../../runtime/line-process.ts';
import type { Logger } from '../../runtime/logger.ts';
import { parseKernelLine, type KernelLine } from './kernel-line.ts';

/** What the kernel sensor as a whole is doing. */
export type KernelState =
  | { readonly name: 'starting' }
  | { readonly name: 'running' }
  | { readonly name: 'failed'; readonly reason: string };

/** The one loader process of a monitor, kept running while a cgroup is watched. */
export interface KernelSensor {
  state(): KernelState;
  /** The process id of the loader, while there is one. */
  pid(): number | undefined;
  add(cgroup: string): void;
  remove(cgroup: string): void;
  /** Windows of a quarter of a second for it, or of a second again. */
  pace(cgroup: string, closely: boolean): void;
  stop(): Promise<void>;
}

export interface KernelSensorOptions {
  /** Starts the loader. */
  readonly start: StartLineProcess;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLine: (line: KernelLine) => void;
  /** A loader that lives and says nothing for so long is ended and started again, milliseconds. */
  readonly silentMs?: number;
  /** The loader came, or went; in between, all it had told of has ended. */
  readonly onState: (state: KernelState) => void;
}

/** A window comes every second. By now the badges of all containers have been blind for a while. */
const usualSilentMs = 8_000;

/** A sensor that starts its loader once there is a cgroup to watch. */
export function createKernelSensor(options: KernelSensorOptions): KernelSensor {
  const { clock, logger } = options;
  const cgroups = new Set<string>();
  const closely = new Set<string>();
  let state: KernelState = { name: 'starting' };

  function setState(next: KernelState): void {
    const isNew = state.name !== next.name || next.name === 'failed';
    state = next;
    if (isNew) options.onState(next);
  }

  function take(text: string): LineSays {
    const line = parseKernelLine(text);
    if (!line.ok) {
      logger.warn(`A line of the kernel sensor was not understood: ${line.error}`);
      return { kind: 'nothing' };
    }
    if (line.value.kind === 'failed') return { kind: 'failed', reason: line.value.reason };
    if (line.value.kind === 'ready') setState({ name: 'running' });
    options.onLine(line.value);
    return { kind: line.value.kind === 'window' ? 'well' : 'nothing' };
  }

  // Its input at an end, the loader takes its program out of the kernel and goes.
  const loader = createKeptProcess({
    begin: options.start,
    clock,
    noun: 'loader',
    silentMs: options.silentMs ?? usualSilentMs,
    onLine: take,
    onBegun() {
      for (const cgroup of cgroups) loader.tell(`add ${cgroup}`);
      for (const cgroup of closely) loader.tell(`close ${cgroup}`);
    },
    onEnded(reason) {
      logger.warn(`System calls are not seen: ${reason}`);
      setState({ name: 'failed', reason });
    },
  });

  return {
    state: () => state,
    pid: () => loader.pid(),
    add(cgroup) {
      if (cgroups.has(cgroup)) return;
      cgroups.add(cgroup);
      loader.tell(`add ${cgroup}`);
      loader.start();
    },
    remove(cgroup) {
      closely.delete(cgroup);
      if (cgroups.delete(cgroup)) loader.tell(`remove ${cgroup}`);
    },
    pace(cgroup, isClose) {
      if (!cgroups.has(cgroup) || closely.has(cgroup) === isClose) return;
      if (isClose) closely.add(cgroup);
      else closely.delete(cgroup);
      loader.tell(`${isClose ? 'close' : 'usual'} ${cgroup}`);
    },
    stop: () => loader.stop(),
  };
}

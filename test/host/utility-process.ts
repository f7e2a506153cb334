import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ForkOptions, ProcessMetric } from 'electron';
import type { ElectronApi } from '../../main/electron.ts';
import { strict } from './strict.ts';

const shim = fileURLToPath(new URL('./parent-port.mjs', import.meta.url));

/** The stand-in's `utilityProcess`, with the children that run. */
export interface HostUtilityProcesses {
  readonly utilityProcess: ElectronApi['utilityProcess'];
  /** The pids of the children that run, by the name of their service. */
  pids(serviceName: string): readonly number[];
  /** What `app.getAppMetrics` says of them, without figures. */
  metrics(): readonly ProcessMetric[];
  killAll(): Promise<void>;
}

/**
 * `utilityProcess.fork` by a real child of Node. As in Electron: only once the app is ready, `pid` is
 * undefined until `spawn` and after `exit`, a child that a signal ended gives the code 0, and messages
 * are cloned.
 */
export function createHostUtilityProcesses(isReady: () => boolean): HostUtilityProcesses {
  const running = new Map<ChildProcess, string>();

  class HostUtilityProcess extends EventEmitter {
    pid: number | undefined;
    readonly stdout: NodeJS.ReadableStream | null;
    readonly stderr: NodeJS.ReadableStream | null;
    private readonly child: ChildProcess;

    private constructor(entry: string, words: string[], options: ForkOptions) {
      super();
      this.child = fork(entry, words, {
        execArgv: ['--import', shim, ...(options.execArgv ?? [])],
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        ...(options.env === undefined ? {} : { env: options.env as NodeJS.ProcessEnv }),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
      this.stdout = this.child.stdout;
      this.stderr = this.child.stderr;
      running.set(this.child, options.serviceName ?? 'Node Utility Process');
      this.child.once('spawn', () => {
        this.pid = this.child.pid;
        this.emit('spawn');
      });
      this.child.on('message', (message) => this.emit('message', message));
      // What is sent to a child that is dying goes nowhere.
      this.child.on('error', () => undefined);
      this.child.once('exit', (code) => {
        this.pid = undefined;
        running.delete(this.child);
        this.emit('exit', code ?? 0);
      });
    }

    static fork(entry: string, words: string[] = [], options: ForkOptions = {}): object {
      if (!isReady()) throw new TypeError('utilityProcess cannot be created before app is ready.');
      if (entry === '') throw new TypeError('Missing UtilityProcess entry script.');
      if (Array.isArray(options.stdio) && options.stdio[0] !== 'ignore') {
        throw new TypeError("stand-in: stdin must be 'ignore'");
      }
      const made = new HostUtilityProcess(entry, words, options);
      return strict('UtilityProcess', made);
    }

    postMessage(message: unknown): void {
      let clone: unknown;
      try {
        clone = structuredClone(message);
      } catch {
        throw new Error('An object could not be cloned.');
      }
      if (this.child.connected) this.child.send(clone as never, () => undefined);
    }

    kill(): boolean {
      return this.child.kill();
    }
  }

  return {
    utilityProcess: strict(
      'utilityProcess',
      HostUtilityProcess,
    ) as unknown as ElectronApi['utilityProcess'],
    pids: (serviceName) =>
      [...running].flatMap(([{ pid }, name]) =>
        name === serviceName && pid !== undefined ? [pid] : [],
      ),
    metrics: () =>
      [...running].flatMap(([{ pid }, name]) => {
        if (pid === undefined) return [];
        const metric = { pid, type: 'Utility', serviceName: 'node.mojom.NodeService', name };
        return [strict('ProcessMetric', metric) as unknown as ProcessMetric];
      }),
    async killAll() {
      await Promise.all(
        [...running.keys()].map(
          (child) =>
            new Promise<void>((resolve) => {
              child.once('exit', () => resolve());
              child.kill('SIGKILL');
            }),
        ),
      );
    },
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { connectMonitor, readAddresses } from '../../monitor/rpc/socket/address.ts';
import type { MonitorClient } from '../../monitor/rpc/client.ts';
import { controlFolder } from '../../monitor/rpc/socket/state-folder.ts';
import { eventually } from './watch.ts';

const ENTRY = fileURLToPath(new URL('../../monitor/cli.ts', import.meta.url));

const line = z.looseObject({ type: z.string() });
type Line = z.infer<typeof line>;

/** A monitor in a process of its own, as `sentra watch --json` runs it. */
export interface MonitorProcess {
  readonly pid: number | undefined;
  /** What it printed so far, one object a line. */
  readonly lines: readonly Line[];
  /** What it complained of. */
  readonly complaints: () => string;
  readonly isRunning: () => boolean;
  /** Calls `onLine` for each further line, as soon as it is here. */
  onLine(onLine: (line: Line) => void): void;
  /** Connects to its control socket, as every other command does. */
  connect(): Promise<MonitorClient>;
  /** SIGSTOP, as Ctrl-Z stops it. */
  stop(): void;
  /** SIGCONT. */
  goOn(): void;
  /** SIGKILL; resolves when it is gone. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  end(): Promise<void>;
}

/** Starts one with its state in `folder`. */
export function startMonitorProcess(folder: string, words: readonly string[]): MonitorProcess {
  const environment = { ...process.env, SENTRA_STATE: folder, XDG_RUNTIME_DIR: '' };
  const child = spawn(process.execPath, [ENTRY, 'watch', '--json', ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  let complaints = '';
  const listeners: ((line: Line) => void)[] = [];
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (text) => {
    const parsed = line.parse(JSON.parse(text));
    lines.push(parsed);
    for (const listener of listeners) listener(parsed);
  });
  const exited = once(child, 'exit');
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;

  async function endBy(signal: NodeJS.Signals): Promise<void> {
    if (isRunning()) child.kill(signal);
    await exited;
  }

  return {
    pid: child.pid,
    lines,
    complaints: () => complaints,
    isRunning,
    onLine: (listener) => void listeners.push(listener),
    async connect() {
      const uid = process.getuid?.();
      const surroundings = { environment, platform: process.platform, home: tmpdir() };
      let client: MonitorClient | undefined;
      await eventually(
        'the monitor can be talked to',
        async () => {
          const addresses = readAddresses(controlFolder(surroundings), uid);
          const own = addresses.ok && addresses.value.find(({ pid }) => pid === child.pid);
          if (!own) return false;
          const connected = await connectMonitor(own, uid, 'test');
          if (connected.ok) client = connected.value;
          return connected.ok;
        },
        15_000,
      );
      if (client === undefined) throw new Error('No connection.');
      return client;
    },
    stop: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    kill9: () => endBy('SIGKILL'),
    end: () => endBy('SIGTERM'),
  };
}

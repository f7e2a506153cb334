import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineSocket } from '../../engine/capabilities.ts';

const entry = fileURLToPath(new URL('../../../monitor/cli.ts', import.meta.url));

/**
 * A person for whom the engine is elsewhere, as one in a virtual machine is: its processes have other
 * numbers here, its cgroups are not to be seen, and nobody is root. What the engine publishes on the
 * loopback arrives at this one's.
 */
export interface Elsewhere {
  readonly folder: string;
  /** Runs `sentra` to its end; its exit code and all that it printed. */
  sentra(...words: string[]): Promise<{ readonly code: number; readonly text: string }>;
  /** Starts `sentra watch`. */
  watch(): void;
  /** Ends it, as a person does, or as a fault does. */
  endWatch(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  close(): Promise<void>;
}

/** The engine's own process, in whose network its published ports are. */
export function enginePid(): number {
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      const isOurs = words[0]?.endsWith('dockerd') && words.includes(`unix://${engineSocket()}`);
      if (isOurs === true) return Number(name);
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error('The engine’s process is not found.');
}

/** Makes one. */
export function openElsewhere(): Elsewhere {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-elsewhere-'));
  const person = { uid: 1, gid: statSync(engineSocket()).gid };
  chownSync(folder, person.uid, person.gid);
  const environment = {
    PATH: process.env['PATH'],
    SENTRA_STATE: join(folder, 'state'),
    DOCKER_HOST: `unix://${engineSocket()}`,
    HOME: folder,
  };
  const asPerson = ['setpriv', `--reuid=${person.uid}`, `--regid=${person.gid}`, '--clear-groups'];
  const hiding = 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"';
  const words = (...command: string[]): string[] => [
    ...['-t', String(enginePid()), '-n', '--', 'unshare', '--pid', '--mount', '--fork'],
    ...['--kill-child', '--mount-proc', '--', 'sh', '-c', hiding, 'sh', ...asPerson],
    ...[process.execPath, entry, ...command],
  ];
  let monitor: ChildProcess | undefined;

  async function endWatch(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const ending = monitor;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, 'exit');
    // The outermost process waits for the inner one, which has to hear it: the only child's only child.
    const inner = innermost(ending.pid ?? 0);
    process.kill(inner, signal);
    await ended;
    monitor = undefined;
  }

  return {
    folder,
    sentra: (...command) =>
      new Promise((resolve) => {
        const child = execFile(
          'nsenter',
          words(...command),
          // One that hangs is to say so by its output, as far as it got. `unshare` heeds no other signal.
          { env: environment, cwd: '/', timeout: 60_000, killSignal: 'SIGKILL' },
          (_, output, complaints) =>
            resolve({ code: child.exitCode ?? -1, text: `${output}${complaints}` }),
        );
        child.stdin?.end();
      }),
    watch() {
      monitor = spawn('nsenter', words('watch', '--json'), {
        env: environment,
        cwd: '/',
        stdio: 'ignore',
      });
    },
    endWatch,
    async close() {
      await endWatch('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Follows a line of only children to its end, but for what Node starts itself. */
function innermost(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const isNode =
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(entry) &&
    readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'unshare';
  const next = children.split(' ')[0] ?? '';
  return isNode || next === '' ? pid : innermost(Number(next));
}

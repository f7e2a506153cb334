import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import project from '../../package.json' with { type: 'json' };

/** Sentra in a process of its own, from the bundle, as a person runs it. */
export interface Watcher {
  readonly pid: number;
  /** Stops and continues the process, to leave the machine to another for a while. */
  hold(): void;
  goOn(): void;
  stop(): Promise<void>;
}

const bundle = join(import.meta.dirname, '../../dist/monitor/cli.mjs');

const build = join(import.meta.dirname, '../../scripts/build.mjs');

/** Starts `sentra watch` against `engine`; resolves when it watches. `byApi`: no cgroup files. */
export async function startWatcher(options: {
  readonly engine: string;
  readonly folder: string;
  readonly byApi: boolean;
}): Promise<Watcher> {
  execFileSync(process.execPath, [build], { stdio: ['ignore', 'ignore', 'inherit'] });
  const child = spawn(
    process.execPath,
    [
      ...project.monitorFlags,
      bundle,
      'watch',
      ...['--engine', options.engine],
      ...['--state', join(options.folder, options.byApi ? 'api' : 'files')],
      ...(options.byApi ? ['--by-api'] : []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, XDG_RUNTIME_DIR: '' } },
  );
  const { pid, stdout } = child;
  if (pid === undefined) throw new Error(`${bundle} could not be started.`);
  const exit = once(child, 'exit');
  // What it prints is read and dropped, as by a pipe that somebody follows.
  stdout.resume();
  await Promise.race([
    once(stdout, 'data', { signal: AbortSignal.timeout(60_000) }),
    exit.then(() => {
      throw new Error('The watcher ended at once.');
    }),
  ]);
  return {
    pid,
    hold: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

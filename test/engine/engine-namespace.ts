import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { waitUntil } from './process-table.ts';

/** In the environment of every process of an engine, with the engine's id. Containers have it not. */
export const ENGINE_MARK = 'SENTRA_PRIVATE_ENGINE';

/** The environment of every process of the engine, and nothing of whoever started it. */
export function markedEnvironment(id: string): NodeJS.ProcessEnv {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, [ENGINE_MARK]: id };
}

/** Directories of the host that the engine would write to; inside it, empty ones stand there. */
export const COVERED_DIRECTORIES = ['/run/containerd', '/etc/docker'] as const;

/**
 * Starts the process that keeps the engine's network and mount namespace alive, whatever becomes
 * of the daemon, and arranges the mounts. Gives its pid.
 */
export async function startHolder(id: string, directory: string): Promise<number> {
  const own = readlinkSync('/proc/self/ns/mnt');
  const holder = spawn(
    'unshare',
    ['--mount', '--net', '--propagation', 'private', '--', 'sleep', 'infinity'],
    { stdio: 'ignore', env: markedEnvironment(id) },
  );
  await once(holder, 'spawn');
  const { pid } = holder;
  if (pid === undefined) throw new Error('unshare did not start.');
  holder.unref();
  const apart = await waitUntil(() => {
    if (holder.exitCode !== null) throw new Error('unshare --mount --net failed: not permitted.');
    return readlinkSync(`/proc/${pid}/ns/mnt`) !== own;
  }, 5000);
  if (!apart) throw new Error('No namespace of its own after five seconds.');
  const covers = COVERED_DIRECTORIES.map((path, index) => {
    const empty = join(directory, 'covers', String(index));
    mkdirSync(empty, { recursive: true });
    return `mount --bind ${empty} ${path}`;
  });
  // The host's /sys shows the host's network devices, and a daemon that writes there by name would
  // change another engine's bridge. Control groups are the host's own, so that they can be read.
  const saved = join(directory, 'sys');
  mkdirSync(saved);
  const script = [
    ...covers,
    `mount --rbind /sys/fs/cgroup ${saved}`,
    'mount -t sysfs sysfs /sys',
    `mount --rbind ${saved} /sys/fs/cgroup`,
    `umount --recursive ${saved}`,
  ].join('\n');
  await run('nsenter', ['-t', String(pid), '-m', '-n', 'sh', '-e'], { input: script });
  return pid;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressesOf } from './address-block.ts';
import { ask } from './engine-http.ts';
import { markedEnvironment } from './engine-namespace.ts';
import { listProcesses, waitUntil } from './process-table.ts';

const runsc = '/usr/bin/runsc';

/** What a daemon needs to know. */
export interface DaemonOptions {
  readonly id: string;
  readonly directory: string;
  readonly holderPid: number;
  readonly block: number;
  readonly mtu: number;
  /** The group that may use the socket; root's own when it is 0. */
  readonly group: number;
  readonly extraArguments: readonly string[];
}

/** A running dockerd and the containerd it started. */
export interface Daemon {
  readonly dockerdPid: number;
  readonly containerdPid: number;
  readonly exited: Promise<void>;
}

/** The name of the control group that holds the engine's containers, at the top of each hierarchy. */
export function cgroupName(id: string): string {
  return `sentra-test-${id}`;
}

/** Where the engine listens. */
export function socketOf(directory: string): string {
  return join(directory, 'docker.sock');
}

function lastLines(path: string): string {
  return readFileSync(path, 'utf8').trim().split('\n').slice(-15).join('\n');
}

/**
 * The runtimes beside runc: gVisor with the machine's network code, without control groups and with, the
 * former reporting from the first instruction, by a file that the tests write, and gVisor with a network
 * stack of its own. Its `ptrace` platform runs on any machine.
 */
function daemonConfig(directory: string): object {
  if (!existsSync(runsc)) return {};
  const apart = ['--platform=ptrace'];
  const host = [...apart, '--network=host'];
  const usual = ['--ignore-cgroups', ...host];
  const traced = [...usual, `--pod-init-config=${join(directory, 'pod-init.json')}`];
  return {
    runtimes: {
      runsc: { path: runsc, runtimeArgs: usual },
      'runsc-traced': { path: runsc, runtimeArgs: traced },
      'runsc-host': { path: runsc, runtimeArgs: host },
      'runsc-apart': { path: runscApart(directory), runtimeArgs: apart },
    },
  };
}

/**
 * gVisor of this age takes a file for the sign of the machine's own network, where it declines; newer
 * kernels show it everywhere. So it is kept from seeing the file.
 */
const withoutNetworkSettings = `#!/bin/sh
[ -n "$SENTRA_APART" ] || SENTRA_APART=1 exec unshare --mount "$0" "$@"
mount -t tmpfs none /mnt
for each in /proc/sys/*; do
  [ "$each" = /proc/sys/net ] && continue
  mkdir "/mnt/\${each##*/}"
  mount --bind "$each" "/mnt/\${each##*/}"
done
mount --move /mnt /proc/sys
exec ${runsc} "$@"
`;

function runscApart(directory: string): string {
  const path = join(directory, 'runsc-apart');
  writeFileSync(path, withoutNetworkSettings, { mode: 0o755 });
  return path;
}

/** Starts dockerd in the engine's namespaces and waits until it answers. Throws with its log. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { id, directory, block } = options;
  const { bridge, pool } = addressesOf(block);
  const config = join(directory, 'daemon.json');
  writeFileSync(config, JSON.stringify(daemonConfig(directory)));
  const pidFile = join(directory, 'docker.pid');
  rmSync(pidFile, { force: true });
  // A killed containerd may stay as a zombie, and dockerd would wait for it to answer.
  rmSync(join(directory, 'exec', 'containerd', 'containerd.pid'), { force: true });
  const logPath = join(directory, 'dockerd.log');
  const log = openSync(logPath, 'a');
  const child = spawn(
    'nsenter',
    [
      ...['-t', String(options.holderPid), '-m', '-n', 'dockerd'],
      ...['--config-file', config, '--host', `unix://${socketOf(directory)}`],
      ...['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
      ...['--pidfile', pidFile, '--log-level', 'warn', '--group', String(options.group)],
      ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${cgroupName(id)}`],
      ...['--bip', bridge, '--mtu', String(options.mtu)],
      ...['--default-address-pool', `base=${pool},size=24`, ...options.extraArguments],
    ],
    {
      stdio: ['ignore', log, log],
      env: { ...markedEnvironment(id), HOME: directory },
    },
  );
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (!(await answers(child, directory))) {
    child.kill('SIGKILL');
    throw new Error(`dockerd did not start. The end of its log:\n${lastLines(logPath)}`);
  }
  const dockerdPid = child.pid ?? 0;
  const containerd = listProcesses().find(({ parent }) => parent === dockerdPid);
  return { dockerdPid, containerdPid: containerd?.pid ?? 0, exited };
}

/** Whether the engine answers its ping within 30 seconds, and while its process lives. */
async function answers(child: ChildProcess, directory: string): Promise<boolean> {
  let up = false;
  await waitUntil(async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
      return true;
    const answer = await ask(socketOf(directory), 'GET', '/_ping').catch(() => undefined);
    up = answer?.status === 200;
    return up;
  }, 30_000);
  return up;
}

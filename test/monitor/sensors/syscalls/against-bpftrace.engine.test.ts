import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { readMounts } from '../../../../monitor/sensors/resource/cgroup-source.ts';
import { cgroupIdOf } from '../../../../monitor/sensors/syscalls/cgroup-id.ts';
import { parseKernelLine } from '../../../../monitor/sensors/syscalls/kernel-line.ts';
import { findKernelProgram } from '../../../../monitor/sensors/syscalls/kernel-program.ts';
import { engineSocket } from '../../../engine/capabilities.ts';
import { testContainers } from '../../../engine/containers.ts';
import { describeAsRoot } from '../real-cgroup.ts';

/** Where tracepoints are listed is not mounted everywhere; here it is, for one command alone. */
const withTracing =
  'mount -t debugfs none /sys/kernel/debug; mount -t tracefs none /sys/kernel/tracing; exec "$@"';

/** What bpftrace runs: the calls of every cgroup by their number, at the end of each. */
function countingProgram(): string {
  const unified = !readFileSync('/proc/self/cgroup', 'utf8').includes(':pids:');
  // The kernel lists its controllers in the order of their places.
  const lines = readFileSync('/proc/cgroups', 'utf8').split('\n').slice(1);
  const place = lines.findIndex((line) => line.startsWith('pids\t'));
  const own = unified ? 'dfl_cgrp' : `subsys[${place}]->cgroup`;
  const node = `((struct task_struct *)curtask)->cgroups->${own}->kn`;
  return `tracepoint:raw_syscalls:sys_exit { @[${node}, args->id] = count(); }`;
}

/** The number that stands for a return from a signal handler, which takes its own number away. */
const rtSigreturn = process.arch === 'x64' ? 15 : 139;

/**
 * The container makes this call so often, and nobody else does: by that its cgroup is known in what
 * bpftrace prints, which knows cgroups by the kernel's addresses.
 */
const marks = { number: process.arch === 'x64' ? 140 : 141, times: 777 };

/** The counts of the cgroup that made the marks. */
function countsOf(lines: readonly string[]): ReadonlyMap<number, number> {
  const byCgroup = new Map<string, Map<number, number>>();
  for (const line of lines) {
    const [, node = '', number, calls] = /^@\[(-?\w+), (-?\d+)\]: (\d+)$/.exec(line) ?? [];
    if (number === undefined) continue;
    const call = number === '-1' ? rtSigreturn : Number(number);
    const counts = byCgroup.get(node) ?? new Map<number, number>();
    byCgroup.set(node, counts.set(call, (counts.get(call) ?? 0) + Number(calls)));
  }
  const own = [...byCgroup.values()].find((counts) => counts.get(marks.number) === marks.times);
  return own ?? new Map<number, number>();
}

async function says(child: ChildProcess, word: RegExp): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (word.test(said)) resolve();
      });
    }
    child.once('exit', () => reject(new Error(`It ended: ${said.slice(0, 400)}`)));
  });
}

describeAsRoot(
  ['engine', 'debian-image', 'kernel-sensor'],
  'The counts of the kernel sensor',
  () => {
    test('are those of bpftrace, call by call, for all that a container does', async () => {
      const made = testContainers(engineSocket());
      const children: ChildProcess[] = [];
      try {
        const container = await made.start({ image: 'debian', args: ['sleep', '600'] });
        const { Pid: mainPid } = (await container.inspect()).State;
        const workload = { mainPid, container: container.id };
        const cgroup = cgroupIdOf('/proc', readMounts('/proc'), workload) ?? '';
        expect(cgroup).toMatch(/^\d+$/);

        const command = ['bpftrace', '-e', countingProgram()];
        const other = spawn('unshare', ['-m', 'sh', '-c', withTracing, 'sh', ...command], {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, BPFTRACE_MAP_KEYS_MAX: '16384' },
        });
        children.push(other);
        const listed: string[] = [];
        createInterface({ input: other.stdout }).on('line', (line) => listed.push(line));
        await says(other, /Attach/);

        const program = findKernelProgram();
        if (!program.ok) throw new Error(program.error);
        const loader = spawn(program.value.loader, [program.value.object], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        children.push(loader);
        const counted = new Map<number, number>();
        let windows = 0;
        createInterface({ input: loader.stdout }).on('line', (text) => {
          const line = parseKernelLine(text);
          if (!line.ok || line.value.kind !== 'window') return;
          windows += 1;
          for (const { native } of line.value.containers) {
            for (const [number, calls] of native)
              counted.set(number, (counted.get(number) ?? 0) + calls);
          }
        });
        loader.stdin.write(`add ${cgroup}\n`);
        // It says that it attaches before it has; what it tells of a second is told when that is over.
        await vi.waitFor(() => expect(windows).toBeGreaterThan(1), 30_000);
        await delay(2_000);

        const work =
          'for i in 1 2 3 4 5; do cat /etc/passwd | wc -l; done; ls -R /etc >/dev/null; ' +
          'python3 -c "import os, subprocess; subprocess.run([\'true\']); [os.getpriority(0, 0) for _ in range(777)]"; kill -USR1 $$ || true';
        await container.exec(['sh', '-c', `trap : USR1; ${work}`], 60_000);
        await vi.waitFor(() => expect(counted.get(marks.number)).toBe(marks.times), 30_000);
        await delay(3_000);

        other.kill('SIGINT');
        await once(other, 'exit');
        const theirs = countsOf(listed);
        expect(theirs.size).toBeGreaterThan(25);
        expect([...counted].sort()).toEqual([...theirs].sort());
      } finally {
        for (const child of children) child.kill('SIGKILL');
        await made.removeAll();
      }
    }, 120_000);
  },
);

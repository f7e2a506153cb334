import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** The CPU time of a process and of all that it starts, those that have ended included. */
export interface CpuGroup {
  /** CPU seconds used since it was made; they do not depend on how busy the machine is. */
  seconds(): number;
  /** Lets what is left go back to the top of the hierarchy. */
  end(): void;
}

/**
 * Puts a process and its children into a control group of their own, v1 or v2, that counts what they
 * use. `name` tells apart those of one bench.
 */
export function countCpuOf(root: number, name: string): CpuGroup {
  const v1 = ['/sys/fs/cgroup/cpuacct', '/sys/fs/cgroup/cpu,cpuacct'].find((path) =>
    existsSync(path),
  );
  const top = v1 ?? '/sys/fs/cgroup';
  const folder = join(top, `sentra-bench-${process.pid}-${name}`);
  mkdirSync(folder);
  const move = (into: string, pid: number): void =>
    writeFileSync(join(into, 'cgroup.procs'), `${pid}`);
  for (const pid of everythingUnder(root)) {
    move(folder, pid);
    // On one processor: what passing work from one to another costs differs from second to second.
    const pinned = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', '1', `${pid}`]);
    if (pinned.status !== 0) throw new Error(`It could not be pinned: ${pinned.stderr.toString()}`);
  }
  return {
    seconds() {
      if (v1 !== undefined) {
        return Number(readFileSync(join(folder, 'cpuacct.usage'), 'utf8')) / 1e9;
      }
      const text = readFileSync(join(folder, 'cpu.stat'), 'utf8');
      return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? Number.NaN) / 1e6;
    },
    end() {
      const left = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
      for (const pid of left) {
        try {
          move(top, Number(pid));
        } catch {
          // It ended meanwhile.
        }
      }
      rmdirSync(folder);
    },
  };
}

/** The process and all beneath it, by whichever of its threads they were started. */
function everythingUnder(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => everythingUnder(Number(child)))];
}

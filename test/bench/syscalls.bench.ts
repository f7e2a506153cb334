import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workload } from '../../monitor/model/workload.ts';
import { readMounts } from '../../monitor/sensors/resource/cgroup-source.ts';
import { cgroupIdOf } from '../../monitor/sensors/syscalls/cgroup-id.ts';
import { findKernelProgram } from '../../monitor/sensors/syscalls/kernel-program.ts';
import { testContainers, type TestContainer } from '../engine/containers.ts';
import { engineSocket } from '../engine/capabilities.ts';
import { exactCpuSecondsOf } from './process-cost.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { isDecided, medianWithInterval } from './statistics.ts';

export const title =
  'System calls counted in the kernel: a storm of them, a compile, 50 idle containers';
export const needsEngine = true;

const statistics = '/proc/sys/kernel/bpf_stats_enabled';

/** Where tracepoints are listed is not mounted everywhere; here it is, for one command alone. */
const withTracing =
  'mount -t debugfs none /sys/kernel/debug; mount -t tracefs none /sys/kernel/tracing; exec "$@"';

/** What counts the same with bpftrace: by cgroup (version 1 or 2) and call, at the end of each call. */
const bpftrace = (unified: boolean): string => {
  const task = '((struct task_struct *)curtask)->cgroups->';
  // The kernel lists its controllers in the order of their places.
  const lines = readFileSync('/proc/cgroups', 'utf8').split('\n').slice(1);
  const place = lines.findIndex((line) => line.startsWith('pids\t'));
  const cgroup = unified ? 'dfl_cgrp' : `subsys[${place}]->cgroup`;
  return `tracepoint:raw_syscalls:sys_exit { @[${task}${cgroup}->kn, args->id] = count(); }`;
};

interface Observer {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Runs the three measurements; storm and compile in rounds of whoever observes, in turning order. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const made = testContainers(engineSocket());
  try {
    const container = await made.start({ image: 'debian', args: ['sleep', '100000'] });
    const storm = await measureStorm(container, short ? 1 : 12, say, signal);
    const compile = await measureCompile(container, short ? 1 : 6, say, signal);
    const others = await Promise.all(
      Array.from({ length: short ? 4 : 49 }, () => made.start({ args: ['sleep', '100000'] })),
    );
    const idle = await measureIdle([container, ...others], short ? 3_000 : 15_000);
    return { results: [...storm, ...compile, idle] };
  } finally {
    await made.removeAll();
  }
}

async function measureStorm(
  container: TestContainer,
  most: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly BenchResult[]> {
  const ways = ['bare', 'sensor', 'bpftrace'] as const;
  const times: Record<(typeof ways)[number], number>[] = [];
  const target = targetOf('syscalls', 'storm against unobserved');
  while (times.length < most && !signal.aborted) {
    const round = { bare: 0, sensor: 0, bpftrace: 0 };
    const order = times.length % 2 === 0 ? ways : ways.toReversed();
    for (const way of order) {
      const observer = way === 'bare' ? undefined : await observerFor(way, [container]);
      try {
        // CPU time and not that of the clock: what else the machine does is no part of it.
        const begin = await cpuSecondsOf(container);
        await container.exec(
          ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', 'count=3000000'],
          240_000,
        );
        round[way] = (await cpuSecondsOf(container)) - begin;
      } finally {
        await observer?.stop();
      }
    }
    times.push(round);
    say(
      `round ${times.length}: bare ${seconds(round.bare)}, sensor ${seconds(round.sensor)}, ` +
        `bpftrace ${seconds(round.bpftrace)}`,
    );
    const ratio = medianWithInterval(times.map(({ sensor, bare }) => sensor / bare));
    if (times.length >= 6 && isDecided(ratio, target)) break;
  }
  const of = (what: (round: (typeof times)[number]) => number) =>
    medianWithInterval(times.map(what));
  return [
    atMost(
      'storm against unobserved',
      of(({ sensor, bare }) => sensor / bare),
      'ratio',
      target,
    ),
    atMost(
      'storm against bpftrace',
      of(({ sensor, bpftrace: other }) => sensor / other),
      'ratio',
      targetOf('syscalls', 'storm against bpftrace'),
    ),
    atMost(
      'bpftrace against unobserved',
      of(({ bare, bpftrace: other }) => other / bare),
      'ratio',
      null,
    ),
  ];
}

/** Every file by a compiler of its own, as builds do. */
const compileAll =
  'for f in /usr/lib/python3*/*.py; do python3 -c "import py_compile, sys; py_compile.compile(sys.argv[1], cfile=\'/tmp/out\')" $f; done';

/**
 * The observer's own time, in the kernel and in its process, as a share of the CPU a compile used: of
 * the sensor and of bpftrace in turns. The clock tells less: what either costs is below its noise.
 */
async function measureCompile(
  container: TestContainer,
  most: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly BenchResult[]> {
  const ways = ['sensor', 'bpftrace'] as const;
  const rounds: Record<(typeof ways)[number], number>[] = [];
  while (rounds.length < most && !signal.aborted) {
    const round = { sensor: 0, bpftrace: 0 };
    for (const way of rounds.length % 2 === 0 ? ways : ways.toReversed()) {
      const { own, all } = await compileUnder(container, way);
      round[way] = own / all;
      const milliseconds = (own * 1000).toFixed(1);
      say(`compile: ${seconds(all)} of CPU, ${way} itself ${milliseconds} ms`);
    }
    rounds.push(round);
  }
  if (rounds.length === 0) return [];
  const shareOf = (way: (typeof ways)[number]) =>
    medianWithInterval(rounds.map((round) => round[way]));
  const against = medianWithInterval(rounds.map((round) => round.sensor / round.bpftrace));
  const target = targetOf('syscalls', 'share of a compile');
  return [
    atMost('share of a compile', shareOf('sensor'), 'share', target),
    atMost('share of a compile by bpftrace', shareOf('bpftrace'), 'share', null),
    atMost('compile against bpftrace', against, 'ratio', null),
  ];
}

/** Compiles while it is observed: CPU seconds of the observer itself, and of the container. */
async function compileUnder(
  container: TestContainer,
  way: 'sensor' | 'bpftrace',
): Promise<{ readonly own: number; readonly all: number }> {
  const observer = await observerFor(way, [container]);
  const before = readFileSync(statistics, 'utf8');
  writeFileSync(statistics, '1');
  try {
    const start = { own: ownSeconds(observer.pid), all: await cpuSecondsOf(container) };
    await container.exec(['sh', '-c', compileAll], 240_000);
    return {
      own: ownSeconds(observer.pid) - start.own,
      all: (await cpuSecondsOf(container)) - start.all,
    };
  } finally {
    writeFileSync(statistics, before);
    await observer.stop();
  }
}

async function measureIdle(
  containers: readonly TestContainer[],
  runMs: number,
): Promise<BenchResult> {
  const observer = await startSensor(containers);
  const before = readFileSync(statistics, 'utf8');
  writeFileSync(statistics, '1');
  try {
    await delay(2_000);
    const [start, begin] = [ownSeconds(observer.pid), performance.now()];
    await delay(runMs);
    const cores = (ownSeconds(observer.pid) - start) / ((performance.now() - begin) / 1000);
    const figure = `cores at ${containers.length} containers`;
    // The target is for fifty; with fewer, as in the short form, the figure says little.
    const target = containers.length === 50 ? targetOf('syscalls', figure) : null;
    return atMost(figure, { value: cores }, 'cores', target);
  } finally {
    writeFileSync(statistics, before);
    await observer.stop();
  }
}

/** CPU of an observer, and of its programs in the kernel, seconds. */
function ownSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const name of readdirSync(`/proc/${pid}/fdinfo`)) {
    const text = readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8');
    if (text.includes('prog_type'))
      nanoseconds += Number(/^run_time_ns:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return nanoseconds / 1e9 + (exactCpuSecondsOf(pid) ?? Number.NaN);
}

async function cpuSecondsOf(container: TestContainer): Promise<number> {
  const { Pid } = (await container.inspect()).State;
  const lines = readFileSync(`/proc/${Pid}/cgroup`, 'utf8').split('\n');
  const path =
    (lines.find((line) => /[:,]cpuacct[:,]/.test(line)) ?? lines[0])?.split(':')[2] ?? '';
  try {
    return Number(readFileSync(`/sys/fs/cgroup/cpuacct${path}/cpuacct.usage`, 'utf8')) / 1e9;
  } catch {
    const text = readFileSync(`/sys/fs/cgroup${path}/cpu.stat`, 'utf8');
    return Number(/^usage_usec (\d+)/m.exec(text)?.[1]) / 1e6;
  }
}

function observerFor(
  way: 'sensor' | 'bpftrace',
  containers: readonly TestContainer[],
): Promise<Observer> {
  if (way === 'sensor') return startSensor(containers);
  const unified = !readFileSync('/proc/self/cgroup', 'utf8').includes(':pids:');
  const program = ['bpftrace', '-e', bpftrace(unified)];
  const child = spawn('unshare', ['-m', 'sh', '-c', withTracing, 'sh', ...program], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, BPFTRACE_MAP_KEYS_MAX: '16384' },
  });
  return ready(child, 'Attaching');
}

async function startSensor(containers: readonly TestContainer[]): Promise<Observer> {
  const program = findKernelProgram();
  if (!program.ok) throw new Error(program.error);
  const child = spawn(program.value.loader, [program.value.object], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const mounts = readMounts('/proc');
  for (const container of containers) {
    const { Pid } = (await container.inspect()).State;
    const workload: Pick<Workload, 'mainPid' | 'container'> = {
      mainPid: Pid,
      container: container.id,
    };
    child.stdin.write(`add ${cgroupIdOf('/proc', mounts, workload) ?? ''}\n`);
  }
  return ready(child, '"added"');
}

/** Waits until the observer has said the word, and a second for it to settle. */
async function ready(child: ChildProcess, word: string): Promise<Observer> {
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error('The observer could not be started.');
  const exit = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    let said = '';
    stdout.on('data', (chunk: Buffer) => {
      if (said.length < 100_000) said += chunk.toString();
      if (said.includes(word)) resolve();
    });
    child.once('exit', () => reject(new Error(`The observer ended: ${said.slice(0, 300)}`)));
  });
  await delay(1_000);
  return {
    pid,
    async stop() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const seconds = (value: number): string => `${value.toFixed(2)} s`;

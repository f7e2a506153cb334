import type { Sight } from '../../model/coverage.ts';
import type { Observation } from '../../model/observation.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { startLineProcess, type StartLineProcess } from '../../runtime/line-process.ts';
import { ok } from '../../runtime/result.ts';
import { createCgroupSearch, type FindCgroup } from './cgroup-search.ts';
import type { ResourceEvidence } from '../coverage/resource-evidence.ts';
import { readMounts } from '../resource/cgroup-source.ts';
import { callNames } from './call-names.ts';
import { cgroupIdOf } from './cgroup-id.ts';
import type { KernelLine } from './kernel-line.ts';
import { findKernelProgram } from './kernel-program.ts';
import { createKernelSensor, type KernelSensor } from './kernel-sensor.ts';
import { rareCallSeen, startSeen, windowSeen } from './seen.ts';
import { syscallsSight, type SyscallsEvidence } from './syscalls-sight.ts';

/** Sees the system calls of the containers that it is given, where this machine's kernel runs them. */
export interface SyscallsWatch {
  /** Takes the container in, or takes over what changed about it. */
  watch(workload: Workload): void;
  forget(container: ContainerId): void;
  /** Tells of it four times a second, or once again. */
  lookClosely(container: ContainerId, closely: boolean): void;
  /** Undefined for a container that this machine's kernel does not run: there is no sensor for it. */
  sight(
    container: ContainerId,
    resource: ResourceEvidence | undefined,
    now: number,
  ): Sight | undefined;
  /** Single events that were counted and not kept. */
  dropped(container: ContainerId): number;
  /** The process id of the loader, while there is one. */
  loader(): number | undefined;
  stop(): Promise<void>;
}

export interface SyscallsWatchOptions {
  readonly procFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onObservation: (observation: Observation) => void;
  /** The sensor as a whole came or went: what it sees of all containers has changed. */
  readonly onChange: () => void;
  readonly find?: typeof findKernelProgram;
  /** Where the loader is started elsewhere than in this process. */
  readonly loader?: StartLineProcess;
  /** Asked about containers that this machine's kernel does not run. */
  readonly findCgroup?: FindCgroup | undefined;
}

interface Watched {
  workload: Workload;
  readonly cgroup: string;
  readonly evidence: SyscallsEvidence;
  dropped: number;
}

/** Watches no container yet. The loader is started with the first. */
export function createSyscallsWatch(options: SyscallsWatchOptions): SyscallsWatch {
  const { clock, logger, procFolder, onObservation } = options;
  const names = callNames(process.arch);
  const containers = new Map<ContainerId, Watched>();
  const byCgroup = new Map<string, Watched>();
  const searches = createCgroupSearch(options.findCgroup, clock);
  let mounts: ReturnType<typeof readMounts> | undefined;
  let beatAt: number | undefined;

  function onWindow(line: Extract<KernelLine, { kind: 'window' }>): void {
    const now = clock.monotonic();
    const at = clock.now();
    if (line.beats > 0) beatAt = now;
    const counted = new Map(line.containers.map((each) => [each.cgroup, each]));
    for (const watched of containers.values()) {
      const { evidence, workload } = watched;
      if (evidence.taken !== 'yes') continue;
      const mine = counted.get(watched.cgroup);
      // Between the seconds only those are told of that are looked at closely.
      if (!line.all && mine === undefined) continue;
      evidence.windowAt = now;
      if (mine !== undefined && mine.lost > 0) {
        evidence.lostAt = now;
        watched.dropped += mine.lost;
      }
      if (workload.state === 'paused' && mine === undefined) continue;
      onObservation(windowSeen(workload, at, mine?.ms ?? line.ms, mine, names));
    }
  }

  function onLine(line: KernelLine): void {
    if (line.kind === 'window') {
      onWindow(line);
      return;
    }
    if (line.kind === 'ready' || line.kind === 'failed') return;
    const watched = byCgroup.get(line.cgroup);
    if (watched === undefined) return;
    const at = clock.now();
    switch (line.kind) {
      case 'added':
        watched.evidence.taken = 'yes';
        watched.evidence.askedAt = clock.monotonic();
        return;
      case 'full':
        watched.evidence.taken = 'no-room';
        return;
      case 'start':
        onObservation(startSeen(watched.workload, at, line));
        return;
      case 'call':
        onObservation(rareCallSeen(watched.workload, at, line, names));
    }
  }

  const kernel: KernelSensor = createKernelSensor({
    start: options.loader ?? loaderHere(options.find ?? findKernelProgram),
    clock,
    logger,
    onLine,
    onState() {
      beatAt = clock.monotonic();
      for (const { evidence } of containers.values()) {
        evidence.taken = 'asked';
        evidence.askedAt = clock.monotonic();
        evidence.windowAt = undefined;
      }
      options.onChange();
    },
  });

  function takeIn(workload: Workload, cgroup: string, dropped: number): void {
    const evidence: SyscallsEvidence = {
      taken: 'asked',
      askedAt: clock.monotonic(),
      windowAt: undefined,
      lostAt: undefined,
    };
    const watched = { workload, cgroup, evidence, dropped };
    containers.set(workload.container, watched);
    byCgroup.set(cgroup, watched);
    kernel.add(cgroup);
  }

  function forget(container: ContainerId): void {
    searches.end(container);
    const watched = containers.get(container);
    if (watched === undefined) return;
    containers.delete(container);
    byCgroup.delete(watched.cgroup);
    kernel.remove(watched.cgroup);
  }

  return {
    watch(workload) {
      mounts ??= readMounts(procFolder);
      const known = containers.get(workload.container);
      const sameRun =
        known !== undefined &&
        known.workload.mainPid === workload.mainPid &&
        known.workload.startedAt === workload.startedAt;
      if (sameRun) {
        known.workload = workload;
        return;
      }
      const cgroup = cgroupIdOf(procFolder, mounts, workload);
      if (known !== undefined && known.cgroup === cgroup) {
        known.workload = workload;
        return;
      }
      forget(workload.container);
      const dropped = known?.dropped ?? 0;
      if (cgroup === undefined) {
        searches.begin(workload, (found) => takeIn(workload, found, dropped));
        return;
      }
      takeIn(workload, cgroup, dropped);
    },
    forget,
    lookClosely(container, closely) {
      const watched = containers.get(container);
      if (watched !== undefined) kernel.pace(watched.cgroup, closely);
    },
    sight(container, resource, now) {
      const watched = containers.get(container);
      if (watched === undefined) return searches.sight(container);
      return syscallsSight(kernel.state(), beatAt, watched.evidence, resource, now);
    },
    dropped: (container) => containers.get(container)?.dropped ?? 0,
    loader: () => kernel.pid(),
    stop() {
      searches.stop();
      return kernel.stop();
    },
  };
}

/** A loader that is a child of this process. */
function loaderHere(find: typeof findKernelProgram): StartLineProcess {
  return () => {
    const program = find();
    if (!program.ok) return program;
    return ok(startLineProcess(program.value.loader, [program.value.object]));
  };
}

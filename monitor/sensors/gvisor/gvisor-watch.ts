import type { Sight } from '../../model/coverage.ts';
import type { Observation } from '../../model/observation.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { callNames } from '../syscalls/call-names.ts';
import { createEarlyMessages } from './early-messages.ts';
import { gvisorSight, type GvisorEvidence } from './gvisor-sight.ts';
import type { GvisorTracing, TracedSandbox } from './gvisor-tracing.ts';
import { loudCalls } from './loud-calls.ts';
import type { ReceiverLine, TraceMessageLine, TraceWindow } from './receiver-line.ts';
import { createReceiverProcess } from './receiver-process.ts';
import { createSandboxProcesses, type SandboxProcesses } from './sandbox-processes.ts';
import { readTraceMessage } from './trace-message.ts';
import { namedCalls, rareCalls, tracePoints } from './trace-session.ts';
import { traceMessageSeen, traceWindowSeen } from './trace-seen.ts';

/** Sees the system calls of the containers that gVisor runs on this machine. */
export interface GvisorWatch {
  /** Takes the container in; false for one that gVisor does not run here. */
  watch(workload: Workload): boolean;
  forget(container: ContainerId): void;
  /** Undefined for a container that was not taken in. */
  sight(container: ContainerId, now: number): Sight | undefined;
  dropped(container: ContainerId): number;
  /** The process id of the receiver, while there is one. */
  receiver(): number | undefined;
  stop(): Promise<void>;
}

export interface GvisorWatchOptions {
  readonly tracing: GvisorTracing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onObservation: (observation: Observation) => void;
  /** What is seen of all containers has changed. */
  readonly onChange: () => void;
}

interface Watched {
  workload: Workload;
  readonly sandbox: TracedSandbox;
  readonly evidence: GvisorEvidence;
  readonly processes: SandboxProcesses;
  dropped: number;
  leftOut: ReadonlySet<number>;
  leftOutAt: number;
  /** Orders that are under way; a new one waits for them. */
  orders: Promise<void>;
}

/** One window a container: while a session takes another's place, both tell of it. */
function byContainer(windows: readonly TraceWindow[]): ReadonlyMap<string, TraceWindow> {
  const merged = new Map<string, TraceWindow>();
  for (const window of windows) {
    const other = merged.get(window.container);
    const sum =
      other === undefined
        ? window
        : {
            container: window.container,
            dropped: window.dropped + other.dropped,
            lost: window.lost + other.lost,
            lostCalls: window.lostCalls + other.lostCalls,
            malformed: window.malformed + other.malformed,
            counts: [...other.counts, ...window.counts],
          };
    merged.set(window.container, sum);
  }
  return merged;
}

/** How long calls stay left out before they are counted again. */
const leaveOutMs = 60_000;
/** A session that ended while its container runs is begun again after this. */
const againMs = 1000;

/** Watches no container yet. The receiver is started with the first, or before it where containers tell from their start. */
export function createGvisorWatch(options: GvisorWatchOptions): GvisorWatch {
  const { tracing, clock, logger, onObservation } = options;
  const names = callNames(process.arch);
  const containers = new Map<ContainerId, Watched>();
  const stopping = new AbortController();
  const early = createEarlyMessages();
  const told = new Set<string>([...namedCalls, ...rareCalls]);

  const receiver = createReceiverProcess({
    start: tracing.receiver,
    clock,
    logger,
    onLine,
    onState(state) {
      for (const [container, watched] of containers) {
        watched.evidence.session = { name: 'asked', at: clock.monotonic() };
        watched.evidence.windowAt = undefined;
        if (state.name === 'running') receiver.add(container, watched.sandbox.pid);
      }
      options.onChange();
    },
  });

  if (tracing.tellsFromStart) {
    // Nothing is told before whoever makes this watch has it.
    queueMicrotask(() => {
      if (!stopping.signal.aborted) receiver.start();
    });
  }

  /** Has gVisor begin to tell, unless it does by now or the container went. */
  function begin(container: ContainerId, watched: Watched): void {
    watched.orders = watched.orders.then(async () => {
      if (containers.get(container) !== watched || stopping.signal.aborted) return;
      const begun = await watched.sandbox.begin(tracePoints(names, watched.leftOut));
      if (begun.ok || containers.get(container) !== watched) return;
      watched.evidence.session = { name: 'failed', reason: begun.error };
      options.onChange();
      await clock.sleep(againMs, stopping.signal).catch(() => undefined);
      if (containers.get(container) === watched) receiver.add(container, watched.sandbox.pid);
    });
  }

  function onWindow(line: Extract<ReceiverLine, { kind: 'window' }>): void {
    const [now, at] = [clock.monotonic(), clock.now()];
    const windows = byContainer(line.containers);
    for (const [container, watched] of containers) {
      const { evidence, workload } = watched;
      if (evidence.session.name !== 'telling') continue;
      const window = windows.get(container);
      evidence.windowAt = now;
      const seen = traceWindowSeen(workload, at, line.ms, window, names);
      if (seen.lost > 0) {
        evidence.lostAt = now;
        watched.dropped += seen.lost;
      }
      if (workload.state !== 'paused' || window !== undefined) onObservation(seen);
      narrow(container, watched, window?.counts ?? [], line.ms, now);
    }
  }

  /** Leaves out what is called too often to be counted cheaply, and counts it again after a while. */
  function narrow(
    container: ContainerId,
    watched: Watched,
    counts: Parameters<typeof loudCalls>[0],
    ms: number,
    now: number,
  ): void {
    const loud = loudCalls(counts, ms, (number) => told.has(names.native(number)));
    const isOver = watched.leftOut.size > 0 && now - watched.leftOutAt >= leaveOutMs;
    if (loud.length === 0 && !isOver) return;
    watched.leftOut = new Set(loud.length > 0 ? [...watched.leftOut, ...loud] : []);
    watched.leftOutAt = now;
    watched.evidence.leftOut = [...watched.leftOut].map((number) => names.native(number));
    options.onChange();
    begin(container, watched);
  }

  function onLine(line: ReceiverLine): void {
    if (line.kind === 'window') {
      onWindow(line);
      return;
    }
    if (line.kind === 'ready' || line.kind === 'failed') return;
    const watched = containers.get(line.container);
    if (watched === undefined) {
      if (line.kind === 'message') early.keep(line);
      return;
    }
    const { evidence } = watched;
    switch (line.kind) {
      case 'listening':
        // A session from the container's start is told of right after this.
        void clock.sleep(50, stopping.signal).then(
          () => {
            if (evidence.session.name !== 'telling') begin(line.container, watched);
          },
          () => undefined,
        );
        return;
      case 'full':
        evidence.session = { name: 'failed', reason: 'there are too many containers under it.' };
        return;
      case 'attached':
        evidence.session = { name: 'telling' };
        evidence.windowAt = clock.monotonic();
        return;
      case 'gone':
        // The container's end takes its session along; so does somebody else's order to gVisor.
        evidence.session = { name: 'asked', at: clock.monotonic() };
        receiver.add(line.container, watched.sandbox.pid);
        return;
      case 'message':
        onMessage(watched, line);
    }
  }

  function onMessage({ workload, processes }: Watched, line: TraceMessageLine): void {
    const message = readTraceMessage(line.type, Buffer.from(line.body, 'hex'), line.isNew);
    if (message === undefined) return;
    const seen = traceMessageSeen(workload, clock.now(), message, processes, names);
    if (seen !== undefined) onObservation(seen);
  }

  function forget(container: ContainerId): void {
    const watched = containers.get(container);
    if (watched === undefined) return;
    containers.delete(container);
    receiver.remove(container);
  }

  return {
    watch(workload) {
      const { container } = workload;
      const known = containers.get(container);
      const isSameRun =
        known !== undefined &&
        known.workload.mainPid === workload.mainPid &&
        known.workload.startedAt === workload.startedAt;
      if (isSameRun) {
        known.workload = workload;
        return true;
      }
      const sandbox = tracing.find(workload);
      if (sandbox === undefined) {
        forget(container);
        return false;
      }
      // Not forgotten after a restart: it may tell by now of the new run, from its start.
      const watched: Watched = {
        workload,
        sandbox,
        evidence: {
          session: { name: 'asked', at: clock.monotonic() },
          windowAt: undefined,
          lostAt: undefined,
          leftOut: [],
        },
        processes: createSandboxProcesses(),
        dropped: known?.dropped ?? 0,
        leftOut: new Set(),
        leftOutAt: 0,
        orders: Promise.resolve(),
      };
      containers.set(container, watched);
      receiver.add(container, sandbox.pid);
      for (const line of early.take(container)) onMessage(watched, line);
      return true;
    },
    forget,
    sight(container, now) {
      const watched = containers.get(container);
      return watched === undefined
        ? undefined
        : gvisorSight(receiver.state(), watched.evidence, now);
    },
    dropped: (container) => containers.get(container)?.dropped ?? 0,
    receiver: () => receiver.pid(),
    async stop() {
      stopping.abort();
      // A session that nobody takes would go on costing its container time.
      await Promise.all(
        [...containers.values()].map(async ({ orders, sandbox }) => {
          await orders;
          await sandbox.end();
        }),
      );
      await receiver.stop();
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workload } from '../../../monitor/model/workload.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { failed } from '../../../monitor/runtime/result.ts';
import type { GvisorTracing } from '../../../monitor/sensors/gvisor/gvisor-tracing.ts';
import { createGvisorWatch } from '../../../monitor/sensors/gvisor/gvisor-watch.ts';
import { createNativeTracing } from '../../../monitor/sensors/gvisor/native-tracing.ts';
import type { TestContainer } from '../../engine/containers.ts';

/** A container under gVisor, while Sentra's sensor watches it. */
export interface WatchedSandbox {
  readonly receiver: number | undefined;
  /** Calls that were counted so far. */
  counted(): number;
  /** Whether its badge has said that something is not seen, or that some was lost. */
  hasShownLoss(): boolean;
  stop(): Promise<void>;
}

/** Watches it; resolves once its calls are told, or without a `receiver` once its badge is blind. */
export async function watchSandbox(
  container: TestContainer,
  receiver: 'there' | 'absent',
): Promise<WatchedSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-gvisor-'));
  const native = createNativeTracing({
    procFolder: '/proc',
    folder,
    startSocket: join(folder, 'start.sock'),
  });
  const tracing = receiver === 'there' ? native : withoutReceiver(native);
  let counted = 0;
  let hasShown = false;
  const watch = createGvisorWatch({
    tracing,
    clock: systemClock,
    logger: silentLogger,
    onObservation(observation) {
      if (observation.kind !== 'syscalls') return;
      for (const calls of Object.values(observation.counts)) counted += calls;
    },
    onChange: look,
  });
  const { id } = container;

  function look(): void {
    const sight = watch.sight(id, systemClock.monotonic());
    const isPartly = sight?.state === 'partly' && /not counted|was lost/.test(sight.reason);
    hasShown ||= sight?.state === 'blind' || isPartly || watch.dropped(id) > 0;
  }

  async function stop(): Promise<void> {
    await watch.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  const workload = {
    key: 'bench',
    container: id,
    mainPid: (await container.inspect()).State.Pid,
    runtime: 'runsc',
    state: 'running',
  };
  if (!watch.watch(workload as Workload)) throw new Error('The container is not under gVisor.');
  const until = performance.now() + 60_000;
  const wanted = receiver === 'there' ? ['seeing', 'partly'] : ['blind'];
  while (!wanted.includes(watch.sight(id, systemClock.monotonic())?.state ?? '')) {
    if (performance.now() > until) {
      // What it started would keep this process from ending.
      await stop();
      throw new Error(`The badge was not ${wanted.join(' or ')} within a minute.`);
    }
    await delay(50);
  }
  hasShown = false;
  return {
    receiver: watch.receiver(),
    counted: () => counted,
    hasShownLoss() {
      look();
      return hasShown;
    },
    stop,
  };
}

/** The session from the container's start is left as it is: it is what is looked at. */
function withoutReceiver(tracing: GvisorTracing): GvisorTracing {
  return {
    ...tracing,
    receiver: () => failed('The receiver is not there.'),
    find(workload) {
      const sandbox = tracing.find(workload);
      return sandbox && { ...sandbox, end: () => Promise.resolve() };
    },
  };
}

/** Lets a process run a tenth of the time, until it is stopped or the process has gone. */
export function slowDown(pid: number): () => Promise<void> {
  const over = new AbortController();
  async function run(): Promise<void> {
    try {
      while (!over.signal.aborted) {
        process.kill(pid, 'SIGSTOP');
        await delay(90);
        process.kill(pid, 'SIGCONT');
        await delay(10);
      }
    } catch {
      // It went: whoever has it run notices that.
    }
  }
  const running = run();
  return async () => {
    over.abort();
    await running;
  };
}

import type { ContainerId } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import { failed, ok } from '../runtime/result.ts';

/** One line of waiting tasks per container. */
export interface ContainerQueues {
  /**
   * Runs the task when those before it on the same container have ended. Fails with `full` when too
   * many wait already. A task that throws is a bug; its error comes out here.
   */
  run<Value>(container: ContainerId, task: () => Promise<Value>): Promise<Result<Value, 'full'>>;
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>;
}

/** How much may go on at once. */
export interface QueueBounds {
  /** Containers that are acted on at the same time. */
  readonly parallel: number;
  /** Tasks that wait for one container. */
  readonly waitingPerContainer: number;
}

/** Queues in which the tasks of one container never overlap and different containers do. */
export function createContainerQueues(bounds: QueueBounds): ContainerQueues {
  const waiting = new Map<ContainerId, (() => Promise<void>)[]>();
  const running = new Set<ContainerId>();
  let idlers: (() => void)[] = [];

  function pump(): void {
    for (const [container, tasks] of waiting) {
      if (running.size >= bounds.parallel) return;
      if (running.has(container)) continue;
      const task = tasks.shift();
      // To the end of the line, so that a busy container does not keep the others waiting.
      waiting.delete(container);
      if (tasks.length > 0) waiting.set(container, tasks);
      if (task !== undefined) start(container, task);
    }
    if (running.size === 0 && waiting.size === 0) {
      for (const idler of idlers) idler();
      idlers = [];
    }
  }

  function start(container: ContainerId, task: () => Promise<void>): void {
    running.add(container);
    // Never rejects: the task hands its error to whoever asked for it.
    void task().finally(() => {
      running.delete(container);
      pump();
    });
  }

  return {
    run<Value>(container: ContainerId, task: () => Promise<Value>) {
      const tasks = waiting.get(container) ?? [];
      if (tasks.length >= bounds.waitingPerContainer) {
        return Promise.resolve(failed('full' as const));
      }
      return new Promise<Result<Value, 'full'>>((resolve, reject) => {
        tasks.push(() => task().then((value) => resolve(ok(value)), reject));
        waiting.set(container, tasks);
        pump();
      });
    },
    idle: () =>
      new Promise((resolve) => {
        idlers.push(resolve);
        pump();
      }),
  };
}

import type { KernelFreezer } from '../../../monitor/respond/kernel-freezer.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';
import { engineError, type MemoryEngine, type Trouble } from './memory-engine.ts';

/** A freezer in memory beside an engine in memory, whose pauses it carries out. */
export interface MemoryKernel extends KernelFreezer {
  /** Containers that the engine calls paused and that run: thawed behind its back. */
  readonly thawed: Set<string>;
  readonly calls: string[];
  /** CPU time used by all containers so far, nanoseconds. */
  cpuNanoseconds: number;
  /** While false, every change is refused, as without root. */
  mayWrite: boolean;
  /** What the engine does to calls about what was thawed behind its back; for `engine.trouble`. */
  refusalOf(call: { readonly name: string; readonly target: string }): Trouble;
}

export function createMemoryKernel(engine: MemoryEngine): MemoryKernel {
  const thawed = new Set<string>();

  function change(name: string, container: string, effect: () => void) {
    kernel.calls.push(name);
    if (!kernel.mayWrite) return Promise.resolve(failed('The freezer file: EACCES.'));
    if (!engine.containers.has(container)) return Promise.resolve(failed('Not found here.'));
    effect();
    return Promise.resolve(ok(undefined));
  }

  const kernel: MemoryKernel = {
    isHere: true,
    thawed,
    calls: [],
    cpuNanoseconds: 1e9,
    mayWrite: true,
    look(container) {
      const state = engine.containers.get(container)?.state;
      const { cpuNanoseconds } = kernel;
      if (state === 'running') return Promise.resolve({ state, cpuNanoseconds });
      if (state !== 'paused') return Promise.resolve({ state: 'unreadable' });
      const runs = thawed.has(container);
      return Promise.resolve({ state: runs ? 'running' : 'frozen', cpuNanoseconds });
    },
    freeze: (container) => change('freeze', container, () => thawed.delete(container)),
    thaw: (container) => change('thaw', container, () => thawed.add(container)),
    killAll: (container) =>
      change('killAll', container, () => {
        const found = engine.containers.get(container);
        if (found === undefined) return;
        found.state = 'exited';
        found.exitCode = 137;
      }),
    refusalOf: ({ name, target }) =>
      name === 'unpause' && thawed.has(target)
        ? engineError('failed', 'Container not paused.')
        : undefined,
  };
  return kernel;
}

import type { KernelWord } from '../model/kernel-word.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import { failed } from '../runtime/result.ts';

/**
 * The kernel's own freezer, as far as the responder uses it. `told` is the container as the engine
 * has just told it; without it, as it was last known. Failures are sentences for a person.
 */
export interface KernelFreezer {
  /** False where there is none: then nothing is told of it. */
  readonly isHere: boolean;
  look(container: ContainerId, told?: Workload): Promise<KernelWord>;
  /** Resolves when all of its processes are frozen. */
  freeze(container: ContainerId, told?: Workload): Promise<Result<void, string>>;
  thaw(container: ContainerId, told?: Workload): Promise<Result<void, string>>;
  /** Ends all of its processes while they are frozen. Resolves when none is left. */
  killAll(container: ContainerId, told?: Workload): Promise<Result<void, string>>;
}

const notHere = "The kernel's freezer is not within reach here.";

/** Where there is only the engine. */
export const noKernelFreezer: KernelFreezer = {
  isHere: false,
  look: () => Promise.resolve({ state: 'unreadable' }),
  freeze: () => Promise.resolve(failed(notHere)),
  thaw: () => Promise.resolve(failed(notHere)),
  killAll: () => Promise.resolve(failed(notHere)),
};

/** A freezer that remembers how much CPU time each container had used when last seen frozen. */
export interface StandingFreezer extends KernelFreezer {
  /** Nanoseconds by the kernel's account; undefined where it was not seen frozen, or not told. */
  stoodAt(container: ContainerId): number | undefined;
  forget(container: ContainerId): void;
}

/** Nothing remembered. */
export function rememberStanding(kernel: KernelFreezer): StandingFreezer {
  const standing = new Map<ContainerId, number>();
  return {
    isHere: kernel.isHere,
    async look(container, told) {
      const word = await kernel.look(container, told);
      if (word.state === 'frozen' && word.cpuNanoseconds !== undefined) {
        standing.set(container, word.cpuNanoseconds);
      }
      return word;
    },
    freeze: (container, told) => kernel.freeze(container, told),
    thaw: (container, told) => kernel.thaw(container, told),
    killAll: (container, told) => kernel.killAll(container, told),
    stoodAt: (container) => standing.get(container),
    forget: (container) => void standing.delete(container),
  };
}

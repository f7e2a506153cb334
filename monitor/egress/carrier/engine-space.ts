import { closeSync, fstatSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Place } from './carrier.ts';

/** The network namespace that the engine's bridges are in, held open until `close`. */
export interface EngineSpace {
  readonly descriptor: number;
  readonly inode: number;
  /** A process in it. */
  readonly pid: number;
  close(): void;
}

/**
 * Finds it by the process above the container's main one, which is the engine's shim: outside of the
 * container, in the engine's own network. The failure is a sentence.
 */
export function engineSpaceOf({ pid, container }: Place): Result<EngineSpace, string> {
  try {
    const parent = Number(
      /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
    );
    const isOutside =
      parent > 0 && !readFileSync(`/proc/${parent}/cgroup`, 'utf8').includes(container);
    if (!isOutside) return failed('The engine’s own process above the container was not found.');
    return openSpace(parent);
  } catch (error) {
    return failed(`The engine’s network was not found: ${messageOf(error)}`);
  }
}

/** Finds it by its inode, when no container runs any more; looks at every process. */
export function engineSpaceWith(inode: number): Result<EngineSpace, string> {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of ['self', ...numbers]) {
    try {
      if (statSync(`/proc/${pid}/ns/net`).ino !== inode) continue;
      const space = openSpace(pid === 'self' ? process.pid : Number(pid));
      if (space.ok && space.value.inode === inode) return space;
    } catch {
      // It ended meanwhile.
    }
  }
  return failed('The engine’s network is not there any more.');
}

function openSpace(pid: number): Result<EngineSpace, string> {
  try {
    const descriptor = openSync(`/proc/${pid}/ns/net`, 'r');
    return ok({
      descriptor,
      inode: fstatSync(descriptor).ino,
      pid,
      close: () => closeSync(descriptor),
    });
  } catch (error) {
    return failed(`The engine’s network cannot be opened: ${messageOf(error)}`);
  }
}

import { textOf } from '../resource/held-file.ts';
import { linkOf } from '../resource/network-reader.ts';

/** A process that cannot be mistaken for a later one with the same id. */
export interface ProcessMark {
  readonly pid: string;
  /** When it began, as field 22 of its `stat` tells it: clock ticks since the machine started. */
  readonly began: string;
}

/** A process, and the one that it hangs on. */
export interface Kin extends ProcessMark {
  readonly parent: string;
  /** Ended, and not yet taken note of by its parent. */
  readonly isZombie: boolean;
}

/** Who a process is; undefined when it is gone. */
export function kinOf(procFolder: string, pid: string): Kin | undefined {
  const text = textOf(`${procFolder}/${pid}/stat`);
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, began] = [fields?.[0], fields?.[1], fields?.[19]];
  if (state === undefined || parent === undefined || began === undefined) return undefined;
  return { pid, began, parent, isZombie: state === 'Z' || state === 'X' };
}

/**
 * Whether it is the first process of a pid namespace within this machine's: when it ends the kernel
 * ends all that live in it.
 */
export function isFirstOfItsOwn(procFolder: string, pid: string): boolean {
  const ids = /^NSpid:\s+(.+)$/m.exec(textOf(`${procFolder}/${pid}/status`) ?? '')?.[1];
  const levels = ids?.trim().split(/\s+/) ?? [];
  return levels.length > 1 && levels.at(-1) === '1';
}

/** Ancestors looked at, at most: nobody nests deeper. */
const mostAncestors = 64;

/** Whether one of the process's ancestors is what `is` asks for. */
export function hasAncestor(procFolder: string, kin: Kin, is: (ancestor: Kin) => boolean): boolean {
  let { parent } = kin;
  for (let step = 0; step < mostAncestors && parent !== '0'; step += 1) {
    const ancestor = kinOf(procFolder, parent);
    if (ancestor === undefined) return false;
    if (is(ancestor)) return true;
    parent = ancestor.parent;
  }
  return false;
}

/** Whether both are one process. */
export function isSameProcess(one: ProcessMark, other: ProcessMark): boolean {
  return one.pid === other.pid && one.began === other.began;
}

/** The first process of the namespace among the ancestors is the container's own; see there. */
export function isFirstOf(procFolder: string, namespace: string, pid: string): boolean {
  return linkOf(`${procFolder}/${pid}/ns/pid`) === namespace && isFirstOfItsOwn(procFolder, pid);
}

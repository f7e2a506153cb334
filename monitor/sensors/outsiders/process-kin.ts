import { textOf } from '../resource/held-file.ts';
import { linkOf } from '../resource/network-reader.ts';
import { processIds } from './process-ids.ts';

/** A process that cannot be mistaken for a later one with the same id. */
export interface ProcessMark {
  readonly pid: string;
  /** When it began, as field 22 of its `stat` tells it: clock ticks since the machine started. */
  readonly began: string;
}

/** A process, and the one that it hangs on. */
export interface Kin extends ProcessMark {
  readonly parent: string;
}

/** Who a process is; undefined when it is gone. */
export function kinOf(procFolder: string, pid: string): Kin | undefined {
  const fields = statOf(`${procFolder}/${pid}`);
  const [parent, began] = [fields?.[1], fields?.[19]];
  return parent === undefined || began === undefined ? undefined : { pid, began, parent };
}

/**
 * The folder that tells of a process as it lives: its own, or that of another of its threads where the
 * first has ended, of which the kernel tells no mount namespace any more, and by cgroup v1 that it were
 * in the root (cgroup_path_ns of a task with PF_EXITING). Undefined where all have ended, and it only
 * waits to be buried.
 */
export function livingPlace(procFolder: string, pid: string): string | undefined {
  const place = `${procFolder}/${pid}`;
  const fields = statOf(place);
  if (fields === undefined) return undefined;
  if (!isEnding(fields)) return place;
  const threads = Number(fields[17]);
  if (threads <= 1) return undefined;
  return processIds(`${place}/task`)
    .map((thread) => `${place}/task/${thread}`)
    .find((each) => {
      const ofThread = statOf(each);
      return ofThread !== undefined && !isEnding(ofThread);
    });
}

/** The mount namespace of a process that lives, as its link tells it. */
export function mountsOf(procFolder: string, pid: string): string | undefined {
  const mounts = linkOf(`${procFolder}/${pid}/ns/mnt`);
  if (mounts !== undefined) return mounts;
  const place = livingPlace(procFolder, pid);
  return place === undefined ? undefined : linkOf(`${place}/ns/mnt`);
}

/** The fields of `stat` (proc(5)) from the third on. */
function statOf(place: string): readonly string[] | undefined {
  const text = textOf(`${place}/stat`);
  // The name in parentheses may hold spaces and parentheses itself.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** PF_EXITING is the 0x4 among the flags. */
function isEnding(fields: readonly string[]): boolean {
  return (Number(fields[6]) & 0x4) !== 0;
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

/** These processes, as far as they still are, and all that hang on them, by their ids. */
export function treeOf(procFolder: string, roots: readonly ProcessMark[]): ReadonlySet<string> {
  const isStill = (root: ProcessMark): boolean => {
    const now = kinOf(procFolder, root.pid);
    return now !== undefined && isSameProcess(now, root);
  };
  const tree = new Set(roots.filter(isStill).map(({ pid }) => pid));
  // A set goes on to what is put into it meanwhile.
  for (const pid of tree) {
    for (const thread of processIds(`${procFolder}/${pid}/task`)) {
      const children = textOf(`${procFolder}/${pid}/task/${thread}/children`) ?? '';
      for (const child of children.split(' ')) if (child !== '') tree.add(child);
    }
  }
  return tree;
}

/** Whether both are one process. */
export function isSameProcess(one: ProcessMark, other: ProcessMark): boolean {
  return one.pid === other.pid && one.began === other.began;
}

/** The first process of the namespace among the ancestors is the container's own; see there. */
export function isFirstOf(procFolder: string, namespace: string, pid: string): boolean {
  return linkOf(`${procFolder}/${pid}/ns/pid`) === namespace && isFirstOfItsOwn(procFolder, pid);
}

import { closeSync, openSync } from 'node:fs';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import { isFullContainerId } from '../freezer/freezer-place.ts';
import { parseMembership, type Membership } from '../resource/cgroup-paths.ts';
import { isWithin } from '../resource/cgroup-source.ts';
import { expectSystemError, textOf } from '../resource/held-file.ts';
import { linkOf } from '../resource/network-reader.ts';
import { processIds } from './process-ids.ts';
import {
  hasAncestor,
  isFirstOf,
  isFirstOfItsOwn,
  isSameProcess,
  kinOf,
  livingPlace,
  mountsOf,
  treeOf,
  type Kin,
  type ProcessMark,
} from './process-kin.ts';
import { signalProcesses } from './signal-processes.ts';

/** What came of ending the processes of a container that are outside its cgroup. */
export interface HuntEnd {
  /** How many were ended. */
  readonly ended: number;
  /** Process ids on this machine of those that live on. */
  readonly left: readonly string[];
}

/** Ends the processes of one container that no signal to the container reaches. */
export interface OutsiderHunt {
  /** Stops those outside its cgroup, so that they neither act nor multiply while it is killed. */
  stop(): Promise<void>;
  /** Has those that were stopped go on, where it was not killed. */
  letGo(): Promise<void>;
  /** Once it does not run: ends whoever is left of it. */
  end(): Promise<HuntEnd>;
  close(): void;
}

/** One of them, with its mount namespace. */
type Hunted = Kin & { readonly mounts: string };

/** Rounds of looking and signalling, for what multiplies meanwhile. */
const mostRounds = 20;
/** Rounds in which none of them ended, after which they are left: nothing ends what the kernel holds. */
const mostIdleRounds = 2;
const betweenRoundsMs = 20;

/**
 * Begins while the container runs: it is known by its mount namespace, which is held, so that no
 * later one has the same mark. A process is surely the container's where it is in that namespace and
 * descends from whoever started the container's main process, or from the first process of the pid
 * namespace that it shares; who came in from outside, as with `nsenter`, does not. One that descends
 * from the main process itself is so with any mount namespace. Undefined where
 * there is nothing to hunt: where the kernel ends all with the main process, or where nothing can be
 * read.
 */
export function beginHunt(
  procFolder: string,
  clock: Clock,
  { container, mainPid }: Pick<Workload, 'container' | 'mainPid'>,
): OutsiderHunt | undefined {
  const main = String(mainPid);
  if (mainPid === undefined || !isFullContainerId(container)) return undefined;
  const place = livingPlace(procFolder, main);
  if (place === undefined) return undefined;
  const cgroups = ownCgroups(textOf(`${place}/cgroup`) ?? '', container);
  if (cgroups.size === 0) return undefined;
  const begun = kinOf(procFolder, main);
  const mounts = linkOf(`${place}/ns/mnt`);
  const namespace = linkOf(`${procFolder}/${main}/ns/pid`);
  if (begun === undefined || mounts === undefined || namespace === undefined) return undefined;
  if (isFirstOfItsOwn(procFolder, main)) return undefined;
  if (mounts === linkOf(`${procFolder}/self/ns/mnt`)) return undefined;
  const self = kinOf(procFolder, linkOf(`${procFolder}/self`) ?? '');
  // Whoever runs Sentra within a container does not have it end itself.
  if (self === undefined || hangsOn(procFolder, self, begun)) return undefined;
  const starter = starterOf(procFolder, begun, self);
  const held = holdNamespace(`${place}/ns/mnt`);
  if (held === undefined) return undefined;
  const known: Hunted[] = [];
  const stopped: Hunted[] = [];

  const isSure = (kin: Kin): boolean =>
    hasAncestor(
      procFolder,
      kin,
      (ancestor) =>
        (starter !== undefined && isSameProcess(ancestor, starter)) ||
        isSameProcess(ancestor, begun) ||
        isAmong(known, ancestor) ||
        isFirstOf(procFolder, namespace, ancestor.pid),
    );

  /** Those that are to be ended: surely its own, and others with its mount namespace. */
  const find = (
    all: boolean,
  ): { readonly sure: readonly Hunted[]; readonly others: readonly Hunted[] } => {
    const [sure, others]: [Hunted[], Hunted[]] = [[], []];
    const tree = treeOf(procFolder, [begun, ...known]);
    for (const pid of processIds(procFolder)) {
      const own = mountsOf(procFolder, pid);
      if (own === undefined || (own !== mounts && !tree.has(pid))) continue;
      const place = livingPlace(procFolder, pid);
      if (place === undefined) continue;
      if (!all && (pid === main || isWithin(membershipOf(place), cgroups))) continue;
      const kin = kinOf(procFolder, pid);
      if (kin === undefined) continue;
      const one = { ...kin, mounts: own };
      if (isAmong(known, kin) || isSure(kin)) sure.push(one);
      else if (own === mounts) others.push(one);
    }
    known.push(...sure.filter((kin) => !isAmong(known, kin)));
    return { sure, others };
  };

  return {
    async stop() {
      for (let round = 1; round <= mostRounds; round += 1) {
        const running = find(false).sure.filter((kin) => !isAmong(stopped, kin));
        if (running.length === 0) return;
        const reached = await signalProcesses('stop', running);
        stopped.push(...reached);
        if (reached.length === 0) return;
      }
    },
    async letGo() {
      await signalProcesses('continue', stopped.splice(0));
    },
    async end() {
      let found = find(true);
      let ended = 0;
      let idle = 0;
      for (let round = 1; found.sure.length > 0 && round <= mostRounds; round += 1) {
        if (round > 1) await clock.sleep(betweenRoundsMs);
        const reached = await signalProcesses('kill', found.sure);
        ended += reached.length;
        idle = reached.length > 0 ? 0 : idle + 1;
        if (idle === mostIdleRounds) break;
        found = find(true);
      }
      return { ended, left: [...found.sure, ...found.others].map(({ pid }) => pid) };
    },
    close: () => closeSync(held),
  };
}

/**
 * Who started the container's main process, and takes in its orphans. Undefined where others hang on
 * that one too: where whoever started it is gone, it hangs on the first process of the machine, or on
 * one that this program hangs on as well, and so does whoever looks into it from outside.
 */
function starterOf(procFolder: string, main: Kin, self: Kin): Kin | undefined {
  const starter = kinOf(procFolder, main.parent);
  if (starter === undefined || starter.pid === '1') return undefined;
  return hangsOn(procFolder, self, starter) ? undefined : starter;
}

/** Whether one is the other, or descends from it. */
function hangsOn(procFolder: string, one: Kin, other: Kin): boolean {
  const isOther = (ancestor: Kin): boolean => isSameProcess(ancestor, other);
  return isOther(one) || hasAncestor(procFolder, one, isOther);
}

function isAmong(processes: readonly ProcessMark[], one: ProcessMark): boolean {
  return processes.some((each) => isSameProcess(each, one));
}

function membershipOf(place: string): Membership {
  return parseMembership(textOf(`${place}/cgroup`) ?? '');
}

/** The container's own cgroups by controller, from those of its main process. */
function ownCgroups(text: string, container: ContainerId): ReadonlyMap<string, string> {
  const { v1, v2 } = parseMembership(text);
  const own = new Map<string, string>();
  for (const [controller, path] of [...v1, ['', v2] as const]) {
    const names = path?.split('/') ?? [];
    const at = names.findIndex((name) => name.includes(container));
    if (at >= 0) own.set(controller, names.slice(0, at + 1).join('/'));
  }
  return own;
}

function holdNamespace(link: string): number | undefined {
  try {
    return openSync(link, 'r');
  } catch (error) {
    expectSystemError(error);
    return undefined;
  }
}

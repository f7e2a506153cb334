import type { KernelWord } from '../../model/kernel-word.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { parseMembership } from '../resource/cgroup-paths.ts';
import { readMounts } from '../resource/cgroup-source.ts';
import { expectSystemError, textOf } from '../resource/held-file.ts';
import {
  cpuNanosecondsOf,
  freezerState,
  isThere,
  killByCgroup,
  processesIn,
  setFreezer,
} from './freezer-files.ts';
import {
  freezerPlaceOf,
  freezesByCgroup,
  isFullContainerId,
  type FreezerPlace,
} from './freezer-place.ts';

/** What the freezer has to know of a container to find it. */
export type FreezerTarget = Pick<Workload, 'mainPid' | 'runtime'>;

/**
 * The kernel's freezer of each container of this machine. `told` is the container as the engine
 * tells it now; without it, as it was last known. Failures are sentences for a person.
 */
export interface CgroupFreezer {
  readonly isHere: true;
  look(container: ContainerId, told?: FreezerTarget): Promise<KernelWord>;
  /** Resolves when every process is frozen. */
  freeze(container: ContainerId, told?: FreezerTarget): Promise<Result<void, string>>;
  thaw(container: ContainerId, told?: FreezerTarget): Promise<Result<void, string>>;
  /**
   * Sends SIGKILL to every process while all are frozen, then thaws, so that none runs in between.
   * Resolves when none is left; what cannot be ended stays frozen.
   */
  killAll(container: ContainerId, told?: FreezerTarget): Promise<Result<void, string>>;
}

export interface CgroupFreezerOptions {
  /** Usually /proc. */
  readonly procFolder: string;
  readonly clock: Clock;
  /** The container as last known; undefined for one that is not. */
  readonly known: (container: ContainerId) => FreezerTarget | undefined;
}

/** How long CPU time has to stand still to be called so, milliseconds. */
const stillMs = 20;
/** Pairs of looks before CPU time that moved is believed: the last tick may be booked late. */
const mostPairs = 3;
const pollMs = 10;
/** How long the kernel may take to freeze, thaw or end all processes, milliseconds. */
const patienceMs = 1_000;
const killRounds = 3;
/** Places remembered, for when the engine or a main process that is gone does not tell. */
const mostRemembered = 1_000;

/** Over the cgroup files of this machine. Holds nothing open. */
export function createCgroupFreezer(options: CgroupFreezerOptions): CgroupFreezer {
  const { procFolder, clock } = options;
  const remembered = new Map<ContainerId, FreezerPlace>();
  let mounts = readMounts(procFolder);

  function placeOf(container: ContainerId, told: FreezerTarget | undefined) {
    if (!isFullContainerId(container)) return undefined;
    const target = told ?? options.known(container);
    if (target !== undefined && !freezesByCgroup(target.runtime)) return undefined;
    const place = placeOfProcess(container, target?.mainPid);
    if (place !== undefined) {
      remembered.delete(container);
      remembered.set(container, place);
      for (const oldest of remembered.keys()) {
        if (remembered.size <= mostRemembered) break;
        remembered.delete(oldest);
      }
      return place;
    }
    const earlier = remembered.get(container);
    return earlier !== undefined && isThere(earlier) ? earlier : undefined;
  }

  /** Read each time: the path that a process id leads to bears the container's id, or is not taken. */
  function placeOfProcess(container: ContainerId, pid: number | undefined) {
    if (pid === undefined || !Number.isSafeInteger(pid) || pid < 1) return undefined;
    const text = textOf(`${procFolder}/${pid}/cgroup`);
    if (text?.includes(container) !== true) return undefined;
    const membership = parseMembership(text);
    const place = freezerPlaceOf(mounts, membership, container);
    if (place !== undefined && isThere(place)) return place;
    mounts = readMounts(procFolder);
    return freezerPlaceOf(mounts, membership, container);
  }

  /** Polls until it holds; false when it does not within the kernel's patience. */
  async function comesTrue(holds: () => boolean): Promise<boolean> {
    const until = clock.monotonic() + patienceMs;
    while (!holds()) {
      if (clock.monotonic() >= until) return false;
      await clock.sleep(pollMs);
    }
    return true;
  }

  async function freezePlace(place: FreezerPlace): Promise<Result<void, string>> {
    const asked = setFreezer(place, 'frozen');
    if (!asked.ok) return asked;
    const frozen = await comesTrue(() => {
      if (freezerState(place) === 'frozen') return true;
      // Processes that were in a call that cannot freeze are asked again.
      setFreezer(place, 'frozen');
      return false;
    });
    return frozen ? ok(undefined) : failed('Some of its processes did not freeze within 1 s.');
  }

  /**
   * Only what is in the container's cgroup at this moment, each looked at before the signal. False
   * when nothing could be signalled.
   */
  function signalAll(container: ContainerId, place: FreezerPlace): boolean {
    if (killByCgroup(place)) return true;
    let any = false;
    for (const pid of processesIn(place)) {
      const membership = parseMembership(textOf(`${procFolder}/${pid}/cgroup`) ?? '');
      const path = place.version === 1 ? membership.v1.get('freezer') : membership.v2;
      if (pid <= 1 || pid === process.pid || path?.includes(container) !== true) continue;
      try {
        process.kill(pid, 'SIGKILL');
        any = true;
      } catch (error) {
        // It has ended by itself, or it is not ours to end; whoever is left is seen afterwards.
        expectSystemError(error);
      }
    }
    return any;
  }

  return {
    isHere: true,
    async look(container, told) {
      const place = placeOf(container, told);
      if (place === undefined) return { state: 'unreadable' };
      if (freezerState(place) === 'freezing') {
        await comesTrue(() => freezerState(place) !== 'freezing');
      }
      for (let pair = 1; ; pair += 1) {
        const before = cpuNanosecondsOf(place);
        const state = freezerState(place);
        if (state === undefined) return { state: 'unreadable' };
        if (state !== 'frozen' && isFrozenBeneath(place)) return { state: 'unreadable' };
        if (state !== 'frozen') return { state: 'running', cpuNanoseconds: before };
        await clock.sleep(stillMs);
        const after = cpuNanosecondsOf(place);
        if (freezerState(place) === 'frozen' && after === before) {
          return { state: 'frozen', cpuNanoseconds: after };
        }
        if (pair === mostPairs) return { state: 'running', cpuNanoseconds: after };
      }
    },
    async freeze(container, told) {
      const place = placeOf(container, told);
      return place === undefined ? failed(notFound) : freezePlace(place);
    },
    async thaw(container, told) {
      const place = placeOf(container, told);
      if (place === undefined) return failed(notFound);
      const asked = setFreezer(place, 'thawed');
      if (!asked.ok) return asked;
      const thawed = await comesTrue(() => freezerState(place) !== 'frozen');
      return thawed ? ok(undefined) : failed('The kernel did not thaw it within 1 s.');
    },
    async killAll(container, told) {
      const place = placeOf(container, told);
      if (place === undefined) return failed(notFound);
      for (let round = 1; round <= killRounds; round += 1) {
        const isEmpty = (): boolean => !isThere(place) || processesIn(place).length === 0;
        const frozen = await freezePlace(place);
        // What freezes only in part is killed all the same; what may not be written to is left alone.
        if (!frozen.ok && freezerState(place) === 'thawed') return frozen;
        if (!signalAll(container, place) && !isEmpty()) break;
        const thawed = setFreezer(place, 'thawed');
        if (await comesTrue(isEmpty)) return ok(undefined);
        if (!thawed.ok) return thawed;
      }
      await freezePlace(place);
      return failed('Some of its processes did not end, and are frozen.');
    },
  };
}

const notFound = "The kernel's freezer file of exactly this container was not found here.";

/** An engine that freezes a cgroup beneath the container's own, as Podman may, is taken at its word. */
function isFrozenBeneath(place: FreezerPlace): boolean {
  const { beneath } = place;
  return beneath !== undefined && freezerState({ ...place, folder: beneath }) === 'frozen';
}

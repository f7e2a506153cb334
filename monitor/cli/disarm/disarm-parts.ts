import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { noHelperAnswers } from '../../egress/disarm/helper-taker.ts';
import { createNativeTaker } from '../../egress/disarm/native-taker.ts';
import type { WallTaker } from '../../egress/disarm/wall-taker.ts';
import type { SpaceKey } from '../../egress/wall/wall-reader.ts';
import type { Engine } from '../../engine/port.ts';
import { greet, keepHelper, type HelperParts } from '../../helper/helper-container.ts';
import { createDisarmer } from '../../pipeline/disarm/disarmer.ts';
import { helperHand, throughHelper } from '../../pipeline/disarm/helper-hand.ts';
import { findEngine } from '../../pipeline/find-engine.ts';
import { helperParts } from '../../pipeline/helper-joint.ts';
import { openHeld, type HeldFailure } from '../../pipeline/disarm/open-held.ts';
import type { DisarmService } from '../../rpc/service/service-disarm.ts';
import { controlFolder, stateFolder } from '../../rpc/socket/state-folder.ts';
import { systemClock, type Clock } from '../../runtime/clock.ts';
import type { Disposer } from '../../runtime/disposer.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { DisarmCommand } from '../command.ts';
import type { Context } from '../context.ts';

/** Holds the process while it sleeps, which that of a monitor does not. */
const holdingClock: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) =>
    delay(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/** What disarms without a monitor, once its engine and what reaches its walls are found. */
export interface DisarmGround {
  /** Only for its list: the record is read and left as it is, and its lock is free again. */
  toLook(): Promise<DisarmService>;
  /** Holds the lock from now on, so that no monitor begins meanwhile; undefined where one has begun. */
  toAct(): Promise<DisarmService | undefined>;
}

/**
 * Where to disarm without a monitor. By root: this machine, and the engine's where that is another; by
 * anybody else the engine's, through the helper, which is started where it has ended if `startsHelper`.
 * What it opens the disposer closes.
 */
export async function openDisarm(
  command: Pick<DisarmCommand, 'engine' | 'stateFolder'>,
  context: Context,
  disposer: Disposer,
  { startsHelper }: { readonly startsHelper: boolean },
): Promise<DisarmGround> {
  const isRoot = context.uid === 0;
  const found = await findDisarmed(command, context, isRoot, disposer);
  const there = found.ok ? found.value : undefined;
  const takers = await takersFor(there, isRoot, startsHelper);
  for (const taker of takers) disposer.add(() => taker.close());
  const notFound = found.ok
    ? []
    : [`What is paused or cut off is not seen: no engine answers. ${found.error.message}`];
  const around = { clock: holdingClock, logger: silentLogger };
  const folders = {
    stateFolder:
      command.stateFolder === undefined
        ? stateFolder(context.surroundings)
        : resolve(context.workingFolder, command.stateFolder),
    controlFolder: controlFolder(context.surroundings),
  };

  const read = (isLook: boolean): ReturnType<typeof openHeld> =>
    there === undefined
      ? Promise.resolve(ok(undefined))
      : openHeld(there.engine, folders, around, disposer, isLook);

  function disarmerOf(held: Awaited<ReturnType<typeof read>>): DisarmService {
    return createDisarmer({
      takers,
      engine: there?.engine,
      responder: held.ok ? held.value?.responder : undefined,
      isRecordWhole: held.ok && held.value?.isWhole === true,
      helper: there?.parts === undefined ? undefined : helperHand(there.parts, isRoot),
      unseen: held.ok ? notFound : [...notFound, inWords(held.error)],
      quiet: () => Promise.resolve(),
    });
  }

  return {
    toLook: async () => disarmerOf(await read(true)),
    async toAct() {
      const held = await read(false);
      return !held.ok && held.error.kind === 'monitor-runs' ? undefined : disarmerOf(held);
    },
  };
}

function inWords(failure: HeldFailure): string {
  return failure.kind === 'unknown' ? failure.message : 'A monitor has just begun.';
}

/** An engine, and what its helper is handled with; a simulated one has none. */
interface Disarmed {
  readonly engine: Engine;
  readonly parts: HelperParts | undefined;
}

async function findDisarmed(
  { engine: endpoint }: Pick<DisarmCommand, 'engine'>,
  { surroundings }: Context,
  isRoot: boolean,
  disposer: Disposer,
): Promise<Result<Disarmed, { readonly message: string }>> {
  const options = { engine: endpoint, simulate: false, learnMs: undefined };
  const found = await findEngine(options, silentLogger, disposer);
  if (!found.ok) {
    const { error } = found;
    return failed(error.kind === 'already-running' ? { message: 'A monitor runs.' } : error);
  }
  const { engine } = found.value;
  if (engine.about.simulated) return ok({ engine, parts: undefined });
  const parts = helperParts(engine, controlFolder(surroundings));
  return ok({ engine, parts: isRoot ? await asItsOwner(parts) : parts });
}

/** What reaches walls; of a simulated engine there are none. */
async function takersFor(
  there: Disarmed | undefined,
  isRoot: boolean,
  startsHelper: boolean,
): Promise<readonly WallTaker[]> {
  if (there !== undefined && there.parts === undefined) return [];
  const here = isRoot ? [createNativeTaker()] : [];
  if (there?.parts === undefined) return isRoot ? here : [nobodysTaker];
  const isNeeded = !isRoot || (await isElsewhere(there.parts));
  return isNeeded ? [...here, takerOf(there.engine, there.parts, startsHelper)] : here;
}

/** Root goes through the helper by port whoever installed it, as that person would. */
async function asItsOwner(parts: HelperParts): Promise<HelperParts> {
  const found = await parts.calls.inspect();
  const way = found.ok ? found.value?.way : undefined;
  return way?.kind === 'port' ? { ...parts, ways: { ...parts.ways, owner: way.owner } } : parts;
}

/** Whether walls may stand where root here reaches them through the helper alone. */
async function isElsewhere(parts: HelperParts): Promise<boolean> {
  if (parts.ways.folder === undefined) return true;
  const found = await parts.calls.inspect();
  return found.ok && found.value?.way?.kind === 'port';
}

function takerOf(engine: Engine, parts: HelperParts, startsHelper: boolean): WallTaker {
  const find = startsHelper ? findSpace : lookForSpace;
  let space: Result<SpaceKey, string> | undefined;
  return throughHelper(parts.client, engine, async () => {
    if (space?.ok !== true) space = await find(parts);
    return space;
  });
}

/** Starts the helper where it has ended; never installs one. */
async function findSpace(parts: HelperParts): Promise<Result<SpaceKey, string>> {
  const found = await parts.calls.inspect();
  if (!found.ok || found.value === undefined) return noHelperAnswers;
  const kept = await keepHelper(parts, (ms) => delay(ms));
  if (kept.name === 'running') {
    const { pid, network: inode } = kept.abilities;
    return ok({ pid, inode });
  }
  return kept.name === 'failed' ? failed(kept.reason) : noHelperAnswers;
}

/**
 * Asks a helper that runs and can be reached as it is. One by port takes the key of whoever starts it
 * anew, which would take it away from a monitor that has just begun.
 */
async function lookForSpace({
  calls,
  client,
  door,
}: HelperParts): Promise<Result<SpaceKey, string>> {
  const found = await calls.inspect();
  if (!found.ok || found.value === undefined) return noHelperAnswers;
  if (!found.value.isRunning) return failed(`The helper does not run. ${notLookedAt}`);
  if (found.value.way?.kind !== 'socket') {
    return failed(`The helper would have to be started anew for that. ${notLookedAt}`);
  }
  door.lead(undefined);
  const said = await greet(client);
  return said.ok ? ok({ pid: said.value.pid, inode: said.value.network }) : said;
}

const notLookedAt =
  'Whether walls stand is not looked at; a monitor, or `sentra disarm`, which asks first, does so.';

/** Where there is neither root nor an engine. */
const nobodysTaker: WallTaker = {
  find: () => Promise.resolve(noHelperAnswers),
  take: () => Promise.resolve({ containers: [], gates: [], networks: 0, left: [] }),
  close: () => Promise.resolve(),
};

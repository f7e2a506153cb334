import type {
  Disarmed,
  FoundWalls,
  TakenWalls,
  WallTaker,
} from '../../egress/disarm/wall-taker.ts';
import type { Engine } from '../../engine/port.ts';
import type { Containment } from '../../model/containment.ts';
import { isOwn } from '../../model/own-container.ts';
import type { ContainerId } from '../../model/workload.ts';
import { outcomeInWords } from '../../respond/outcome-words.ts';
import type { Responder } from '../../respond/responder.ts';
import type {
  DisarmItem,
  DisarmList,
  DisarmReport,
  DisarmService,
  DisarmedItem,
  StillBound,
} from '../../rpc/service/service-disarm.ts';
import { ok, type Result } from '../../runtime/result.ts';
import { boundOf, heldInWords } from './bound.ts';

/** The helper's container, as far as it is taken away; failures are sentences. */
export interface HelperHand {
  isThere(): Promise<Result<boolean, string>>;
  remove(): Promise<Result<unknown, string>>;
}

/** What disarming goes through. */
export interface DisarmParts {
  /** Of this machine, of an engine elsewhere, or both. */
  readonly takers: readonly WallTaker[];
  /** Undefined where no engine answers. */
  readonly engine: Pick<Engine, 'about' | 'list' | 'inspect'> | undefined;
  /** With what the record says is held; undefined where there is no record. */
  readonly responder: Pick<Responder, 'byPerson' | 'containments' | 'containmentOf'> | undefined;
  /** Whether what is not in the record was not held. */
  readonly isRecordWhole: boolean;
  readonly helper: HelperHand | undefined;
  /** What is known beforehand not to be seen, sentences. */
  readonly unseen: readonly string[];
  /** Ends whatever would put it back. */
  readonly quiet: () => Promise<void>;
}

/** What was found, and what could not be looked at. */
interface Found {
  readonly walls: readonly { readonly taker: WallTaker; readonly found: FoundWalls }[];
  readonly hasHelper: boolean;
  readonly names: ReadonlyMap<ContainerId, string>;
  readonly unseen: readonly string[];
}

/** Disarms by what it is handed; opens nothing. */
export function createDisarmer(parts: DisarmParts): DisarmService {
  const { engine, responder, helper } = parts;
  const held = (): readonly Containment[] => responder?.containments() ?? [];

  async function look(): Promise<Found> {
    const unseen = [...parts.unseen];
    const walls: { taker: WallTaker; found: FoundWalls }[] = [];
    for (const taker of parts.takers) {
      const found = await taker.find();
      if (found.ok) walls.push({ taker, found: found.value });
      else unseen.push(found.error);
    }
    const there = (await helper?.isThere()) ?? ok(false);
    if (!there.ok) unseen.push(there.error);
    const listed = await engine?.list();
    if (listed?.ok === false) unseen.push(listed.error.message);
    const names = new Map(
      (listed?.ok === true ? listed.value : []).map(({ container, name }) => [container, name]),
    );
    return { walls, hasHelper: there.ok && there.value, names, unseen };
  }

  function itemsOf({ walls, hasHelper, names }: Found): readonly DisarmItem[] {
    return [
      ...held().map(heldItem),
      ...walls.flatMap(({ found }) => [
        ...found.containers.map((container) => wallItem(container, names, found.closed)),
        ...(found.ended.length > 0 ? [endedItem(found.ended.length)] : []),
        ...found.gates.map(() => gateItem),
      ]),
      ...(hasHelper ? [helperItem] : []),
    ];
  }

  async function letGo(): Promise<readonly DisarmedItem[]> {
    const done: DisarmedItem[] = [];
    for (const containment of held()) {
      const action = await responder?.byPerson({ kind: 'release' }, containment);
      if (action === undefined) continue;
      const { outcome } = action;
      const words = outcome.state === 'proved' ? outcome.proof : outcomeInWords(outcome);
      const isHeld = responder?.containmentOf(containment.container) !== undefined;
      const item = heldItem(containment);
      done.push({ ...item, failure: isHeld ? words : undefined, proof: isHeld ? '' : words });
    }
    return done;
  }

  /** Whoever is not free after all; every container that the engine has is looked at. */
  async function stillBound(left: string[]): Promise<readonly StillBound[]> {
    if (engine === undefined) return [];
    const listed = await engine.list();
    if (!listed.ok) {
      left.push(
        `Which containers are still paused or cut off is not known: ${listed.error.message}`,
      );
      return [];
    }
    const bound: StillBound[] = [];
    for (const summary of listed.value) {
      if (isOwn(summary)) continue;
      const { container, name, state } = summary;
      const kept = responder?.containmentOf(container);
      const isUp = state === 'running' || state === 'paused' || state === 'restarting';
      if (!isUp && kept === undefined) continue;
      const detail = await engine.inspect(container);
      if (detail.ok) {
        const one = boundOf(detail.value, kept, parts.isRecordWhole, engine.about);
        if (one !== undefined) bound.push(one);
      } else if (detail.error.kind !== 'gone') {
        left.push(`Whether ${name} is free is not known: ${detail.error.message}`);
      }
    }
    return bound;
  }

  async function takeHelper(isNeeded: boolean): Promise<DisarmedItem> {
    if (isNeeded) {
      return { ...helperItem, failure: 'It stays, to take away what is left.', proof: '' };
    }
    const removed = await helper?.remove();
    const failure = removed?.ok === false ? removed.error : undefined;
    return { ...helperItem, failure, proof: failure === undefined ? 'It is removed.' : '' };
  }

  async function disarm(): Promise<DisarmReport> {
    // Before anything ends: what only counts is taken away by whoever put it up.
    const found = await look();
    await parts.quiet();
    const items: DisarmedItem[] = [...(await letGo())];
    const left = [...found.unseen];
    let networks = 0;
    let isAllTaken = found.unseen.length === 0;
    for (const { taker, found: walls } of found.walls) {
      const taken = await taker.take(walls);
      items.push(...takenItems(walls, taken, found.names));
      left.push(...taken.left);
      networks += taken.networks;
      isAllTaken &&= isTaken(taken);
    }
    if (found.hasHelper) items.push(await takeHelper(!isAllTaken));
    const bound = await stillBound(left);
    return { items, bound, proof: isAllTaken ? proofOf(networks) : undefined, left };
  }

  return {
    async disarmList(): Promise<DisarmList> {
      const found = await look();
      return { items: itemsOf(found), unseen: found.unseen };
    },
    disarm,
  };
}

const gateItem: DisarmItem = {
  kind: 'gate',
  container: undefined,
  name: undefined,
  words: 'the gate before the engine’s bridges',
};

const helperItem: DisarmItem = {
  kind: 'helper',
  container: undefined,
  name: undefined,
  words: 'the helper’s container sentra-helper, with its image and network',
};

function heldItem(containment: Containment): DisarmItem {
  const { container, name } = containment;
  return { kind: 'contained', container, name, words: heldInWords(containment) };
}

function wallItem(
  container: ContainerId,
  names: ReadonlyMap<ContainerId, string>,
  closed: readonly ContainerId[],
): DisarmItem {
  const name = names.get(container);
  const what = 'what guards or counts its network';
  const isClosed = closed.includes(container);
  const words = isClosed ? `${what}; CLOSED whole, for its resolver has ended` : what;
  return { kind: 'wall', container, name, words };
}

function endedItem(count: number): DisarmItem {
  const which = count === 1 ? 'a container that runs' : `${count} containers that run`;
  const words = `notes and resolvers of ${which} no more`;
  return { kind: 'wall', container: undefined, name: undefined, words };
}

function takenItems(
  found: FoundWalls,
  { containers, gates }: TakenWalls,
  names: ReadonlyMap<ContainerId, string>,
): readonly DisarmedItem[] {
  const proof = 'nothing of Sentra’s is left';
  const isEnded = ({ container, failure }: Disarmed): boolean =>
    failure === undefined && found.ended.includes(container);
  const ended = containers.filter(isEnded).length;
  return [
    ...containers
      .filter((each) => !isEnded(each))
      .map(({ container, failure }) => ({
        ...wallItem(container, names, found.closed),
        failure,
        proof: failure === undefined ? proof : '',
      })),
    ...(ended > 0 ? [{ ...endedItem(ended), failure: undefined, proof }] : []),
    ...(gates.length === 0
      ? found.gates.map(() => ({ ...gateItem, failure: undefined, proof }))
      : gates.map((failure) => ({ ...gateItem, failure, proof: '' }))),
  ];
}

function isTaken({ containers, gates, left }: TakenWalls): boolean {
  return (
    gates.length === 0 &&
    left.length === 0 &&
    containers.every(({ failure }) => failure === undefined)
  );
}

function proofOf(networks: number): string | undefined {
  if (networks === 0) return undefined;
  const which = networks === 1 ? '1 network was' : `${networks} networks were`;
  return `Read back: ${which} looked into, and none has a table of Sentra’s: they are as Docker left them.`;
}

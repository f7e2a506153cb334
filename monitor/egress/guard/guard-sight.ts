import type { Sight } from '../../model/coverage.ts';
import { sharesKernel, type Workload } from '../../model/workload.ts';
import type { Reading } from '../carrier/carrier.ts';
import { gapSentence, type StartGap } from '../gate/start-gap.ts';
import { isOfEngine } from '../resolver/resolver-config.ts';
import { newTables } from '../wall/wall-drift.ts';
import type { WallPlan } from '../wall/wall-plan.ts';
import type { WallNote } from '../wall/wall-record.ts';

/** What a guard knows when it says how far a container's egress is guarded. */
export interface GuardState {
  readonly plan: Pick<WallPlan, 'mode' | 'names' | 'networks'>;
  readonly reading: Reading;
  readonly standing: WallNote | undefined;
  /** What the last start may have let out; undefined for nothing. */
  readonly gap: StartGap | undefined;
  /** Why nothing held it back; undefined where the gate stands. */
  readonly noGate: string | undefined;
  /** What the last probes could not prove. */
  readonly unproved: string | undefined;
  /** Why the mode ask refuses what it should hold; undefined when it holds it, or need not. */
  readonly cannotAsk: string | undefined;
  /** Whether addresses were put into its sets that could not be followed. */
  readonly isFlooded: boolean;
  /** How many entries of its resolver's log were lost so far. */
  readonly lost: number;
  /** Which allowed name stands for a denied one, a sentence. */
  readonly strayed: string | undefined;
  /** What is wrong with the file of lists. */
  readonly problem: string | undefined;
}

/**
 * Why not everything about a container's egress is guarded; undefined when it is. `unasked` are packets
 * that were refused lately without a question, `lostLately` entries of its resolver's log; `ownStack` is
 * that its list cannot decide, since its frames pass the machine's network code by.
 */
export function whyPartly(
  state: GuardState & {
    readonly unasked?: number | undefined;
    readonly lostLately?: number | undefined;
    readonly ownStack?: string | undefined;
  },
): string | undefined {
  const { reading, standing, gap } = state;
  if (state.ownStack !== undefined) return state.ownStack;
  if (reading.powers.administers) {
    return 'It holds CAP_NET_ADMIN and can take its wall down; that is looked at every 5 s.';
  }
  const tables = standing === undefined ? [] : newTables(standing, reading);
  if (tables.length > 0) {
    return `Tables that Sentra did not make are in its network, and may turn packets elsewhere: ${tables.slice(0, 3).join(', ')}.`;
  }
  if (gap !== undefined) return gapSentence(gap, state.noGate ?? 'the gate was not there yet');
  const losses = lossesOf(state);
  if (losses.length > 0) return losses.join(' ');
  return state.strayed ?? whoCanBeForged(state) ?? state.problem;
}

/**
 * Whether a container of that runtime has network code of its own, by frames that passed this machine's
 * by: a sentence. The second wall refuses them all; which of them the list allows it cannot tell.
 */
export function ownStackOf(
  { runtime }: Pick<Workload, 'runtime'>,
  { listing }: Pick<Reading, 'listing'>,
): string | undefined {
  if (sharesKernel(runtime) || (listing?.counters['frames'] ?? 0) === 0) return undefined;
  return `${runtime} sends past this machine’s own network code, where no list can be kept to: nothing gets out, also what its list allows. With --network=host among the arguments of gVisor’s runtime its list decides.`;
}

/** What comes with a crowd, and all of it at once: none hides another. */
function lossesOf(state: Parameters<typeof whyPartly>[0]): readonly string[] {
  const { isFlooded, unproved, cannotAsk, unasked, lostLately } = state;
  return [
    isFlooded
      ? 'Not all addresses that allowed names led to could be followed; one that somebody else put among them would not be noticed.'
      : undefined,
    lostLately === undefined
      ? undefined
      : `Not every name that it asked for is told: ${lostLately} entries of its resolver’s log were lost, for Sentra was stopped or could not follow.`,
    unproved === undefined ? undefined : `That its wall holds cannot be proved: ${unproved}.`,
    cannotAsk === undefined
      ? undefined
      : `Nobody is asked, and what no rule allows is refused: ${cannotAsk}.`,
    unasked === undefined
      ? undefined
      : `It tries more than anybody can be asked about: ${unasked === 1 ? '1 packet was refused without a question, or waits' : `${unasked} packets were refused without a question, or wait`} to be tried again.`,
  ].filter((each) => each !== undefined);
}

/** What a wall of this kind lets by, by what its list allows: a short sentence each. */
export function namedLimits({ plan, reading }: Pick<GuardState, 'plan' | 'reading'>): string[] {
  if (plan.mode === 'observe') return [];
  const open = plan.names.filter(({ name }) => !isOfEngine(name, plan.networks));
  const below = open.filter((each) => each.below.kind === 'allowed');
  const isPublic = below.length > 0 || open.some(({ itself }) => itself.kind === 'allowed');
  const limits: string[] = [];
  // Only who may send raw packets chooses what is in them: for all others the kernel asks, and for
  // addresses that the wall lets through.
  if (reading.powers.sendsRaw) {
    limits.push(
      'Frames that ask for addresses (ARP, and neighbour discovery of IPv6) reach its neighbours on the same network with any content: start it with --cap-drop NET_RAW, or give it a network of its own.',
    );
  }
  if (isPublic) {
    limits.push(
      'What the servers of allowed names serve under other names, or for others by the same certificate, is reached too.',
    );
  }
  const [first] = below;
  if (first !== undefined) {
    const more = below.length > 1 ? `, and ${below.length - 1} more such` : '';
    limits.push(
      `A tunnel in the names below *.${cut(first.name)}${more} is found afterwards, and not kept back.`,
    );
  }
  return limits;
}

/** A name that a person wrote may be long. */
function cut(name: string): string {
  return name.length <= 80 ? name : `${name.slice(0, 79)}…`;
}

/**
 * Docker's own resolver answers for services beside the container, on the container's own loopback:
 * who may send raw packets can be quicker.
 */
function whoCanBeForged({ plan, reading }: GuardState): string | undefined {
  if (!reading.powers.sendsRaw || plan.networks.length === 0) return undefined;
  const service = plan.names.find(
    ({ name, itself }) => itself.kind === 'allowed' && !name.includes('.'),
  );
  return service === undefined
    ? undefined
    : `Its root may send raw packets (CAP_NET_RAW), and so lead the allowed name ${service.name} to an address of its choice: start it with --cap-drop NET_RAW.`;
}

/**
 * What is seen of a container that only is observed; `unheard` is why no names are heard in its
 * network, without a capital, undefined when they are.
 */
export function observedSight(
  { runtime }: Pick<Workload, 'runtime'>,
  { powers }: Pick<Reading, 'powers'>,
  unheard: string | undefined,
): Sight {
  if (powers.administers) {
    return { state: 'partly', reason: 'It holds CAP_NET_ADMIN, and can change what is counted.' };
  }
  if (!sharesKernel(runtime)) {
    const reason = `What ${runtime} sends past this machine’s own network code is not counted.`;
    return { state: 'partly', reason };
  }
  const limit =
    unheard === undefined
      ? 'Names are those asked and answered by plain DNS over UDP in its network, which it could forge; what it asks over TCP, TLS or HTTPS is not heard.'
      : `It is told by address alone, and a tunnel in the names it asks would not be noticed: ${unheard}.`;
  return { state: 'seeing', unguarded: true, limits: [limit] };
}

/** Why nothing is to be observed of a container without a network of its own. */
export function whyNotWatched({ network }: Pick<Workload, 'network'>): string {
  switch (network.kind) {
    case 'host':
      return 'It uses the network of the machine itself, where nobody can tell what is its own.';
    case 'shared':
      return `It lives in the network of ${network.with.slice(0, 12)}, and is counted there.`;
    case 'none':
    case 'own':
      return 'It has no network, so there is nothing to see.';
  }
}

/** Why a container has no network of its own to guard. */
export function whyNotOwn({ network }: Workload): string {
  switch (network.kind) {
    case 'host':
      return 'It uses the network of the machine itself, which is not guarded.';
    case 'shared':
      return `It lives in the network of ${network.with.slice(0, 12)}: give that one a list.`;
    case 'none':
    case 'own':
      return 'It has no network that could be guarded.';
  }
}

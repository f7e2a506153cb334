import type { Moment } from '../../model/time.ts';
import { addressValue, isPrivate } from '../list/address.ts';
import { createAskedTally, type AskedTally } from '../names/asked-tally.ts';
import type { NameVerdict } from '../wall/name-plan.ts';
import { answerPort, refusalAddress } from '../wall/wall-numbers.ts';
import { keptSet, type KnownAddress } from '../wall/wall-sets.ts';

/** One line of the resolver's log, as far as it tells something here. Names are untrusted text. */
export interface ResolverFact {
  /** Ties the lines of one question together. */
  readonly serial: string;
  /**
   * The question was asked of a name server, refused or held, its answer speaks of that name, is that
   * there is none, or was put into a kernel set.
   */
  readonly verb: 'forwarded' | 'refused' | 'held' | 'reply' | 'failure' | 'set';
  /** The name; of `set` the address. */
  readonly value: string;
  readonly set: string;
}

const line =
  /^dnsmasq\[\d+\]: (\d+) [0-9a-f.:]+\/\d+ (?:(?<verb>config|forwarded|reply) (?<name><name unprintable>|\S+) (?:is (?<answer>\S+)|to (?<server>\S+))|nftset add [46] inet sentra (?<set>n[46]_\w+) (?<address>[0-9a-f.:]+) \S+)$/;

/** So many entries found no room, since nobody read them in time. */
const overflow = /^dnsmasq\[\d+\]: overflow: (\d+) log entries lost$/;

/** How many entries of the log a line stands for that nobody will read; 0 for a line that can be read. */
function lostBy(text: string): number {
  if (text === '') return 1;
  return Number(overflow.exec(text)?.[1] ?? 0);
}

/** A failure is told as the answer about a name that is called so. */
const failure = 'error';

/** What refused names are answered with, whatever was asked about them. */
const refusedAnswer = new RegExp(
  `^(?:${refusalAddress.replaceAll('.', '[.]')}|NXDOMAIN|NODATA\\S*)$`,
);

/** Understands one line of dnsmasq's `log-queries=extra`; undefined for one that tells nothing here. */
export function readResolverLine(text: string): ResolverFact | undefined {
  const match = line.exec(text);
  const serial = match?.[1];
  const groups = match?.groups;
  if (serial === undefined || groups === undefined) return undefined;
  const { verb, name, answer, server, set, address } = groups;
  if (set !== undefined && address !== undefined)
    return { serial, verb: 'set', value: address, set };
  if (name === undefined) return undefined;
  // A name that nobody has decided about is held: nothing of it is sent.
  const isHeld = server === `127.0.0.1#${answerPort}`;
  if (verb === 'forwarded') {
    return { serial, verb: isHeld ? 'held' : verb, value: name, set: '' };
  }
  if (verb === 'reply') {
    const isFailure = answer === 'NXDOMAIN' || name === failure;
    return { serial, verb: isFailure ? 'failure' : verb, value: name, set: '' };
  }
  const isRefused = answer !== undefined && refusedAnswer.test(answer);
  return isRefused ? { serial, verb: 'refused', value: name, set: '' } : undefined;
}

/** A question that went to a name server: the container's, Sentra's own, or one whose answer has come. */
interface Question {
  readonly name: string;
  state: 'asked' | 'own' | 'over';
}

/** A name that was asked, and one that it stands for (a CNAME). */
export interface NameAlias {
  readonly name: string;
  readonly to: string;
}

/** Names by address, and how often names were asked; bounded, the oldest go first. */
export interface NameTable {
  /** A line of the log; an empty one stands for one that was passed over. */
  line(text: string, at: Moment): void;
  /** The next question about that name is Sentra's own, and is not counted among those asked. */
  expectOwn(name: string): void;
  /** The name that led to the address last. */
  nameOf(address: string): string | undefined;
  /** What was asked of the resolver. */
  readonly asked: Pick<AskedTally, 'take' | 'takeOmitted'>;
  /** How many entries of the log were lost so far: nobody read them in time, or they were passed over. */
  lost(): number;
  /** What the answers said that names stand for; the same list while nothing is added. */
  aliases(): readonly NameAlias[];
  /** Whether a name led to the address, so that the resolver put it into that set. */
  explains(set: string, address: string): boolean;
  /** What is in the kernel's sets now needs no further explanation. */
  acceptAll(elements: readonly { readonly set: string; readonly address: string }[]): void;
  /** Whether entries were lost or forgotten since the last `acceptAll`. */
  isIncomplete(): boolean;
  /**
   * What a wall's sets are to hold of what names led to, as the names are decided about now, for what
   * is left of twice the greatest time to live, seconds.
   */
  known(
    decide: (name: string) => NameVerdict,
    now: Moment,
    ttlSeconds: number,
  ): readonly KnownAddress[];
}

const mostAddresses = 4096;
const mostNamesOfOne = 8;
const mostSerials = 256;
const mostExplained = 16_384;
const mostAliases = 1024;
/** Of one name; one that was never asked hides at most so many that the container asks. */
const mostOwn = 3;

/** An empty table. */
export function createNameTable(): NameTable {
  /** When which names led to an address, the last one last. */
  const byAddress = new Map<string, Map<string, Moment>>();
  /** Questions that went to a name server. */
  const bySerial = new Map<string, Question>();
  const asked = createAskedTally();
  const aliases = new Map<string, NameAlias>();
  let toldAliases: readonly NameAlias[] = [];
  /** How many questions are still to come that are Sentra's own. */
  const own = new Map<string, number>();
  let lost = 0;
  let explained = new Set<string>();
  let isIncomplete = false;

  /** Whether the next question about the name that goes to a name server is Sentra's own. */
  function takeOwn(name: string): boolean {
    const due = own.get(name) ?? 0;
    if (due > 0) own.set(name, due - 1);
    return due > 0;
  }

  function noteForwarded(serial: string, name: string): void {
    const known = bySerial.get(serial);
    // Told for each server that it was sent to; a resolver that was started anew counts from 1 again.
    if (known?.name === name && known.state !== 'over') return;
    const state = takeOwn(name) ? 'own' : 'asked';
    trim(bySerial, mostSerials);
    bySerial.set(serial, { name, state });
    if (state === 'asked') asked.asked(name, 'forwarded');
  }

  function noteReply(serial: string, to: string, isFailure: boolean): void {
    const question = bySerial.get(serial);
    if (question === undefined) return;
    noteAlias(question.name, to);
    // A chain of aliases and several addresses are told line by line.
    if (!isFailure && question.state === 'asked') asked.answered(question.name);
    question.state = 'over';
  }

  function noteAlias(name: string, to: string): void {
    if (to === failure || name === to || aliases.has(`${name} ${to}`)) return;
    trim(aliases, mostAliases);
    aliases.set(`${name} ${to}`, { name, to });
    toldAliases = [...aliases.values()];
  }

  return {
    line(text, at) {
      const lostNow = lostBy(text);
      lost += lostNow;
      if (lostNow > 0) isIncomplete = true;
      const fact = readResolverLine(text);
      if (fact === undefined) return;
      const { serial, verb, value } = fact;
      const lower = value.toLowerCase();
      if (verb === 'refused' || verb === 'held') {
        asked.asked(lower, verb);
        return;
      }
      if (verb === 'forwarded') {
        noteForwarded(serial, lower);
        return;
      }
      if (verb === 'reply' || verb === 'failure') {
        noteReply(serial, lower, verb === 'failure');
        return;
      }
      if (explained.size < mostExplained) explained.add(keyOf(fact.set, value));
      else isIncomplete = true;
      const name = bySerial.get(serial)?.name;
      if (name === undefined) return;
      const known = byAddress.get(value) ?? new Map<string, Moment>();
      byAddress.delete(value);
      trim(byAddress, mostAddresses);
      byAddress.set(value, known);
      known.delete(name);
      trim(known, mostNamesOfOne);
      known.set(name, at);
    },
    expectOwn(name) {
      own.set(name, Math.min((own.get(name) ?? 0) + 1, mostOwn));
    },
    nameOf: (address) => [...(byAddress.get(address)?.keys() ?? [])].at(-1),
    asked,
    lost: () => lost,
    aliases: () => toldAliases,
    explains: (set, address) => explained.has(keyOf(set, address)),
    acceptAll(elements) {
      // What is on its way through the log stays explained, unless there is too much of it.
      if (explained.size + elements.length > mostExplained) explained = new Set();
      for (const { set, address } of elements) explained.add(keyOf(set, address));
      isIncomplete = false;
    },
    isIncomplete: () => isIncomplete,
    known: (decide, now, ttlSeconds) =>
      [...byAddress].flatMap(([address, known]) =>
        [...known].flatMap(([name, at]) => {
          const seconds = Math.floor(2 * ttlSeconds - (now - at) / 1000);
          if (seconds < 1 || seconds > 2 * ttlSeconds) return [];
          return setsOf(address, decide(name)).map((set) => ({ set, address, seconds }));
        }),
      ),
  };
}

/** What is kept of the addresses of a set is explained as they are: `n4_any_any`, `k4_any_any`. */
function keyOf(set: string, address: string): string {
  return `${set.slice(1)} ${address}`;
}

/** The sets that the address is kept in by a name that is decided about so. */
function setsOf(address: string, verdict: NameVerdict): readonly string[] {
  const value = addressValue(address);
  if (verdict.kind === 'denied' || value === undefined) return [];
  if (isPrivate(value) && !verdict.local) return [];
  const { classes, local } = verdict;
  return classes.map((each) => keptSet(value.family, { ...each, local }));
}

function trim(map: Map<string, unknown>, most: number): void {
  if (map.size < most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

import type { WorkloadKey } from '../model/workload.ts';
import { createAlarmBudget, defaultAlarmsPerDay, type AlarmBudget } from './budget/alarm-budget.ts';
import { packBudget, unpackBudget, type PackedBudget } from './budget/packed-budget.ts';
import {
  createLearnedDomains,
  packDomains,
  unpackDomains,
  type LearnedDomains,
} from './dns/name-tunnel.ts';
import {
  createLearnedPlaces,
  packPlaces,
  unpackPlaces,
  type LearnedPlaces,
  type PackedPlaces,
} from './egress/learned-places.ts';
import type { LearnedVolumes } from './egress/place-volume.ts';
import {
  createEscapeHistory,
  packEscapes,
  unpackEscapes,
  type EscapeHistory,
  type PackedEscapes,
} from './escape-history.ts';
import type { SeriesName } from './series.ts';
import {
  createLevelCore,
  packLevel,
  unpackLevel,
  type LevelCore,
  type PackedLevel,
} from './series/level-core.ts';
import {
  createCallsAfter,
  createLearnedCalls,
  packCalls,
  unpackCalls,
  type LearnedCalls,
  type PackedCalls,
} from './syscalls/learned-calls.ts';
import {
  createLearnedMixes,
  createMixesAfter,
  packMixes,
  unpackMixes,
  type LearnedMixes,
  type PackedMixes,
} from './syscalls/learned-mixes.ts';
import {
  createTogetherCore,
  packTogether,
  unpackTogether,
  type PackedTogether,
  type TogetherCore,
} from './together/together-core.ts';

/** The series core of each resource series. */
export type SeriesCores = Readonly<Record<SeriesName, LevelCore>>;

/** What is known of one container, and not mixed with another's. */
export interface OwnCores {
  readonly cores: SeriesCores;
  readonly together: TogetherCore;
}

/** What is known of a workload beside the ranges of its series, and its budget of alarms. */
export interface Profile {
  /** Those of the container of the workload that was taken in first. */
  readonly cores: SeriesCores;
  /** Of the same container. */
  readonly together: TogetherCore;
  readonly calls: LearnedCalls;
  readonly mixes: LearnedMixes;
  readonly domains: LearnedDomains;
  readonly places: LearnedPlaces;
  readonly volumes: LearnedVolumes;
  readonly escapes: EscapeHistory;
  readonly budget: AlarmBudget;
}

/** Cores that have seen nothing. */
export function createCores(): SeriesCores {
  return mapCores(() => createLevelCore());
}

/** Cores that know the same and go their own way. */
export function copyCores({ cores, together }: OwnCores): OwnCores {
  return {
    cores: mapCores((name) => unpackLevel(packLevel(cores[name]))),
    together: unpackTogether(packTogether(together)),
  };
}

function mapCores<Core>(core: (name: SeriesName) => Core): Record<SeriesName, Core> {
  return {
    cpu: core('cpu'),
    memory: core('memory'),
    processes: core('processes'),
    sent: core('sent'),
    received: core('received'),
    block: core('block'),
  };
}

/** Nothing known. */
export function createProfile(alarmsPerDay = defaultAlarmsPerDay): Profile {
  return {
    cores: createCores(),
    together: createTogetherCore(),
    calls: createLearnedCalls(),
    mixes: createLearnedMixes(),
    domains: createLearnedDomains(),
    places: createLearnedPlaces(),
    volumes: new Map(),
    escapes: createEscapeHistory(),
    budget: createAlarmBudget(alarmsPerDay),
  };
}

/**
 * The profile of a workload that is new, while another of the same image is known: what that one calls
 * and asks for is no news here. Its levels are its own, and so is the history that claims rest on.
 */
export function createProfileAfter(sibling: Profile, alarmsPerDay: number): Profile {
  return {
    ...createProfile(alarmsPerDay),
    calls: createCallsAfter(sibling.calls),
    mixes: createMixesAfter(sibling.mixes),
    domains: unpackDomains(packDomains(sibling.domains)),
    places: unpackPlaces(packPlaces(sibling.places)),
    volumes: new Map(sibling.volumes),
  };
}

/** A profile as JSON. Each part stands for itself: one that cannot be read is learned anew. */
export interface PackedProfile {
  readonly cores: Readonly<Record<SeriesName, PackedLevel>>;
  /** Absent where an earlier Sentra wrote it. */
  readonly together?: PackedTogether;
  readonly calls: PackedCalls;
  readonly mixes: PackedMixes;
  readonly domains: readonly (readonly [string, number])[];
  readonly places: PackedPlaces;
  readonly volumes: readonly (readonly [string, number])[];
  readonly escapes: PackedEscapes;
  readonly budget: PackedBudget;
}

/** For storing. */
export function packProfile({
  cores,
  together,
  calls,
  mixes,
  domains,
  places,
  volumes,
  escapes,
  budget,
}: Profile): PackedProfile {
  return {
    cores: mapCores((name) => packLevel(cores[name])),
    together: packTogether(together),
    calls: packCalls(calls),
    mixes: packMixes(mixes),
    domains: packDomains(domains),
    places: packPlaces(places),
    volumes: [...volumes],
    escapes: packEscapes(escapes),
    budget: packBudget(budget),
  };
}

/** What `packProfile` gave, read back; what is missing is new. The caller has checked the shapes. */
export function unpackProfile(packed: Partial<PackedProfile>): Profile {
  const { cores, together, calls, mixes, domains, places, volumes, escapes, budget } = packed;
  return {
    cores: cores === undefined ? createCores() : mapCores((name) => unpackLevel(cores[name])),
    together: together === undefined ? createTogetherCore() : unpackTogether(together),
    calls: calls === undefined ? createLearnedCalls() : unpackCalls(calls),
    mixes: mixes === undefined ? createLearnedMixes() : unpackMixes(mixes),
    domains: domains === undefined ? createLearnedDomains() : unpackDomains(domains),
    places: places === undefined ? createLearnedPlaces() : unpackPlaces(places),
    volumes: new Map(volumes),
    // An earlier Sentra kept none: what came before it is not known.
    escapes: escapes === undefined ? createEscapeHistory(calls?.watchedMs) : unpackEscapes(escapes),
    budget: budget === undefined ? createAlarmBudget() : unpackBudget(budget),
  };
}

/**
 * The image's repository in a workload's key, up to and with the mark behind it; undefined where the
 * image is known by its id only, and so by nothing that tells images apart.
 */
export function imagePrefixOf(workload: WorkloadKey): string | undefined {
  const end = workload.indexOf('#');
  const prefix = workload.slice(0, end + 1);
  return prefix === '' || prefix === 'untagged#' ? undefined : prefix;
}

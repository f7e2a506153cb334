import { seededNumbers } from '../scenarios/work.ts';
import { DataSetError } from './detect/data-set-error.ts';
import { atLeast, atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { quantile } from './statistics.ts';
import { traitsOf } from './work/container-traits.ts';
import { horizonMs, strengths, type Incident, type Strength } from './work/incident.ts';
import { incidents } from './work/incidents.ts';
import { stitchedWork } from './work/stitched-work.ts';
import { toldWithout, tryIncident, watchWork, type Trial, type Watched } from './work/trial.ts';
import { readWork } from './work/work-recording.ts';

export const title = 'Incidents of every kind and strength, injected into recorded work';
export const needsEngine = false;

/** The trials of one kind in one strength, in all containers. */
interface Cell {
  readonly incident: Incident;
  readonly strength: Strength;
  readonly trials: readonly Trial[];
}

/** A container of the recording as it was watched, and what its work leads to without an incident. */
interface WatchedWork {
  readonly state: Watched;
  readonly without: ReadonlySet<string>;
}

const minute = 60_000;
/** In minutes. */
const day = 24 * 60;

/**
 * Each container of the recording is watched at its work for a day; then each incident begins at a moment drawn
 * by a seed, twice in each container. What a day of history was too short to tell begins again after two. In
 * the short form after half an hour, and once.
 */
export async function run({ short, signal, say, recording }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  if (recording === undefined) {
    throw new DataSetError(
      'Name a recording by --recording FILE; "npm run bench -- work --recording FILE" makes one.',
    );
  }
  const work = await readWork(recording);
  const random = seededNumbers(1);
  const watchFor = (watchedMs: number): WatchedWork[] =>
    work.containers.map((container, index) => {
      signal.throwIfAborted();
      const stitched = stitchedWork(container, work.head.startedAt, seededNumbers(100 + index));
      const span = { watchedMs, nextMs: 21 * minute };
      const state = watchWork(work.head, traitsOf(container), stitched, span);
      return { state, without: toldWithout(state) };
    });
  async function tryOut(
    incident: Incident,
    strength: Strength,
    watched: readonly WatchedWork[],
  ): Promise<Cell> {
    const trials: Trial[] = [];
    for (const { state, without } of watched) {
      for (let round = 0; round < (short ? 1 : 2); round += 1) {
        signal.throwIfAborted();
        const onset = (state.next[0]?.at ?? 0) + random() * 5 * minute;
        const injection = incident.inject(strength, state.traits, random);
        trials.push(tryIncident(state, injection, onset, horizonMs[strength], without));
      }
    }
    const cell = { incident, strength, trials };
    say(inWords(cell));
    await new Promise((resolve) => setImmediate(resolve));
    return cell;
  }

  const watched = watchFor((short ? 30 : day) * minute);
  say(`${watched.length} containers were watched at their work.`);
  const cells: Cell[] = [];
  for (const incident of incidents) {
    for (const strength of strengths) cells.push(await tryOut(incident, strength, watched));
  }
  const results = resultsOf(cells);
  const missed = short ? [] : cells.filter((cell) => !isFound(cell));
  if (missed.length === 0) return { results };
  say('After two days, what was missed after one:');
  const longer = watchFor(2 * day * minute);
  const again: Cell[] = [];
  for (const { incident, strength } of missed) {
    again.push(await tryOut(incident, strength, longer));
  }
  return { results: [...results, ...again.flatMap((cell) => figuresOf(cell, ', after two days'))] };
}

/** Seconds to the right finding, of those trials that led to one. */
function secondsOf(trials: readonly Trial[]): number[] {
  return trials.flatMap(({ foundMs }) => (foundMs === undefined ? [] : [foundMs / 1000]));
}

function inWords({ incident, strength, trials }: Cell): string {
  const seconds = secondsOf(trials);
  const head = `${incident.name}, ${strength} (${incident.meaning[strength]})`.padEnd(58);
  const found = `${seconds.length} of ${trials.length} found`;
  const count = (words: readonly string[]): string =>
    [...new Set(words)]
      .map((word) => `${word} ${words.filter((each) => each === word).length}`)
      .join(', ');
  const kinds = count(
    trials.flatMap(({ finding }) => (finding === undefined ? [] : [finding.kind])),
  );
  const beside = count(trials.flatMap(({ beside }) => beside));
  const missed = trials.filter(({ foundMs }) => foundMs === undefined);
  const infos = count(missed.flatMap(({ infos }) => infos));
  return [
    head,
    found,
    ...(seconds.length === 0
      ? []
      : [
          `after ${quantile(seconds, 0.5).toFixed(1)} s (p90 ${quantile(seconds, 0.9).toFixed(1)})`,
        ]),
    ...(kinds === '' ? [] : [`by ${kinds}`]),
    ...(beside === '' ? [] : [`also told: ${beside}`]),
    ...(infos === '' ? [] : [`only recorded where missed: ${infos}`]),
  ].join('; ');
}

/** In nine of ten containers and moments. */
function isFound({ trials }: Cell): boolean {
  return secondsOf(trials).length >= 0.9 * trials.length;
}

/** The share that was found, and how soon. */
function figuresOf({ incident, strength, trials }: Cell, when = ''): readonly BenchResult[] {
  const seconds = secondsOf(trials);
  const name = `${incident.name}, ${strength}${when}`;
  const found = atLeast(`${name}: found`, seconds.length / trials.length, 'share', null);
  const results: BenchResult[] = [{ ...found, n: trials.length }];
  if (seconds.length === 0) return results;
  const p50 = atMost(`${name}: p50`, { value: quantile(seconds, 0.5) }, 's', null);
  return [...results, { ...p50, n: seconds.length }];
}

function resultsOf(cells: readonly Cell[]): readonly BenchResult[] {
  const kindsFound = (strength: Strength): number =>
    cells.filter((cell) => cell.strength === strength && isFound(cell)).length;
  const strong = cells.filter(({ strength }) => strength === 'strong');
  const medians = strong.flatMap(({ trials }) => {
    const seconds = secondsOf(trials);
    return seconds.length === 0 ? [] : [quantile(seconds, 0.5)];
  });
  return [
    ...strengths.map((strength) =>
      atLeast(
        `${strength} kinds found`,
        kindsFound(strength),
        `of ${incidents.length}`,
        targetOf('incidents', `${strength} kinds found`),
      ),
    ),
    atMost(
      'strong kinds, p50 over all',
      {
        value: quantile(
          strong.flatMap(({ trials }) => secondsOf(trials)),
          0.5,
        ),
      },
      's',
      targetOf('incidents', 'strong kinds, p50 over all'),
    ),
    atMost('slowest strong kind, p50', { value: Math.max(...medians) }, 's', null),
    ...cells.flatMap((cell) => figuresOf(cell)),
  ];
}

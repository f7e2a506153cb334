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

const minute = 60_000;

/**
 * Each container of the recording is watched at its work for a day; then each incident begins at a moment drawn
 * by a seed, twice in each container. In the short form after half an hour, and once.
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
  const watched: { readonly state: Watched; readonly without: ReadonlySet<string> }[] = [];
  for (const [index, container] of work.containers.entries()) {
    signal.throwIfAborted();
    const stitched = stitchedWork(container, work.head.startedAt, seededNumbers(100 + index));
    const state = watchWork(work.head, traitsOf(container), stitched, {
      watchedMs: (short ? 30 : 24 * 60) * minute,
      nextMs: 21 * minute,
    });
    watched.push({ state, without: toldWithout(state) });
  }
  say(`${watched.length} containers were watched at their work.`);
  const cells: Cell[] = [];
  for (const incident of incidents) {
    for (const strength of strengths) {
      const trials: Trial[] = [];
      for (const { state, without } of watched) {
        for (let round = 0; round < (short ? 1 : 2); round += 1) {
          signal.throwIfAborted();
          const onset = (state.next[0]?.at ?? 0) + random() * 5 * minute;
          const injection = incident.inject(strength, state.traits, random);
          const until = horizonMs[strength];
          trials.push(tryIncident(state, incident, injection, onset, until, without));
        }
      }
      const cell = { incident, strength, trials };
      cells.push(cell);
      say(inWords(cell));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { results: resultsOf(cells) };
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

function resultsOf(cells: readonly Cell[]): readonly BenchResult[] {
  const isFound = ({ trials }: Cell): boolean => secondsOf(trials).length >= 0.9 * trials.length;
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
    ...cells.flatMap(({ incident, strength, trials }) => {
      const seconds = secondsOf(trials);
      const name = `${incident.name}, ${strength}`;
      return [
        {
          ...atLeast(`${name}: found`, seconds.length / trials.length, 'share', null),
          n: trials.length,
        },
        ...(seconds.length === 0
          ? []
          : [
              {
                ...atMost(`${name}: p50`, { value: quantile(seconds, 0.5) }, 's', null),
                n: seconds.length,
              },
            ]),
      ];
    }),
  ];
}

import { seededNumbers } from '../scenarios/work.ts';
import { DataSetError } from './detect/data-set-error.ts';
import { atLeast, atMost, type BenchOptions, type BenchResult } from './result.ts';
import { poissonUpperBound } from './statistics.ts';
import { asIfAbroad } from './work/abroad.ts';
import { replayForDays, type ReplayedDays } from './work/replayed-days.ts';
import { readWork, type WorkRecording } from './work/work-recording.ts';

export const title = 'False alarms a container and day in recorded work, against the budget set';
export const needsEngine = false;

/** False alarms of one container and day that a person bears. */
const budgets = [0.2, 1, 5] as const;

/** How many times as many bytes are sent abroad as was recorded. */
const uploads = [1, 10] as const;

/**
 * Replays 300 container-hours of recorded work, its phases in ever other orders, at each budget; and at a
 * budget of 1 as if what it talks to were abroad, so that what each place gets is judged. In the short form
 * 12 container-hours.
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
  // So many after learning.
  const hours = (short ? 12 : 300) / work.containers.length + work.head.learnMs / 3_600_000;
  const recordedDays = recordedMsOf(work) / 86_400_000;
  const results: BenchResult[] = [];
  async function replay(name: string, of: WorkRecording, alarmsPerDay: number): Promise<void> {
    const random = seededNumbers(1);
    const days = await replayForDays(of, { alarmsPerDay, hours, random, signal });
    for (const line of inWords(days)) say(`${name}: ${line}`);
    results.push(...resultsOf(name, alarmsPerDay, days, recordedDays));
  }
  for (const alarmsPerDay of budgets) await replay(`budget ${alarmsPerDay}`, work, alarmsPerDay);
  for (const times of short ? [] : uploads) {
    await replay(`budget 1, abroad, ${times} times as much sent`, asIfAbroad(work, times), 1);
  }
  return { results };
}

function inWords({ alarms, containerDays }: ReplayedDays): readonly string[] {
  const kinds = [...new Set(alarms.map(({ finding }) => finding.kind))];
  return [
    `${alarms.length} alarms in ${(containerDays * 24).toFixed(0)} container-hours after learning`,
    ...kinds.map((kind) => {
      const ofKind = alarms.filter(({ finding }) => finding.kind === kind);
      return `${ofKind.length} of ${kind}, such as: ${ofKind[0]?.finding.sentence ?? ''}`;
    }),
  ];
}

/** Time that was really recorded, of all containers: the rest repeats it in other orders. */
function recordedMsOf({ containers }: WorkRecording): number {
  return containers
    .flatMap(({ phases }) => phases)
    .reduce((sum, { from, to }) => sum + (to - from), 0);
}

function resultsOf(
  name: string,
  alarmsPerDay: number,
  days: ReplayedDays,
  recordedDays: number,
): readonly BenchResult[] {
  const { alarms, containerDays } = days;
  return [
    {
      ...atMost(
        `${name}: alarms a container-day`,
        { value: alarms.length / containerDays },
        'alarms',
        2 * alarmsPerDay,
      ),
      // The bound is printed, and the rate itself held against the target.
      low: 0,
      high: poissonUpperBound(alarms.length) / containerDays,
      n: alarms.length,
    },
    atMost(
      `${name}: upper 95 % bound`,
      { value: poissonUpperBound(alarms.length) / containerDays },
      'alarms',
      null,
    ),
    // Were the same phases in another order no more than the same phases.
    atMost(
      `${name}: upper 95 % bound by what was recorded`,
      {
        value:
          (poissonUpperBound(alarms.length) / containerDays) *
          Math.max(1, containerDays / recordedDays),
      },
      'alarms',
      null,
    ),
    atMost(
      `${name}: of them in the first two hours`,
      { value: alarms.filter(({ afterMs }) => afterMs < 7_200_000).length },
      'alarms',
      null,
    ),
    atLeast(`${name}: container-hours`, containerDays * 24, 'h', null),
  ];
}

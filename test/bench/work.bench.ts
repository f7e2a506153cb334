import { resolve } from 'node:path';
import type { Finding } from '../../monitor/model/finding.ts';
import { readRecording } from '../../monitor/pipeline/recording/recording.ts';
import { replayedDetection, replayEntry } from '../../monitor/pipeline/recording/replay.ts';
import { engineSocket } from '../engine/capabilities.ts';
import { spendWorkTime } from '../scenarios/work-time.ts';
import { activities } from '../scenarios/work.ts';
import { atLeast, atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';

export const title =
  'False alarms in an hour of installs, compiles, test runs, git, edits and idling in turn';
export const needsEngine = true;

/**
 * Ten agents work for an hour, after the five minutes in which they are learned; in the short form
 * three for 70 seconds, learned for 20. `recording` names a new file for what the detectors see.
 */
export async function run({ short, signal, say, recording }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const spent = await spendWorkTime({
    socket: engineSocket(),
    containers: short ? 3 : 10,
    seconds: short ? 90 : 3_900,
    leastSeconds: short ? 6 : 90,
    ...(short ? { learnMs: 20_000 } : {}),
    recordFile: recording === undefined ? undefined : resolve(recording),
    signal,
    say,
  });
  for (const alarm of [...spent.alarms, ...spent.alarmsWhileLearning]) {
    const when = new Date(alarm.onsetAt).toISOString().slice(11, 19);
    say(`${when} ${alarm.severity} ${alarm.kind}: ${alarm.sentence}`);
  }
  const kinds = new Set(spent.marks.map(({ activity }) => activity));
  return {
    results: [
      atMost(
        'alarms after learning',
        { value: spent.alarms.length },
        'alarms',
        targetOf('work', 'alarms after learning'),
      ),
      atMost('alarms while learning', { value: spent.alarmsWhileLearning.length }, 'alarms', null),
      atMost('findings of severity info', { value: spent.infos }, 'findings', null),
      atLeast('container hours', (spent.containers * spent.seconds) / 3600, 'h', null),
      ...(recording === undefined ? [] : [await replayedOtherwise(resolve(recording), spent.told)]),
      // Else nothing would have been shown.
      atLeast('kinds of work done', kinds.size, 'kinds', activities.length),
      atLeast('turns begun', spent.marks.length, 'turns', null),
    ],
  };
}

/** Judges the recording again, and counts what is not told as it was live, byte for byte. */
async function replayedOtherwise(path: string, told: readonly Finding[]): Promise<BenchResult> {
  const read = await readRecording(path);
  if (!read.ok) throw new Error(read.error);
  const detection = replayedDetection(read.value.head);
  let count = 0;
  let different = 0;
  for await (const entry of read.value.entries) {
    if (!entry.ok) throw new Error(entry.error);
    for (const finding of replayEntry(detection, entry.value)) {
      if (JSON.stringify(finding) !== JSON.stringify(told[count])) different += 1;
      count += 1;
    }
  }
  different += Math.max(0, told.length - count);
  const target = targetOf('work', 'findings replayed otherwise');
  return {
    ...atMost('findings replayed otherwise', { value: different }, 'versions', target),
    n: count,
  };
}

import { engineSocket } from '../engine/capabilities.ts';
import { spendQuietTime } from '../scenarios/quiet-time.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';

export const title = 'False alarms while agents build, test, install, archive, download and idle';
export const needsEngine = true;

/** Half an hour of honest work; 25 seconds in the short form. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const spent = await spendQuietTime(engineSocket(), short ? 25 : 1800, signal);
  for (const alarm of spent.alarms) say(`${alarm.severity} ${alarm.kind}: ${alarm.sentence}`);
  const hours = (spent.containers * spent.seconds) / 3600;
  return {
    results: [
      atMost(
        'alarms above info',
        { value: spent.alarms.length },
        'alarms',
        targetOf('quiet', 'alarms above info'),
      ),
      atMost('container hours watched', { value: hours }, 'h', null),
      atMost('findings of severity info', { value: spent.infos }, 'findings', null),
    ],
  };
}

import { runKillLoop } from '../monitor/record/kill-loop.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';

export const title = 'Records lost when the writer is killed with SIGKILL at any moment';
export const needsEngine = false;

/** A thousand kills; twenty in the short form. */
export async function run({ short, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const report = await runKillLoop({
    rounds: short ? 20 : 1000,
    mostAcknowledged: 60,
    latestMs: 5,
    random: Math.random,
  });
  for (const loss of [...report.missing, ...report.integrity]) say(loss);
  return {
    results: [
      atMost(
        'records lost',
        { value: report.missing.length + report.integrity.length },
        'records',
        targetOf('kills', 'records lost'),
      ),
      {
        name: 'kills',
        value: report.kills,
        unit: 'kills',
        better: 'higher',
        target: null,
        met: null,
      },
      {
        name: 'acknowledged writes',
        value: report.acknowledged,
        unit: 'writes',
        better: 'higher',
        target: null,
        met: null,
      },
    ],
  };
}

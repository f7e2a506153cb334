import { openFirstActStage } from '../monitor/egress/first-act-stage.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';

export const title =
  'A guarded container whose first act is to send, restarted a hundred times: what gets out';
export const needsEngine = true;

/** Its short form is the test of the same stage, test/monitor/egress/start.engine.test.ts. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const stage = await openFirstActStage();
  try {
    const before = await stage.arrived();
    await stage.restart();
    while ((await stage.arrived()) <= before && !signal.aborted) continue;
    say('Without a wall it does send.');
    await stage.enforce();
    const restarts = short ? 6 : 100;
    const arrived = await stage.arriveInRestarts(restarts, signal);
    const figure = 'packets that got out';
    const target = targetOf('first-act', figure);
    return {
      results: [{ ...atMost(figure, { value: arrived }, 'packets', target), n: restarts }],
    };
  } finally {
    await stage.close();
  }
}

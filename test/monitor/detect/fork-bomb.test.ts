import { describe, expect, test } from 'vitest';
import {
  createProcessRise,
  judgeProcesses,
  restartProcessRise,
} from '../../../monitor/detect/fork-bomb.ts';
import { evenNumbers } from '../../bench/detect/quiet-series.ts';
import { idleSecond } from './story.ts';

/** The sentence of the last verdict when the number of processes goes through these, one a second. */
function told(counts: readonly number[], limit: number | 'none' = 1024): string {
  const pidsLimit = limit === 'none' ? undefined : limit;
  const rise = createProcessRise();
  restartProcessRise(rise, 0, counts[0] ?? 0, 4);
  let sentence = '';
  for (const [second, pids] of counts.entries()) {
    const seen = idleSecond(second * 1000, { pids, pidsLimit });
    sentence = judgeProcesses(rise, seen, 4)?.sentence ?? sentence;
  }
  return sentence;
}

const line = (perSecond: number, seconds: number): number[] =>
  Array.from({ length: seconds }, (_, second) => 4 + perSecond * second);

describe('When processes that multiply meet their limit', () => {
  test('that is below what was learned, it has a score all the same', () => {
    const rise = createProcessRise();
    restartProcessRise(rise, 0, 20, 200);
    const met = judgeProcesses(rise, idleSecond(1000, { pids: 95, pidsLimit: 100 }), 200);
    expect(met).toMatchObject({ severity: 'critical', score: 0 });
  });

  test('is told as one span where they grow evenly, and as an interval where not', () => {
    expect(told(line(10, 15))).toMatch(/its limit of 1 024 is met in 1 min 28 s\.$/);
    const even = evenNumbers(3);
    let count = 4;
    const uneven = Array.from({ length: 30 }, () => (count += Math.floor(20 * even())));
    expect(told(uneven)).toMatch(/its limit of 1 024 is met in \d.* s to 1 min.*\.$/);
  });

  test('is not told where the interval has no end, nor of a container without a limit', () => {
    // One leap and then nothing more to speak of.
    const leap = [4, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129];
    const sentence = told(leap);
    expect(sentence).toMatch(/Processes multiply/);
    expect(sentence).not.toMatch(/is met in/);
    expect(sentence).toMatch(/its limit is 1 024\.$/);
    expect(told(line(10, 15), 'none')).toMatch(/no limit of processes is set\.$/);
  });
});

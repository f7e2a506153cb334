import { describe, expect, test } from 'vitest';
import { restlessSeries } from '../../../monitor/detect/restless-cpu.ts';
import { histogramTop } from '../../../monitor/stats/log-histogram.ts';
import { above, tellStory, type Story } from './story.ts';

/** Busy seconds that fault pages in and write, with a second of rest in every twenty. */
const work = (extraCores: number) => (second: number) => ({
  cpuCores: extraCores + (second % 20 === 0 ? 0.01 : 0.6),
  faultsPerSecond: 3_000,
  block: { readBytes: 0, writtenBytes: 2e6 },
});

/** A container that has worked for a day and a half, of which the budget knows. */
function longAtWork(): Story {
  const story = tellStory(false);
  story.live(3 * 3_600, work(0));
  story.baseline.profile.budget.watchedMs += 36 * 3_600_000;
  story.baseline.profile.budget.correction = 0;
  return story;
}

const restless = (story: Story) =>
  above(story).filter(({ evidence, kind }) => kind === 'sustained-cpu' && evidence.length > 0);

describe('Computing without a second of rest', () => {
  test('is told beside work that goes on', () => {
    const story = longAtWork();
    expect(above(story)).toEqual([]);
    const took = story.liveUntil('sustained-cpu', 120, work(0.4));
    expect(took).toBeLessThan(80_000);
    const found = restless(story).at(0);
    expect(found?.id).toContain(restlessSeries);
    expect(found?.sentence).toMatch(/without a second of rest, with 0\.4\d cores at least/);
    expect(found?.technique?.id).toBe('T1496');
    // And it is over soon after that rests again.
    story.live(120, work(0));
    const last = story.told.findLast(({ kind }) => kind === 'sustained-cpu');
    expect(last?.status).toBe('closed');
  });

  test('is told after five minutes where it takes less than a minute of work can hold', () => {
    const story = tellStory(false);
    // A second of rest in every 100, so that many a minute holds 0.3 cores throughout.
    const seldom = (extraCores: number) => (second: number) => ({
      ...work(0)(second),
      cpuCores: extraCores + (second % 100 === 0 ? 0.01 : 0.3),
    });
    story.live(3 * 3_600, seldom(0));
    story.baseline.profile.budget.watchedMs += 36 * 3_600_000;
    story.baseline.profile.budget.correction = 0;
    expect(above(story)).toEqual([]);
    const took = story.liveUntil('sustained-cpu', 400, seldom(0.15)) ?? 0;
    // The work itself had not rested for 99 s when it began.
    expect(took).toBeGreaterThan(190_000);
    expect(restless(story).at(0)?.sentence).toMatch(
      /for 5 min without a second of rest, with 0\.16 cores at least.* no five minutes of its work/,
    );
  });

  test('is told after five minutes where it takes a twentieth of a core, which no work holds for so long', () => {
    const story = longAtWork();
    story.live(280, work(0.05));
    expect(restless(story)).toEqual([]);
    story.live(60, work(0.05));
    expect(restless(story).at(0)?.sentence).toMatch(
      /0\.06 cores at least.* no five minutes of its work so far held more than 0\.01 cores/,
    );
    const less = longAtWork();
    less.live(600, work(0.03));
    expect(restless(less)).toEqual([]);
  });

  test('is not learned while it is told of', () => {
    const story = longAtWork();
    story.live(600, work(0.4));
    story.live(400, work(0));
    expect(restless(story).length).toBeGreaterThan(0);
    expect(histogramTop(story.baseline.restless, 0.5)).toBeLessThan(0.1);
  });

  test('is nothing new for a container that always computes', () => {
    const story = tellStory(true);
    story.live(3_600, () => ({ cpuCores: 1, faultsPerSecond: 3_000 }));
    expect(restless(story)).toEqual([]);
    story.live(3_600, () => ({ cpuCores: 1.2, faultsPerSecond: 3_000 }));
    expect(restless(story)).toEqual([]);
  });

  test('is nothing to be claimed of a workload that was learned a moment ago', () => {
    const story = tellStory(true);
    story.live(600);
    story.live(300, () => ({ cpuCores: 0.8, faultsPerSecond: 3_000 }));
    expect(restless(story)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { quietSeries } from '../../bench/detect/quiet-series.ts';
import { tellStory, type Story } from './story.ts';

function shifts(story: Story) {
  return story.told.filter((finding) => finding.kind === 'level-shift');
}

/** A container that computes in bursts of up to 0.8 cores. */
function bursty(seconds: number): Story {
  const story = tellStory(false);
  const load = quietSeries('bursty', 4);
  story.live(seconds, () => ({ cpuCores: Math.max(0, load()) / 100, faultsPerSecond: 20_000 }));
  return story;
}

describe('a level that a container has never had', () => {
  it('is told of within seconds, as information, in numbers that can be read', () => {
    const story = tellStory(true);
    story.live(400);
    const after = story.liveUntil('level-shift', 10, () => ({
      cpuCores: 1,
      faultsPerSecond: 9_000,
    }));
    expect(after).toBeLessThanOrEqual(5_000);
    const [finding] = shifts(story);
    expect(finding?.severity).toBe('info');
    expect(finding?.score).toBeGreaterThan(0.95);
    expect(finding?.sentence).toContain('CPU: 1.0 core');
  });

  it('is told of where the container works in bursts, when it lies far above them', () => {
    const story = bursty(3_000);
    story.told.length = 0;
    const load = { cpuCores: 12, faultsPerSecond: 20_000 };
    expect(story.liveUntil('level-shift', 20, () => load)).toBeLessThanOrEqual(10_000);
  });

  it('is told of a container of one process in the singular', () => {
    const story = tellStory(false);
    story.live(400, () => ({ pids: 1 }));
    story.liveUntil('level-shift', 10, () => ({ pids: 9 }));
    expect(shifts(story)[0]?.sentence).toContain('between 1 process and 1 process');
  });

  it('is not told of for one busy second', () => {
    const story = tellStory(true);
    story.live(400);
    story.live(1, () => ({ cpuCores: 3, faultsPerSecond: 9_000 }));
    story.live(60);
    expect(shifts(story)).toEqual([]);
  });
});

describe('a container that works in bursts', () => {
  it('has them without a word once they are known', () => {
    const story = bursty(3_000);
    story.told.length = 0;
    const load = quietSeries('bursty', 5);
    story.live(7_200, () => ({ cpuCores: Math.max(0, load()) / 100, faultsPerSecond: 20_000 }));
    const opened = new Set(shifts(story).map(({ id }) => id));
    expect(opened.size).toBeLessThanOrEqual(1);
  });
});

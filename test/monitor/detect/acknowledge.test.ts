import { describe, expect, it } from 'vitest';
import { usualRange } from '../../../monitor/detect/learned.ts';
import { stepWatch } from '../../../monitor/detect/watch.ts';
import { container, tellStory, workload, type Story } from './story.ts';

const settings = { learnMs: 60_000, hostCpus: 4 };

/** A steady load far above what was learned, which has been found. */
function busyStory(): Story {
  const story = tellStory(true);
  story.live(300, busy);
  expect(story.watch.findings.open.size).toBeGreaterThan(0);
  return story;
}

const busy = () => ({ cpuCores: 1.5 });

function say(story: Story, name: 'acknowledged' | 'unacknowledged'): void {
  for (const { finding } of story.watch.findings.open.values()) {
    const event = { name, finding: finding.id };
    const observation = { kind: 'control' as const, at: story.at, workload, container, event };
    stepWatch(story.watch, story.baseline, observation, settings);
  }
}

const usualCpu = (story: Story) => usualRange(story.baseline, 'cpu').high;

describe('what a finding shows', () => {
  it('is not learned while nobody has acknowledged it', () => {
    const story = busyStory();
    story.live(300, busy);
    expect(usualCpu(story)).toBeLessThan(0.1);
  });

  it('is learned once a person has, and makes the load usual', () => {
    const story = busyStory();
    say(story, 'acknowledged');
    story.live(600, busy);
    expect(usualCpu(story)).toBeGreaterThan(1.4);
  });

  it('is not learned any more when that is taken back', () => {
    const story = busyStory();
    say(story, 'acknowledged');
    say(story, 'unacknowledged');
    story.live(600, busy);
    expect(usualCpu(story)).toBeLessThan(0.1);
  });
});

describe('a command from outside', () => {
  function execution(story: Story): readonly string[] {
    story.at += 1000;
    const event = { name: 'exec' as const, command: 'sh' };
    const observation = { kind: 'lifecycle' as const, at: story.at, workload, container, event };
    const { findings } = stepWatch(story.watch, story.baseline, observation, settings);
    return findings.map(({ kind, status }) => `${kind} ${status}`);
  }

  it('that was acknowledged is not found again, until that is taken back', () => {
    const story = tellStory(true);
    expect(execution(story)).toContain('unexpected-exec open');
    say(story, 'acknowledged');
    // Long enough for the finding to be over.
    story.live(120);
    expect(story.watch.findings.open.size).toBe(0);
    expect(execution(story)).toEqual([]);

    const other = tellStory(true);
    execution(other);
    say(other, 'acknowledged');
    say(other, 'acknowledged');
    say(other, 'unacknowledged');
    other.live(120);
    expect(execution(other)).toContain('unexpected-exec open');
  });
});

describe('the usual range', () => {
  it('holds what 99 of 100 seconds lay in, within a fifth, and is looked at without a trace', () => {
    const story = tellStory(true);
    const before = structuredClone(story.baseline);
    const { low, high } = usualRange(story.baseline, 'memory');
    expect(story.baseline).toEqual(before);
    expect(low).toBeLessThanOrEqual(40e6);
    expect(low).toBeGreaterThanOrEqual(40e6 / 1.2);
    expect(high).toBeGreaterThanOrEqual(40e6);
    expect(high).toBeLessThanOrEqual(40e6 * 1.2);
  });
});

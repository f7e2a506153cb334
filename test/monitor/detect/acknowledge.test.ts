import { describe, expect, it } from 'vitest';
import { createDetection, isRemembered } from '../../../monitor/detect/detection.ts';
import { usualRange } from '../../../monitor/detect/learned.ts';
import { stepWatch } from '../../../monitor/detect/watch.ts';
import { above, container, tellStory, workload, type Story } from './story.ts';

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
  for (const { finding } of story.watch.findings.open.values()) sayOf(story, finding.id, name);
}

function sayOf(story: Story, finding: string, name: 'acknowledged' | 'unacknowledged'): void {
  const event = { name, finding };
  const observation = { kind: 'control' as const, at: story.at, workload, container, event };
  stepWatch(story.watch, story.baseline, observation, settings);
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

describe('an upload', () => {
  const up = (sentBytes: number) => () => ({
    network: { receivedBytes: sentBytes / 10, sentBytes, receivedPackets: 900, sentPackets: 1_800 },
  });
  /** 100 MB in 20 s, or 60 MB in a minute. */
  const kinds = { much: [20, up(5e6)], long: [60, up(1e6)] } as const;

  /** The ids of those that are found while it happens, and until it is over. */
  function upload(story: Story, kind: keyof typeof kinds, then = () => undefined): string[] {
    const [seconds, load] = kinds[kind];
    story.told.length = 0;
    story.live(seconds, load);
    then();
    story.live(4 * 3600);
    return story.told
      .filter(({ kind: found, status }) => found === 'sustained-upload' && status === 'open')
      .map(({ id }) => id);
  }

  it.each(['much', 'long'] as const)('of which %s is told again the next time', (kind) => {
    const story = tellStory(true);
    expect(upload(story, kind)).not.toEqual([]);
    expect(upload(story, kind)).not.toEqual([]);
    const told = story.told.map(({ sentence }) => sentence).join('\n');
    expect(told).toContain('; no upload of it is known to be normal, and it hardly ever held more');
  });

  it.each(['much', 'long'] as const)(
    'that a person holds normal is learned when it is over, told of %s or not',
    (kind) => {
      const story = tellStory(true);
      upload(story, kind, () => {
        say(story, 'acknowledged');
      });
      expect(upload(story, kind)).toEqual([]);
      // One that is larger still is told.
      story.live(180, up(5e6));
      expect(story.told.map(({ sentence }) => sentence).join()).toContain('normal for it was');
    },
  );

  it('that is held normal after it is over is learned at once, and no other', () => {
    const story = tellStory(true);
    const [id = ''] = upload(story, 'long');
    sayOf(story, `${id.slice(0, id.lastIndexOf('|'))}|17`, 'acknowledged');
    const [again = ''] = upload(story, 'long');
    sayOf(story, again, 'acknowledged');
    expect(upload(story, 'long')).toEqual([]);
  });

  /** Three bursts; with the pause of the first kind each is an upload of its own, with the other all are one. */
  const bursts = {
    'that end between': [20, up(5e6), 14],
    'that do not': [60, up(3e5), 25],
  } as const;

  /** The ids of what is found in the bursts; `then` comes after each pause, with what was told so far. */
  function uploadInBursts(
    story: Story,
    kind: keyof typeof bursts,
    then: (ids: readonly string[], burst: number) => void = () => undefined,
  ): readonly string[] {
    const [seconds, load, pause] = bursts[kind];
    story.told.length = 0;
    const ids = () => [
      ...new Set(
        story.told.filter(({ kind: found }) => found === 'sustained-upload').map(({ id }) => id),
      ),
    ];
    for (const burst of [1, 2, 3]) {
      story.live(seconds, load);
      story.live(pause);
      then(ids(), burst);
    }
    story.live(4 * 3600);
    return ids();
  }

  it.each(['that end between', 'that do not'] as const)(
    'in bursts %s is learned when it is held normal after all of it is over',
    (kind) => {
      const story = tellStory(true);
      const [id = '', ...others] = uploadInBursts(story, kind);
      expect(others).toEqual([]);
      expect(story.watch.findings.open.size).toBe(0);
      const detection = createDetection(settings);
      detection.watches.set(container, story.watch);
      expect(isRemembered(detection, { container, id })).toBe(true);
      sayOf(story, id, 'acknowledged');
      expect(isRemembered(detection, { container, id })).toBe(false);
      expect(uploadInBursts(story, kind)).toEqual([]);
    },
  );

  it.each(['that end between', 'that do not'] as const)(
    'in bursts %s is learned when it is held normal after the first, of which the finding is over or not',
    (kind) => {
      const story = tellStory(true);
      uploadInBursts(story, kind, ([id = ''], burst) => {
        if (burst === 1) sayOf(story, id, 'acknowledged');
      });
      expect(uploadInBursts(story, kind)).toEqual([]);
    },
  );

  it('in bursts of which the last is the smallest is learned with the largest', () => {
    const falling = (story: Story) => {
      story.told.length = 0;
      for (const seconds of [20, 6]) {
        story.live(seconds, up(5e6));
        story.live(14);
      }
      story.live(4 * 3600);
      return story.told.filter(({ kind }) => kind === 'sustained-upload').map(({ id }) => id);
    };
    const story = tellStory(true);
    const [id = ''] = falling(story);
    sayOf(story, id, 'acknowledged');
    expect(falling(story)).toEqual([]);
  });

  it('that is over is learned when it is held normal after another came', () => {
    const story = tellStory(true);
    const [first = ''] = upload(story, 'much');
    upload(story, 'long');
    sayOf(story, first, 'acknowledged');
    expect(upload(story, 'much')).toEqual([]);
  });

  it('that is held normal is learned also where its container ends with it', () => {
    const story = tellStory(true);
    story.live(20, up(5e6));
    say(story, 'acknowledged');
    const died = { name: 'die' as const, exitCode: 0 };
    const event = { kind: 'lifecycle' as const, at: story.at, workload, container, event: died };
    stepWatch(story.watch, story.baseline, event, settings);
    expect(upload(story, 'much')).toEqual([]);
  });

  it('is not learned where that was taken back', () => {
    const story = tellStory(true);
    upload(story, 'much', () => {
      say(story, 'acknowledged');
      say(story, 'unacknowledged');
    });
    expect(upload(story, 'much')).not.toEqual([]);
  });

  it('that is short, but much, does not let one go on for long', () => {
    const story = tellStory(true);
    upload(story, 'much', () => {
      say(story, 'acknowledged');
    });
    expect(upload(story, 'long')).not.toEqual([]);
  });

  it('teaches nothing while something else is wrong', () => {
    const story = tellStory(true);
    story.live(2, () => ({ pids: 512 }));
    story.live(4, () => ({ pids: 512, ...up(5e6)() }));
    story.live(30, () => ({ pids: 512 }));
    expect(story.baseline.uploads.total).toBe(0);
  });

  it('is held against the largest that was learned, though many smaller ones were', () => {
    const story = tellStory(true);
    story.live(4, up(5e6));
    for (let round = 0; round < 150; round += 1) {
      story.live(2, up(1e5));
      story.live(20);
    }
    story.live(4, up(8e6));
    story.live(60);
    expect(above(story)).toEqual([]);
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

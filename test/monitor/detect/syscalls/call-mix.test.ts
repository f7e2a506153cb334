import { describe, expect, it } from 'vitest';
import {
  beginContainer,
  createDetection,
  stepDetection,
} from '../../../../monitor/detect/detection.ts';
import type { LearnedBaseline } from '../../../../monitor/detect/learned.ts';
import type { Baseline } from '../../../../monitor/model/baseline.ts';
import { atLeast, type Finding } from '../../../../monitor/model/finding.ts';
import { nearestMix, packMixes } from '../../../../monitor/detect/syscalls/learned-mixes.ts';
import type { ContainerObservation, ControlEvent } from '../../../../monitor/model/observation.ts';
import { fromStored, toStored } from '../../../../monitor/pipeline/baseline/stored-baseline.ts';
import { seededNumbers } from '../../../scenarios/work.ts';
import { start } from '../starts/process-start.ts';
import { container, idleSecond, workload } from '../story.ts';

type Counts = Readonly<Record<string, number>>;

interface StoredState {
  readonly profile: Readonly<Record<string, unknown>>;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** What is called within ten seconds by a server that answers, and by the same when it tidies up. */
const answering = { read: 300, write: 250, accept4: 30, sendto: 20, futex: 900 };
const tidying = { openat: 200, pread64: 400, rename: 20, unlink: 60, write: 100 };
/** Made as well, each at less than a quarter of what was ever made of it within a second. */
const leaking = { openat: 1_200, sendto: 120, read: 1_800 };

/** A container that lives in steps of ten seconds. */
function born(learned?: LearnedBaseline, at = 1e12) {
  const detection = createDetection({ learnMs: 300_000, hostCpus: 4 });
  beginContainer(detection, workload, container, learned, []);
  const random = seededNumbers(3);
  const of = { workload, container };
  const findings: Finding[] = [];
  const life = {
    at,
    findings,
    hear(seen: ContainerObservation) {
      findings.push(...stepDetection(detection, seen).findings);
    },
    /** Nine of ten steps are calm, and some are busy at forty times as many calls. */
    live(seconds: number, counts: Counts | (() => Counts), also: Counts = {}) {
      for (let second = 0; second < seconds; second += 10) {
        life.at += 10_000;
        const many = random() < 0.1 ? 40 : 1 + 2 * random();
        const made: Record<string, number> = { ...also };
        for (const [name, count] of Object.entries(
          typeof counts === 'function' ? counts() : counts,
        )) {
          made[name] = (made[name] ?? 0) + Math.round(count * many * (0.8 + 0.4 * random()));
        }
        const sampled = { at: life.at, intervalMs: 10_000, ...of };
        life.hear({ ...idleSecond(life.at), ...sampled });
        life.hear({ kind: 'syscalls', ...sampled, counts: made, failed: {}, lost: 0 });
      }
    },
    /** Calls while nothing is seen of the resources, so that no gap in them is either. */
    calls(seconds: number, counts: Counts) {
      for (let second = 0; second < seconds; second += 10) {
        life.at += 10_000;
        const sampled = { at: life.at, intervalMs: 10_000, ...of };
        life.hear({ kind: 'syscalls', ...sampled, counts, failed: {}, lost: 0 });
      }
    },
    /** Answers, and tidies up for five minutes of every half hour. */
    work(seconds: number) {
      for (let left = seconds; left > 0; left -= 30 * minute) {
        life.live(Math.min(left, 25 * minute), answering);
        life.live(Math.max(0, Math.min(left - 25 * minute, 5 * minute)), tidying);
      }
    },
    starts(program: string) {
      life.hear(start({ at: life.at, program, ...of }));
    },
    say(event: ControlEvent) {
      life.hear({ kind: 'control', at: life.at, ...of, event });
    },
    mixes: () => findings.filter(({ id }) => id.includes('|mix of system calls|')),
    alarms: () => life.mixes().filter(({ severity }) => atLeast(severity, 'low')),
    baseline() {
      const baseline = detection.baselines.get(workload);
      if (baseline === undefined) throw new Error('Not watched.');
      return baseline;
    },
  };
  return life;
}

/** What is stored of a container that has worked for two days; the story of it is told once. */
const twoDays = (() => {
  const life = born();
  life.starts('/usr/bin/server');
  life.work(2 * day);
  const stored = toStored(workload, life.baseline(), life.at);
  const text = JSON.stringify(stored);
  return { at: life.at, findings: life.mixes(), text, stored: JSON.parse(text) as Baseline };
})();

/** One that goes on after these two days, when Sentra has been started again. */
function known() {
  return born(fromStored(JSON.parse(twoDays.text) as Baseline), twoDays.at);
}

describe('the mix of system calls', () => {
  it('is told when it is unlike all that is known though no kind is called more than ever', () => {
    expect(twoDays.findings).toEqual([]);
    const life = known();
    const before = life.findings.length;
    life.live(3 * minute, answering, leaking);
    expect(life.findings.slice(before)).toEqual(life.mixes());
    const [finding] = life.alarms();
    expect(finding?.severity).toBe('medium');
    expect(finding?.sentence).toMatch(
      /^In the last minute \d+ % of its [\d ]+ outward calls were `(?:openat|read)`, where the most alike(?: blend of two)? of its \d usual mixes has \d+ %; /,
    );
    expect(finding?.sentence).toMatch(
      /So for \d+ (?:s|min); in \d+ h.* of watching no ordinary minute was this far from what was known by then\. By 2 days of its own history the like comes once in \d+ days\.$/,
    );
    expect((finding?.at ?? 0) - (life.at - 180_000)).toBeLessThanOrEqual(70_000);
    const [distance, share] = finding?.evidence ?? [];
    expect(distance?.unit).toBe('share');
    expect(distance?.observed).toBeGreaterThan(1.2 * (distance?.expected?.high ?? 1));
    expect(share?.series).toMatch(/^`\w+` as a share of outward calls$/);
  });

  it('says nothing of a container that goes from one known kind of work to the other', () => {
    const life = born();
    life.work(2 * hour);
    for (let turn = 0; turn < 200; turn += 1) {
      life.live(10 * (1 + (turn % 9)), turn % 2 === 0 ? answering : tidying);
    }
    expect(life.mixes()).toEqual([]);
  });

  it('says nothing of what is over within ten seconds', () => {
    const life = known();
    life.live(5 * minute, answering);
    life.live(10, answering, leaking);
    life.live(5 * minute, answering);
    expect(life.mixes()).toEqual([]);
  });

  it('says nothing of a container that makes thirty calls a minute, whichever they are', () => {
    const names = ['read', 'write', 'openat', 'close', 'connect', 'sendto', 'statx', 'execve'];
    const random = seededNumbers(9);
    const life = born();
    life.live(day, () => ({ [names[Math.floor(random() * 8)] ?? 'read']: 2 * random() }));
    expect(life.mixes()).toEqual([]);
  });

  it('says nothing within the first hour, and of a new mix after it records the first time only', () => {
    const life = born();
    life.live(30 * minute, answering);
    life.live(10 * minute, tidying);
    life.live(20 * minute, answering);
    expect(life.mixes()).toEqual([]);
    life.live(hour, answering);
    life.live(10 * minute, leaking);
    expect(new Set(life.mixes().map(({ severity }) => severity))).toEqual(new Set(['info']));
    expect(life.mixes().at(-1)?.status).toBe('closed');
    const before = life.mixes().length;
    life.live(hour, answering);
    life.live(10 * minute, leaking);
    expect(life.mixes()).toHaveLength(before);
  });

  it('is recorded and not ruled on where a program that never ran explains it', () => {
    const life = known();
    life.starts('/usr/bin/backup');
    life.live(5 * minute, answering, leaking);
    expect(life.mixes().length).toBeGreaterThan(0);
    expect(life.alarms()).toEqual([]);
    expect(life.mixes()[0]?.sentence).toMatch(
      /Programs that are new to it began shortly before\.$/,
    );
    const { budget, mixes } = life.baseline().profile;
    expect(budget.sources['call-mix'].open).toBeUndefined();
    // Nor is what is known of its own programs held against it.
    expect(Math.max(mixes.farthest.before, mixes.farthest.now)).toBeLessThan(0.05);
  });

  it('does not learn what was told while it lasts, and learns it when a person says it is normal', () => {
    const life = known();
    life.live(4 * minute, answering, leaking);
    const before = JSON.stringify(packMixes(life.baseline().profile.mixes).known);
    life.live(20 * minute, answering, leaking);
    const open = life.alarms().at(-1);
    expect(open?.status).toBe('open');
    expect(JSON.stringify(packMixes(life.baseline().profile.mixes).known)).toBe(before);
    life.say({ name: 'acknowledged', finding: open?.id ?? '' });
    life.live(minute, answering, leaking);
    expect(life.alarms().at(-1)?.status).toBe('closed');
    life.work(2 * hour);
    const told = life.alarms().length;
    life.live(10 * minute, answering, leaking);
    expect(life.alarms()).toHaveLength(told);
  });

  it('is learned after an hour where it stays, so that a change for good is told once', () => {
    const life = known();
    life.live(3 * hour, answering, leaking);
    expect(life.mixes().at(-1)?.status).toBe('closed');
    expect(new Set(life.alarms().map(({ id }) => id)).size).toBe(1);
  });

  it('says nothing after a restart of what was usual before', () => {
    const life = known();
    life.work(2 * hour);
    expect(life.mixes()).toEqual([]);
  });

  it('learns what a person calls normal, though it is over, and not what goes on by then', () => {
    const life = known();
    life.live(4 * minute, answering, leaking);
    life.live(10 * minute, answering);
    const closed = life.alarms().at(-1);
    expect(closed?.status).toBe('closed');
    const { mixes } = life.baseline().profile;
    const isKnown = (counts: Counts) => {
      const vector: number[] = [];
      for (const [name, place] of mixes.kinds) vector[place] = 3 * (counts[name] ?? 0);
      return (
        (nearestMix(
          mixes,
          Array.from(vector, (count: number | undefined) => count ?? 0),
        )?.distance ?? 1) < 0.03
      );
    };
    expect(isKnown(leaking)).toBe(false);
    const stealing = { connect: 900, openat: 300, sendto: 2_000 };
    life.live(2 * minute, stealing);
    life.say({ name: 'acknowledged', finding: closed?.id ?? '' });
    expect(isKnown({ ...leaking, write: 250, accept4: 30 })).toBe(true);
    expect(isKnown(stealing)).toBe(false);
  });

  it('is held against no more history than there is of it, though the workload is known for long', () => {
    const { mixes: _mixes, ...older } = (twoDays.stored.state as StoredState).profile;
    const state = { ...(twoDays.stored.state as StoredState), profile: older };
    const life = born(fromStored({ ...twoDays.stored, state }), twoDays.at);
    life.work(3 * hour);
    life.live(5 * minute, answering, leaking);
    expect(life.alarms()).toEqual([]);
    expect(life.mixes()[0]?.sentence).toMatch(/ By 3 h of its own history the like comes once in /);
  });

  it('is of the latest minute alone: a sensor that was away begins it anew', () => {
    const life = known();
    life.live(50, answering, leaking);
    life.at += 10 * minute * 1_000;
    const before = life.mixes().length;
    life.calls(50, leaking);
    expect(life.mixes()).toHaveLength(before);
    life.calls(20, leaking);
    expect(life.mixes().length).toBeGreaterThan(before);
  });

  it('is explained by no program that started later by a clock that has been set back since', () => {
    const life = known();
    life.at += day * 1_000;
    life.starts('/usr/bin/backup');
    life.at -= day * 1_000;
    life.work(hour);
    life.live(5 * minute, answering, leaking);
    expect(life.alarms().length).toBeGreaterThan(0);
  });

  it('begins anew after a gap, and passes over what was put in from outside', () => {
    const life = known();
    life.say({ name: 'paused' });
    life.say({ name: 'resumed' });
    life.live(50, answering, leaking);
    expect(life.mixes()).toEqual([]);
  });
});

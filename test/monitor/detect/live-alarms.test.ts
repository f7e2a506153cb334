import { describe, expect, it } from 'vitest';
import {
  beginContainer,
  createDetection,
  stepDetection,
  type Detection,
} from '../../../monitor/detect/detection.ts';
import type { LearnedBaseline } from '../../../monitor/detect/learned.ts';
import type { Finding } from '../../../monitor/model/finding.ts';
import type { ContainerObservation, ControlEvent } from '../../../monitor/model/observation.ts';
import { idleSecond } from './story.ts';

const minute = 60;
const hour = 3600;
const day = 24 * hour;

/** System calls of a server that answers a few requests a second. */
const usual = { read: 40, write: 30, epoll_wait: 90, accept4: 4, close: 6, futex: 200 };

interface Life {
  readonly detection: Detection;
  readonly findings: Finding[];
  at: number;
  /** Lives so many seconds; every `every`-th is observed, for speed. */
  live(seconds: number, counts?: Record<string, number>, every?: number): void;
  hear(observation: ContainerObservation): void;
  say(event: ControlEvent): void;
  ask(names: readonly string[]): void;
  baseline(): LearnedBaseline;
}

interface Birth {
  readonly key?: string;
  readonly id?: string;
  readonly detection?: Detection;
  readonly learned?: LearnedBaseline;
  readonly sibling?: Life;
  readonly at?: number;
}

function born({ key = 'agent#one', id = 'a', detection, learned, sibling, at = 1e12 }: Birth = {}) {
  const container = id.repeat(64);
  const all = detection ?? createDetection({ learnMs: 300_000, hostCpus: 4 });
  beginContainer(all, key, container, learned, [], sibling?.baseline().profile);
  const findings: Finding[] = [];
  const of = { workload: key, container };
  const life: Life = {
    detection: all,
    findings,
    at,
    hear(observation) {
      findings.push(...stepDetection(all, observation).findings);
    },
    live(seconds, counts = usual, every = 1) {
      for (let second = 0; second < seconds; second += every) {
        life.at += every * 1000;
        const sampled = { at: life.at, intervalMs: every * 1000, ...of };
        life.hear({ ...idleSecond(life.at), ...sampled });
        const scaled = Object.fromEntries(
          Object.entries(counts).map(([name, count]) => [name, count * every]),
        );
        life.hear({ kind: 'syscalls', ...sampled, counts: scaled, failed: {}, lost: 0 });
      }
    },
    say: (event) => life.hear({ kind: 'control', at: life.at, ...of, event }),
    ask(names) {
      const asked = names.map((name) => ({ name, refused: false, count: 1 }));
      const nothing = { destinations: [], omitted: 0, breach: undefined };
      life.hear({ kind: 'egress', at: life.at, ...of, mode: 'observe', names: asked, ...nothing });
    },
    baseline: () => {
      const found = all.baselines.get(key);
      if (found === undefined) throw new Error('Not watched.');
      return found;
    },
  };
  return life;
}

const attack = { ...usual, execve: 40, socket: 60, connect: 60, chmod: 30 };

function opened(life: Life, kind: Finding['kind']): readonly Finding[] {
  const ids = new Set<string>();
  return life.findings.filter((finding) => {
    if (finding.kind !== kind || ids.has(finding.id)) return false;
    ids.add(finding.id);
    return true;
  });
}

const alarms = (life: Life) =>
  new Set(life.findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id));

/** Known for so long: seconds of ten minutes observed one by one, the rest in steps of ten. */
function knownFor(seconds: number, birth?: Birth): Life {
  const life = born(birth);
  life.live(10 * minute);
  life.live(seconds, usual, 10);
  return life;
}

describe('system calls that a workload never made', () => {
  it('are an alarm of a workload known for a day, which says what, how much and how rare', () => {
    const life = knownFor(day);
    expect(life.findings).toEqual([]);
    life.live(5, attack);
    const [finding] = opened(life, 'unusual-calls');
    expect(finding?.severity).toBe('medium');
    expect(finding?.sentence).toMatch(/^Made \d+ `socket` calls in 1 s; never before in 24 h/);
    expect(finding?.sentence).toMatch(
      /By 24 h of its own history the like comes less than once a year\.$/,
    );
    expect(finding?.evidence[0]).toMatchObject({ expected: { low: 0, high: 0 }, observed: 60 });
    expect(finding?.evidence[0]?.recent.length).toBeGreaterThan(0);
  });

  it('are recorded only while the workload is new, and known when they come again', () => {
    const life = knownFor(30 * minute);
    life.live(5, attack);
    life.live(minute);
    expect(opened(life, 'unusual-calls').map(({ severity }) => severity)).toEqual(['info']);
    life.live(20 * minute);
    life.live(5, attack);
    expect(opened(life, 'unusual-calls')).toHaveLength(1);
  });

  it('are not told after a start or a command from outside, unless that comes all the time', () => {
    const life = knownFor(day);
    const enter = () => {
      const event = { name: 'exec', command: 'sh' } as const;
      const of = { workload: 'agent#one', container: 'a'.repeat(64) };
      life.hear({ kind: 'lifecycle', at: life.at, ...of, event });
    };
    enter();
    life.live(5, attack);
    life.live(minute);
    expect(opened(life, 'unusual-calls')).toEqual([]);
    for (let time = 0; time < 8; time += 1) {
      enter();
      life.live(30);
    }
    enter();
    life.live(5, attack);
    expect(opened(life, 'unusual-calls')).toHaveLength(1);
  });

  it('leave grave calls to what knows who made them', () => {
    const life = knownFor(day);
    life.live(5, { ...usual, mount: 20, setns: 9, 'i386:ptrace': 50 });
    expect(life.findings).toEqual([]);
  });

  it('are told again the next day, until a person calls it false', () => {
    const life = knownFor(3 * day);
    life.live(5, attack);
    life.live(minute);
    const [first] = alarms(life);
    life.say({ name: 'marked-false', finding: first ?? '' });
    expect(life.baseline().profile.budget.markedFalse).toHaveLength(1);
    life.live(2 * day, usual, 10);
    life.live(5, attack);
    expect(alarms(life).size).toBe(1);
  });
});

describe('calls that hardly any program makes', () => {
  const once = (name: string) => ({ ...usual, [name]: 1 });

  it('are an alarm of a workload known for a day, be it one call; others as few are not', () => {
    const ordinary = knownFor(day);
    ordinary.live(1, once('memfd_create'));
    expect(opened(ordinary, 'unusual-calls').map(({ severity }) => severity)).toEqual(['info']);
    const life = knownFor(day);
    life.live(1, once('vmsplice'));
    const [finding] = opened(life, 'unusual-calls');
    expect(finding?.severity).toBe('medium');
    expect(finding?.sentence).toBe(
      'Made 1 `vmsplice` call in 1 s; never before in 24 h 10 min of watching. Hardly any program makes ' +
        'such calls. By what ordinary programs call and 24 h of its own history the like comes once ' +
        'in 12 days.',
    );
  });

  it('are told beside work that calls other things for the first time', () => {
    const life = knownFor(day);
    const install = { ...usual, chmod: 2, fchown: 2, symlink: 2 };
    life.live(3, install);
    expect(alarms(life).size).toBe(0);
    life.live(1, { ...install, tee: 1 });
    expect(alarms(life).size).toBe(1);
    expect(life.findings.at(-1)?.sentence).toMatch(/^Made 1 `tee` call/);
  });

  it('are recorded only where the workload is new', () => {
    const life = knownFor(hour);
    life.live(1, once('vmsplice'));
    expect(opened(life, 'unusual-calls').map(({ severity }) => severity)).toEqual(['info']);
  });

  it('are normal once a person has called them false, which counts for them alone', () => {
    const life = knownFor(day);
    life.live(1, once('vmsplice'));
    life.say({ name: 'marked-false', finding: opened(life, 'unusual-calls')[0]?.id ?? '' });
    const { sources } = life.baseline().profile.budget;
    expect(sources['rare-calls'].history).toHaveLength(1);
    expect(sources.calls.history).toEqual([]);
    life.live(10 * day, usual, 10);
    life.live(1, once('vmsplice'));
    expect(alarms(life).size).toBe(1);
  });
});

describe('data in names', () => {
  const word = 'k3q9x7vz1m8w2p5r6t4y0hbjd3f7g9s1c5n8l2q6';
  const names = Array.from(
    { length: 20 },
    (_, at) => `${word.slice(at)}${word.slice(0, at)}.evil.net`,
  );

  it('are an alarm even of a workload seen for ten minutes, and end when they stop', () => {
    const life = born();
    life.live(10 * minute);
    life.ask(names);
    life.live(5);
    const [finding] = opened(life, 'dns-tunnel');
    expect(finding?.severity).toBe('medium');
    expect(finding?.sentence).toContain('evil.net');
    life.live(3 * minute);
    expect(life.findings.at(-1)).toMatchObject({ kind: 'dns-tunnel', status: 'closed' });
  });

  it('that a person calls false are normal below that domain', () => {
    const life = born();
    life.live(10 * minute);
    life.ask(names);
    life.live(2);
    life.say({ name: 'marked-false', finding: opened(life, 'dns-tunnel')[0]?.id ?? '' });
    life.live(hour, usual, 10);
    life.ask(names.slice(0, 10).map((name) => `x${name}`));
    life.live(5);
    expect(opened(life, 'dns-tunnel')).toHaveLength(1);
  });
});

describe('a level beyond all that a workload has done', () => {
  const busy = (life: Life, seconds: number, cpuCores: number) => {
    for (let second = 0; second < seconds; second += 1) {
      life.at += 1000;
      const of = { workload: 'agent#one', container: 'a'.repeat(64) };
      life.hear({ ...idleSecond(life.at, { cpuCores, faultsPerSecond: 20_000 }), ...of });
    }
  };

  it('is an alarm of one known for days, with the record and its rarity, and info before', () => {
    const young = knownFor(hour);
    busy(young, 30, 3.5);
    expect(opened(young, 'level-shift').map(({ severity }) => severity)).toEqual(['info']);
    const life = knownFor(2 * day);
    busy(life, 30, 3.5);
    const shift = life.findings.findLast(({ kind }) => kind === 'level-shift');
    expect(shift?.severity).toBe('low');
    expect(shift?.sentence).toMatch(/^CPU: 3\.5 cores for \d+ s, .* never above 0\.\d+ cores/);
    expect(shift?.sentence).toMatch(
      /By 2 days of its own history the like comes less than once a year\.$/,
    );
  });

  it('is learned after an hour, so that a change for good is told once', () => {
    const life = knownFor(2 * day);
    busy(life, 3 * hour, 1.2);
    const shifts = life.findings.filter(({ kind }) => kind === 'level-shift');
    expect(shifts.at(-1)?.status).toBe('closed');
    expect(alarms(life).size).toBe(1);
  });
});

describe('a second container of an image', () => {
  const work = { ...usual, openat: 80, getdents64: 20, mkdir: 5 };

  it('raises nothing by calls that the first one made all day', () => {
    const first = knownFor(hour);
    first.live(day, work, 10);
    const second = born({ key: 'agent#two', id: 'b', sibling: first });
    second.live(2 * hour, usual, 1);
    second.live(minute, work);
    // How many calls it makes at a time is its own, and may be new.
    expect(second.findings.filter(({ kind }) => kind !== 'several-senses')).toEqual([]);
    expect(alarms(second)).toEqual(new Set());
    const alone = born({ key: 'agent#three', id: 'c' });
    alone.live(2 * hour, usual, 1);
    alone.live(minute, work);
    expect(opened(alone, 'unusual-calls')).not.toEqual([]);
  });

  it('claims nothing by the history of the first, and outgrows it by its own', () => {
    const first = knownFor(2 * day);
    first.live(minute, work);
    first.live(hour, usual, 10);
    const second = born({ key: 'agent#two', id: 'b', sibling: first });
    second.live(hour, usual);
    second.live(5, attack);
    expect(alarms(second)).toEqual(new Set());
    second.live(3 * day, usual, 10);
    second.live(5, { ...usual, unlinkat: 90 });
    expect(alarms(second).size).toBe(1);
  });
});

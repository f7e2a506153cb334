import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  ContainerObservation,
  ResourceObservation,
} from '../../../monitor/model/observation.ts';
import { createContainerWatch } from '../../../monitor/detect/container-watch.ts';
import { packBaseline, unpackBaseline } from '../../../monitor/detect/learned.ts';
import { endWatch, passTime, stepWatch } from '../../../monitor/detect/watch.ts';
import { above, container, idleSecond, tellStory, workload } from './story.ts';

const settings = { learnMs: 60_000, hostCpus: 4 };

const compute = { cpuCores: 1, faultsPerSecond: 3 };

describe('an agent that works as it always did', () => {
  it('raises nothing while idle for an hour', () => {
    const story = tellStory(true);
    story.live(3600);
    expect(story.told).toEqual([]);
  });

  it('raises nothing above info when it begins to build', () => {
    const story = tellStory(true);
    story.live(600, (second) => ({
      cpuCores: 0.5 + (second % 7) / 5,
      faultsPerSecond: 20_000 + (second % 5) * 4_000,
      anonymousBytes: 40e6 + (second % 9) * 25e6,
      memoryBytes: 60e6 + (second % 9) * 25e6,
      cacheBytes: 10e6 + second * 1e6,
      pids: 4 + ((second * 7) % 23),
      block: { readBytes: (second % 3) * 1e6, writtenBytes: (second % 4) * 1e6 },
    }));
    expect(above(story)).toEqual([]);
  });

  it('raises nothing above info for a download at 50 MB/s', () => {
    const story = tellStory(true);
    story.live(120, () => ({
      network: { receivedBytes: 50e6, sentBytes: 6e5, receivedPackets: 35_000, sentPackets: 9_000 },
      cpuCores: 0.4,
    }));
    expect(above(story)).toEqual([]);
  });
});

describe('one load, two histories', () => {
  it('is told of where the container never computed', () => {
    const story = tellStory(true);
    const after = story.liveUntil('sustained-cpu', 120, () => compute);
    expect(after).toBeLessThanOrEqual(35_000);
    const finding = above(story)[0];
    expect(finding?.severity).toBe('medium');
    expect(finding?.sentence).toContain('1.0 core');
  });

  it('is not told of where the container always computed', () => {
    const story = tellStory(false);
    story.live(900, () => compute);
    expect(above(story)).toEqual([]);
  });

  it('is told of again after the person said nothing and it went on: the attack did not teach', () => {
    const story = tellStory(true);
    story.live(3600, () => compute);
    expect(
      story.told.filter((finding) => finding.status === 'closed' && finding.severity !== 'info'),
    ).toEqual([]);
  });

  it('is learned as normal once acknowledged', () => {
    const story = tellStory(true);
    story.liveUntil('sustained-cpu', 120, () => compute);
    const finding = above(story)[0];
    stepWatch(
      story.watch,
      story.baseline,
      {
        kind: 'control',
        at: story.at,
        workload,
        container,
        event: { name: 'acknowledged', finding: finding?.id ?? '' },
      },
      settings,
    );
    story.live(1200, () => compute);
    story.live(60);
    story.told.length = 0;
    story.live(200, () => compute);
    expect(above(story)).toEqual([]);
  });
});

describe('a fork bomb', () => {
  it('is told of within a second when looked at ten times a second', () => {
    const story = tellStory(true);
    const [first] = story.live(1, () => ({ pids: 60 }));
    expect(first?.attention).toBe(true);
    const after = story.liveUntil('fork-bomb', 10, (n) => ({
      intervalMs: 100,
      pids: 120 + n * 80,
    }));
    expect(after).toBeLessThanOrEqual(600);
    expect(above(story)[0]?.severity).toBe('critical');
  });

  it('is told of at once when it meets its limit', () => {
    const story = tellStory(true);
    story.live(1, () => ({ pids: 512 }));
    expect(above(story).map((finding) => [finding.kind, finding.severity])).toEqual([
      ['fork-bomb', 'critical'],
    ]);
  });

  it('is told of while the workload is still being learned', () => {
    const story = tellStory(false);
    story.live(5);
    story.live(1, () => ({ pids: 512 }));
    expect(above(story)).toHaveLength(1);
  });

  it('of five processes a second is told of in about ten seconds', () => {
    const story = tellStory(true);
    const after = story.liveUntil('pids-runaway', 60, (n) => ({ pids: 9 + n * 5 }));
    expect(after).toBeLessThanOrEqual(12_000);
  });

  it('that is over between two looks is told of by what its limit refused', () => {
    const story = tellStory(true);
    story.live(1, () => ({ pids: 5, forksRefused: 312 }));
    expect(above(story).map(({ kind, severity }) => [kind, severity])).toEqual([
      ['fork-bomb', 'critical'],
    ]);
    expect(above(story)[0]?.sentence).toBe(
      'Processes multiplied until the limit of 512 was met: 312 more were refused within 1 s. Processes now: 5.',
    );
  });

  it('is not what a build is that meets its limit for a moment', () => {
    const story = tellStory(true);
    story.live(60, (n) => ({ pids: 100, forksRefused: n % 7 }));
    expect(above(story)).toEqual([]);
  });

  it('is not what a pool of forty threads is', () => {
    const story = tellStory(true);
    story.live(300, () => ({ pids: 44 }));
    expect(above(story)).toEqual([]);
  });
});

describe('a memory leak', () => {
  it('of 200 MB/s is told of before the limit is met', () => {
    const story = tellStory(true);
    story.liveUntil('memory-runaway', 40, (n) => ({
      intervalMs: 100,
      anonymousBytes: 40e6 + n * 20e6,
      memoryBytes: 50e6 + n * 20e6,
    }));
    const finding = above(story)[0];
    expect(finding?.severity).toBe('critical');
    expect(finding?.sentence).toMatch(/Memory grows by 2\d\d MB a second and reaches its limit/);
  });

  it('that grows in steps of 20 MB is told of before the limit, however often one looks', () => {
    for (const intervalMs of [100, 1000]) {
      const story = tellStory(true);
      const steps = Math.round(1000 / intervalMs);
      story.liveUntil('memory-runaway', 60 * steps, (n) => ({
        intervalMs,
        anonymousBytes: 40e6 + Math.floor(n / steps) * 20e6,
        memoryBytes: 50e6 + Math.floor(n / steps) * 20e6,
      }));
      expect(above(story)[0]?.kind).toBe('memory-runaway');
    }
  });

  it('of 1 MB/s is told of within three minutes, long before the limit', () => {
    const story = tellStory(true);
    const after = story.liveUntil('drift', 300, (n) => ({
      anonymousBytes: 40e6 + n * 1e6,
      memoryBytes: 50e6 + n * 1e6,
    }));
    expect(after).toBeLessThanOrEqual(180_000);
  });

  it('is not a cache that fills and is dropped', () => {
    const story = tellStory(true);
    story.live(900, (n) => ({
      anonymousBytes: 40e6 + (n % 40) * 5e6,
      memoryBytes: 50e6 + (n % 40) * 5e6,
    }));
    expect(above(story)).toEqual([]);
  });
});

describe('data that leaves', () => {
  it('at 50 kB/s without end is told of within a minute', () => {
    const story = tellStory(true);
    const after = story.liveUntil('sustained-upload', 120, () => ({
      network: { receivedBytes: 1_000, sentBytes: 50_000, receivedPackets: 20, sentPackets: 60 },
    }));
    expect(after).toBeLessThanOrEqual(60_000);
  });

  it('as a push of 20 MB is not told of', () => {
    const story = tellStory(true);
    story.live(4, () => ({
      network: { receivedBytes: 50_000, sentBytes: 5e6, receivedPackets: 900, sentPackets: 1_800 },
    }));
    story.live(60);
    expect(above(story)).toEqual([]);
  });

  it('as packets that nobody answers is a flood', () => {
    const story = tellStory(true);
    const after = story.liveUntil('network-flood', 10, () => ({
      network: { receivedBytes: 0, sentBytes: 30e6, receivedPackets: 0, sentPackets: 30_000 },
    }));
    expect(after).toBeLessThanOrEqual(2_000);
    expect(above(story)[0]?.severity).toBe('critical');
  });
});

describe('a frozen container', () => {
  it('keeps its findings open, teaches nothing, and starts anew when thawed', () => {
    const story = tellStory(true);
    story.live(1, () => ({ pids: 512 }));
    const control = (name: 'contained' | 'released') =>
      stepWatch(
        story.watch,
        story.baseline,
        { kind: 'control', at: story.at, workload, container, event: { name } },
        settings,
      );
    control('contained');
    const learnedMs = story.baseline.learnedMs;
    story.live(600, () => ({ cpuCores: 0, pids: 512 }));
    expect(story.baseline.learnedMs).toBe(learnedMs);
    expect(story.told.filter((finding) => finding.status === 'closed')).toEqual([]);
    control('released');
    story.live(30);
    expect(story.told.filter((finding) => finding.status === 'closed')).toHaveLength(1);
  });

  it('keeps them while its network is looked at, and when somebody thaws it behind Sentra’s back', () => {
    const story = tellStory(true);
    story.live(1, () => ({ pids: 512 }));
    const hear = (seen: ContainerObservation): void => {
      story.told.push(...stepWatch(story.watch, story.baseline, seen, settings).findings);
    };
    const of = { workload, container };
    hear({ kind: 'control', at: story.at, ...of, event: { name: 'contained' } });
    story.at += 600_000;
    const looked = { mode: 'observe', destinations: [], names: [], omitted: 0 } as const;
    hear({ kind: 'egress', at: story.at, ...of, ...looked, breach: 'a rule was gone' });
    hear({ kind: 'lifecycle', at: story.at, ...of, event: { name: 'unpause' } });
    hear({ kind: 'lifecycle', at: story.at, ...of, event: { name: 'pause' } });
    expect(story.told.filter((finding) => finding.status === 'closed')).toEqual([]);
    hear({ kind: 'lifecycle', at: story.at, ...of, event: { name: 'unpause' } });
    story.live(30);
    expect(story.told.filter((finding) => finding.status === 'closed')).toHaveLength(1);
  });
});

describe('a container that ends', () => {
  const die = (at: number) => ({
    kind: 'lifecycle' as const,
    at,
    workload,
    container,
    event: { name: 'die' as const, exitCode: 0 },
  });

  it('closes what was found about it', () => {
    const story = tellStory(true);
    story.live(1, () => ({ pids: 512 }));
    const { findings } = stepWatch(story.watch, story.baseline, die(story.at), settings);
    expect(findings.map(({ kind, status }) => [kind, status])).toContainEqual([
      'fork-bomb',
      'closed',
    ]);
    expect(story.watch.findings.open.size).toBe(0);
  });

  it('is learned again when it is started anew', () => {
    const story = tellStory(true);
    story.live(1, () => ({ pids: 512 }));
    stepWatch(story.watch, story.baseline, die(story.at), settings);
    const before = story.baseline.learnedMs;
    story.live(300);
    expect(story.baseline.learnedMs).toBeGreaterThan(before + 100_000);
  });

  it('keeps an out-of-memory kill for a minute, and no longer', () => {
    const story = tellStory(true);
    const event = { name: 'out-of-memory' as const };
    const observation = { kind: 'lifecycle' as const, at: story.at, workload, container, event };
    stepWatch(story.watch, story.baseline, observation, settings);
    stepWatch(story.watch, story.baseline, die(story.at), settings);
    expect(passTime(story.watch, story.at + 30_000).findings.map(({ status }) => status)).toEqual([
      'open',
    ]);
    passTime(story.watch, story.at + 90_000);
    expect(story.watch.findings.open.size).toBe(0);
  });
});

describe('a clock that is set back', () => {
  it('does not keep a workload from being learned', () => {
    const story = tellStory(false);
    story.at += 7_200_000;
    story.live(40);
    story.at -= 7_200_000;
    const before = story.baseline.learnedMs;
    story.live(60);
    expect(story.baseline.learnedMs).toBeGreaterThan(before);
  });

  it('does not keep what goes on from being told again, nor lets it teach', () => {
    const story = tellStory(true);
    const openFor = (seconds: number) => {
      for (let second = 0; second < seconds; second += 5) {
        const observation = {
          ...{
            kind: 'egress' as const,
            at: story.at,
            workload,
            container,
            mode: 'enforce' as const,
          },
          ...{ destinations: [], names: [], omitted: 0, breach: 'Its wall was open.' },
        };
        const { findings } = stepWatch(story.watch, story.baseline, observation, settings);
        story.told.push(...findings);
        story.live(5);
      }
    };
    openFor(200);
    story.at -= 7_200_000;
    story.told.length = 0;
    const before = story.baseline.learnedMs;
    openFor(300);
    expect(story.told.map(({ kind }) => kind)).toContain('egress-open');
    expect(story.baseline.learnedMs).toBe(before);
  });
});

describe('an attack on a workload that is still new', () => {
  it('does not teach: the next container of the workload is told of as well', () => {
    const first = tellStory(false);
    first.live(20);
    first.liveUntil('pids-runaway', 60, (n) => ({ pids: 9 + n * 5 }));
    first.live(5, (n) => ({ pids: 60 + n * 5 }));
    const second = tellStory(false, first.baseline);
    second.live(70);
    expect(second.liveUntil('pids-runaway', 60, (n) => ({ pids: 9 + n * 5 }))).toBeDefined();
  });
});

describe('lifecycle events', () => {
  const event = (at: number, name: 'start' | 'die' | 'out-of-memory') => ({
    kind: 'lifecycle' as const,
    at,
    workload,
    container,
    event: name === 'die' ? { name, exitCode: 1 } : { name },
  });

  it('of four starts within two minutes are a restart loop', () => {
    const story = tellStory(true);
    for (let n = 0; n < 4; n += 1) {
      for (const name of ['start', 'die'] as const) {
        story.at += 5_000;
        story.told.push(
          ...stepWatch(story.watch, story.baseline, event(story.at, name), settings).findings,
        );
      }
    }
    expect(story.told.map((finding) => finding.kind)).toContain('restart-loop');
  });

  it('of a command from outside are told of only where it never happened', () => {
    const exec = (at: number) => ({
      kind: 'lifecycle' as const,
      at,
      workload,
      container,
      event: { name: 'exec' as const, command: 'sh -c id' },
    });
    const never = tellStory(true);
    expect(stepWatch(never.watch, never.baseline, exec(never.at), settings).findings).toHaveLength(
      1,
    );
    const often = tellStory(false);
    stepWatch(often.watch, often.baseline, exec(often.at), settings);
    often.live(90);
    expect(stepWatch(often.watch, often.baseline, exec(often.at), settings).findings).toEqual([]);
  });
});

const anyObservation: fc.Arbitrary<Partial<ResourceObservation>> = fc.record({
  intervalMs: fc.integer({ min: 50, max: 15_000 }),
  cpuCores: fc.double({ min: 0, max: 256, noNaN: true }),
  memoryBytes: fc.double({ min: 0, max: 1e12, noNaN: true }),
  anonymousBytes: fc.double({ min: 0, max: 1e12, noNaN: true }),
  cacheBytes: fc.double({ min: 0, max: 1e12, noNaN: true }),
  faultsPerSecond: fc.double({ min: 0, max: 1e7, noNaN: true }),
  pids: fc.integer({ min: 0, max: 40_000 }),
  pidsLimit: fc.option(fc.integer({ min: 1, max: 40_000 }), { nil: undefined }),
  network: fc.option(
    fc.record({
      receivedBytes: fc.double({ min: 0, max: 1e10, noNaN: true }),
      sentBytes: fc.double({ min: 0, max: 1e10, noNaN: true }),
      receivedPackets: fc.double({ min: 0, max: 1e7, noNaN: true }),
      sentPackets: fc.double({ min: 0, max: 1e7, noNaN: true }),
    }),
    { nil: undefined },
  ),
});

describe('any sequence of observations', () => {
  it('gives the same findings when replayed, with finite figures, each opened before it closes', () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 200 }), (changes) => {
        const run = () => {
          const story = tellStory(true);
          story.live(changes.length, (n) => changes[n] ?? {});
          story.told.push(...endWatch(story.watch, story.at));
          return story.told;
        };
        const told = run();
        expect(JSON.stringify(run())).toBe(JSON.stringify(told));
        const open = new Set<string>();
        for (const finding of told) {
          expect(Number.isFinite(finding.score)).toBe(true);
          expect(finding.score).toBeGreaterThanOrEqual(0);
          expect(finding.score).toBeLessThanOrEqual(1);
          expect(finding.onsetAt).toBeLessThanOrEqual(finding.at);
          expect(finding.sentence).not.toMatch(/NaN|Infinity|undefined/);
          if (finding.status === 'closed') expect(open.delete(finding.id)).toBe(true);
          else open.add(finding.id);
        }
        expect(open.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves a baseline that survives a restart', () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 100 }), (changes) => {
        const story = tellStory(false);
        story.live(changes.length, (n) => changes[n] ?? {});
        const stored: unknown = JSON.parse(JSON.stringify(packBaseline(story.baseline)));
        const again = unpackBaseline(stored as ReturnType<typeof packBaseline>);
        expect(packBaseline(again)).toEqual(packBaseline(story.baseline));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a monitor that starts again', () => {
  it('goes on with the findings that were open', () => {
    const story = tellStory(true);
    story.live(1, () => ({ pids: 512 }));
    const open = above(story);
    const watch = createContainerWatch(workload, container, open);
    let at = story.at;
    const told = Array.from({ length: 40 }, () => {
      at += 1000;
      return stepWatch(watch, story.baseline, idleSecond(at), settings).findings;
    }).flat();
    expect(told.map((finding) => [finding.id, finding.status])).toEqual([[open[0]?.id, 'closed']]);
  });
});

describe('where a workload talks to, once that begins to be watched', () => {
  it('is learned first, though the workload itself was learned long ago', () => {
    const story = tellStory(true);
    const of = { workload, container };
    const step = (observation: Parameters<typeof stepWatch>[2]) =>
      void story.told.push(
        ...stepWatch(story.watch, story.baseline, observation, settings).findings,
      );
    const sendTo = (name: string) => {
      const counts = { sentPackets: 40_000, receivedPackets: 900, refusedPackets: 0 };
      const bytes = { sentBytes: 60e6, receivedBytes: 40_000 };
      const destination = { name, address: '203.0.113.7', protocol: 'tcp', port: 443 };
      step({
        ...{ kind: 'egress', at: story.at, ...of, mode: 'observe', names: [], omitted: 0 },
        ...{ destinations: [{ ...destination, ...counts, ...bytes }], breach: undefined },
      });
    };
    const sight = { state: 'seeing', unguarded: true } as const;
    const coverage = { sensor: 'egress', sight, since: story.at, dropped: 0 } as const;
    step({ kind: 'coverage', at: story.at, ...of, coverage });
    story.live(10);
    sendTo('backup.example.com');
    story.live(5);
    expect(story.told).toEqual([]);
    story.live(60);
    sendTo('elsewhere.example.net');
    expect(story.told.map(({ sentence }) => sentence).join()).toContain('example.net');
    expect(story.baseline.profile.places.watchedSince).toBe(coverage.since);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UnusualCalls } from '../../../../monitor/detect/syscalls/call-episode.ts';
import {
  createLearnedCalls,
  packCalls,
  unpackCalls,
  type LearnedCalls,
} from '../../../../monitor/detect/syscalls/learned-calls.ts';
import {
  acceptCalls,
  createCallWatch,
  judgeCalls,
  type CallWatch,
} from '../../../../monitor/detect/syscalls/unusual-calls.ts';

type Counts = Readonly<Record<string, number>>;

/** A container whose calls are seen step by step. */
interface Container {
  readonly watch: CallWatch;
  readonly learned: LearnedCalls;
  at: number;
}

const web: Counts = { read: 40, write: 20, close: 20, openat: 10, futex: 300 };

function born(learned = createLearnedCalls()): Container {
  return { watch: createCallWatch(), learned, at: 0 };
}

/** Lives so many seconds in steps of `stepMs`; gives what was held after each step. */
function live(
  container: Container,
  seconds: number,
  counts: (step: number) => Counts,
  { learning = false, stepMs = 1000 } = {},
): (UnusualCalls | undefined)[] {
  const held: (UnusualCalls | undefined)[] = [];
  for (let step = 0; step < (seconds * 1000) / stepMs; step += 1) {
    container.at += stepMs;
    const seen = { at: container.at, intervalMs: stepMs, counts: counts(step) };
    held.push(judgeCalls(container.watch, container.learned, seen, { learning }));
  }
  return held;
}

function grown(seconds = 6 * 3600): Container {
  const container = born();
  live(container, seconds, () => web, { learning: true });
  return container;
}

describe('unusual system calls', () => {
  it('are told in words: how many, since when, and never before', () => {
    const container = grown();
    const held = live(container, 3, (step) => ({ ...web, ptrace: step === 2 ? 71 : 70 }));
    expect(held.at(-1)?.sentence).toBe(
      'Made 211 `ptrace` calls in 3 s; never before in 6 h of watching.',
    );
    expect(held.at(-1)).toMatchObject({
      severity: 'high',
      technique: { id: 'T1055' },
      onsetAt: 6 * 3600_000,
      evidence: [{ series: 'ptrace calls a second', observed: 71, expected: { low: 0, high: 0 } }],
    });
  });

  it('are told as more than ever when the kind is known', () => {
    const container = grown();
    const held = live(container, 1, () => ({ ...web, openat: 900 }));
    expect(held[0]?.sentence).toBe(
      'Made 900 `openat` calls within a second; never more than 10 in 6 h of watching.',
    );
    expect(held[0]?.severity).toBe('low');
    expect(held[0]?.technique).toBeUndefined();
  });

  it('name what else is new, the gravest first', () => {
    const container = grown();
    const strange = { socket: 1, connect: 1, execve: 2, mount: 1, dup3: 3, pipe2: 1 };
    const [held] = live(container, 1, () => ({ ...web, ...strange }));
    expect(held?.sentence).toMatch(
      /^Made 1 `mount` call in 1 s; never before in 6 h of watching\./,
    );
    expect(held?.sentence).toMatch(/ Also new to it: `\w+`, `\w+`, `\w+` and 2 more\.$/);
    expect(held?.technique?.id).toBe('T1611');
  });

  it.each([
    [0.5, 'info'],
    [6, 'medium'],
    [25, 'high'],
  ])('weigh by what may be claimed: after %s h of watching, %s', (hours, severity) => {
    const container = born();
    live(container, hours * 3600, () => web, { learning: true, stepMs: 60_000 });
    live(container, 60, () => web, { learning: true });
    const shell = { execve: 2, pipe2: 1, dup2: 3, wait4: 1, connect: 1, socket: 1 };
    expect(live(container, 1, () => ({ ...web, ...shell }))[0]?.severity).toBe(severity);
    expect(live(container, 1, () => ({ ...web, setns: 1 }))[0]?.severity).toBe('high');
  });

  it('are not told when memory, threads and waiting swing with the load', () => {
    const container = grown();
    const busy = { ...web, futex: 90_000, sched_yield: 50_000, madvise: 40, mprotect: 7, exit: 4 };
    expect(live(container, 30, () => busy).every((held) => held === undefined)).toBe(true);
  });

  it('are not told when a known kind rises by a fifth, and that is learned', () => {
    const container = grown();
    for (const read of [46, 53, 61, 70, 81]) {
      expect(live(container, 5, () => ({ ...web, read }))).toEqual(Array(5).fill(undefined));
    }
  });

  it('do not teach: the same attack is told again after it has been away', () => {
    const container = grown();
    const attack = (): Counts => ({ ...web, ptrace: 5, openat: 500 });
    expect(live(container, 2, attack)[0]).toBeDefined();
    expect(live(container, 30, () => web).at(-1)).toBeUndefined();
    // What was told a moment ago is not told again …
    expect(live(container, 2, attack)).toEqual([undefined, undefined]);
    live(container, 11 * 60, () => web);
    // … but later it is.
    expect(live(container, 2, attack)[0]?.sentence).toContain('`ptrace`');
    expect(container.learned.tops.get('openat')).toBe(10);
  });

  it('are normal from the moment a person says so', () => {
    const container = grown();
    const deploy = (): Counts => ({ ...web, execve: 3, connect: 4 });
    expect(live(container, 1, deploy)[0]).toBeDefined();
    acceptCalls(container.watch, container.learned);
    live(container, 3600, () => web);
    expect(live(container, 5, deploy)).toEqual(Array(5).fill(undefined));
  });

  it('are news once, are held while they last, and end ten seconds after the last news', () => {
    const container = grown();
    const held = live(container, 20, (step) => (step < 2 ? { ...web, setns: 2 } : web));
    expect(held.map((one) => one !== undefined).lastIndexOf(true)).toBe(10);
    expect(held.filter((one, step) => one?.newsAt === (6 * 3600 + step + 1) * 1000)).toHaveLength(
      1,
    );
  });

  it('are the same whether a second is seen at once or in tenths', () => {
    const tenth = Object.fromEntries(
      Object.entries(web).map(([name, count]) => [name, count / 10]),
    );
    const container = born();
    live(container, 300, () => tenth, { learning: true, stepMs: 100 });
    expect(live(container, 60, () => tenth, { stepMs: 100 }).every((one) => !one)).toBe(true);
    const held = live(container, 1, (step) => (step === 4 ? { ...tenth, setns: 1 } : tenth), {
      stepMs: 100,
    });
    expect(held.findIndex((one) => one !== undefined)).toBe(4);
  });

  it('of an interval longer than a second count by the second', () => {
    const container = grown(600);
    expect(live(container, 60, () => scaled(web, 3), { stepMs: 3000 })).toEqual(
      Array(20).fill(undefined),
    );
  });

  it('are not made up when a container was away for a while', () => {
    const container = grown(600);
    container.at += 3600_000;
    expect(live(container, 3, () => web)).toEqual([undefined, undefined, undefined]);
  });

  it('are not put together from both sides of a pause', () => {
    const container = born();
    live(container, 300, () => ({ openat: 5 }), { learning: true, stepMs: 100 });
    live(container, 2, () => ({}), { stepMs: 100 });
    live(container, 0.1, () => ({ openat: 40 }), { stepMs: 100 });
    container.at += 60_000;
    expect(live(container, 0.1, () => ({ openat: 40 }), { stepMs: 100 })).toEqual([undefined]);
    expect(live(container, 0.1, () => ({ openat: 40 }), { stepMs: 100 })[0]).toBeDefined();
  });
});

function scaled(counts: Counts, factor: number): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, factor * count]));
}

const hostileName = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '`\u001b[2J', 'read', 'ptrace'),
);
const hostileCounts = fc.dictionary(
  hostileName,
  fc.oneof(fc.double(), fc.nat(), fc.constantFrom(NaN, -1, Infinity, 2 ** 60)),
  { maxKeys: 20 },
);
const hostileStep = fc.record({
  at: fc.integer({ min: -1e6, max: 1e9 }),
  intervalMs: fc.oneof(fc.integer({ min: -10, max: 60_000 }), fc.constantFrom(NaN, Infinity)),
  counts: hostileCounts,
  learning: fc.boolean(),
});

describe('whatever a sensor says', () => {
  it('nothing throws, and what is shown is plain text', () => {
    fc.assert(
      fc.property(fc.array(hostileStep, { maxLength: 40 }), (steps) => {
        const { watch, learned } = born();
        for (const { learning, ...seen } of steps) {
          const held = judgeCalls(watch, learned, seen, { learning });
          expect(held?.sentence ?? '').toMatch(/^[\x20-\x7e]*$/);
          expect(held?.score ?? 0).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('what is kept stays bounded under ever new names', () => {
    const container = born();
    for (const learning of [true, false]) {
      live(
        container,
        50,
        (step) =>
          Object.fromEntries(
            Array.from({ length: 600 }, (_, index) => [
              `${learning}${step}-${index}`.padEnd(200),
              1,
            ]),
          ),
        { learning },
      );
    }
    expect(container.learned.tops.size).toBeLessThanOrEqual(1_000);
    expect(container.watch.told.size).toBeLessThanOrEqual(512);
    expect(container.watch.window.sums.size).toBeLessThanOrEqual(512);
    expect(container.watch.episode?.calls.size).toBeLessThanOrEqual(64);
    expect(JSON.stringify(packCalls(container.learned)).length).toBeLessThan(50_000);
  });

  it('the same steps lead to the same verdicts, also after a trip through the store', () => {
    const kinds = fc.dictionary(fc.constantFrom('read', 'openat', 'mount', 'futex'), fc.nat(50));
    fc.assert(
      fc.property(
        fc.array(kinds, { maxLength: 30 }),
        fc.array(kinds, { maxLength: 30 }),
        (a, b) => {
          const one = born();
          live(one, a.length, (step) => a[step] ?? {}, { learning: true });
          const packed: unknown = JSON.parse(JSON.stringify(packCalls(one.learned)));
          const other = born(unpackCalls(packed as ReturnType<typeof packCalls>));
          live(other, 5, () => ({}));
          other.learned.watchedMs = one.learned.watchedMs;
          const again = born(unpackCalls(packCalls(one.learned)));
          const told = (container: Container): (string | undefined)[] =>
            live(container, b.length, (step) => b[step] ?? {}).map((held) => held?.sentence);
          expect(told(other)).toEqual(told(again));
        },
      ),
    );
  });
});

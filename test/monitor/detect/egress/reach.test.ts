import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReach, judgeReach, noteReach } from '../../../../monitor/detect/egress/reach.ts';
import type { EgressDestination } from '../../../../monitor/model/egress.ts';
import type { Verdict } from '../../../../monitor/detect/verdict.ts';

const minute = 60_000;
const start = Date.UTC(2026, 5, 1);

const to = (address: string, port = 443, change: Partial<EgressDestination> = {}) => ({
  address,
  name: undefined,
  protocol: 'tcp',
  port,
  sentPackets: 3,
  sentBytes: 300,
  receivedPackets: 3,
  receivedBytes: 4000,
  refusedPackets: 0,
  ...change,
});

/** Refused by the other side: a reset comes back. */
const refusal = { sentPackets: 1, sentBytes: 60, receivedPackets: 1, receivedBytes: 40 };

function container() {
  const reach = createReach();
  return {
    reach,
    look: (
      at: number,
      destinations: readonly EgressDestination[],
      omitted = 0,
    ): readonly Verdict[] => {
      noteReach(reach, {
        kind: 'egress',
        at: start + at,
        workload: 'agent',
        container: 'c'.repeat(64),
        mode: 'observe',
        destinations,
        names: [],
        omitted,
        breach: undefined,
      });
      return judgeReach(reach, start + at);
    },
  };
}

const kinds = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ kind }) => kind);
const each = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

test('A hundred addresses within a minute are recorded where they answer; else they are a scan, which is judged by itself.', () => {
  const many = (change = {}) => each(100, (index) => to(`198.51.100.${index}`, 443, change));
  expect(container().look(0, many())).toMatchObject([{ kind: 'fan-out', severity: 'info' }]);
  expect(container().look(0, many(refusal))).toEqual([]);
  expect(container().look(0, many().slice(1))).toEqual([]);
  // Those that found no place in the observation count as well.
  expect(kinds(container().look(0, many().slice(50), 50))).toEqual(['fan-out']);
});

test('What was found can be drawn: how the destinations grew in number, and how even the contacts are.', () => {
  const { look } = container();
  for (let step = 0; step < 4; step += 1) {
    look(
      step * 5000,
      each(30, (index) => to(`198.51.100.${step * 30 + index}`)),
    );
  }
  const [fan] = look(20_000, [to('192.0.2.250')]);
  expect(fan?.evidence[0]?.recent.map(({ at, value }) => [at - start, value])).toEqual([
    [0, 30],
    [5000, 60],
    [10_000, 90],
    [15_000, 120],
    [20_000, 121],
  ]);
  const beats = container();
  beats.look(0, [to('192.0.2.250')]);
  let found: readonly Verdict[] = [];
  for (let beat = 0; beat < 9; beat += 1) {
    found = beats.look(20 * minute + beat * minute, [to('203.0.113.5')]);
  }
  expect(found[0]?.evidence[0]).toMatchObject({ unit: 's', observed: 60 });
  expect(found[0]?.evidence[0]?.recent.map(({ value }) => value)).toEqual(Array(7).fill(60));
});

/** Looks every five seconds in which the destination is talked to at the given times. */
function talk(times: readonly number[], from = 0): string[] {
  const { look } = container();
  look(0, [to('192.0.2.250')]);
  const found = times.flatMap((at) =>
    kinds(look(Math.ceil((from + at) / 5000) * 5000, [to('203.0.113.5')])),
  );
  return [...new Set(found)];
}

test('Regular contact with something new is told, with jitter too; irregular contact is not.', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 900 }),
      fc.array(fc.double({ min: -0.15, max: 0.15, noNaN: true }), { minLength: 12, maxLength: 12 }),
      (beat, jitter) => {
        const times = jitter.map((part, index) => (index + part) * beat * 1000);
        expect(talk(times, 20 * minute)).toEqual(['beaconing']);
      },
    ),
    { numRuns: 100 },
  );
  // Doubling gaps, as of one that tries again later and later.
  expect(
    talk(
      each(12, (index) => 2 ** index * 20_000),
      20 * minute,
    ),
  ).toEqual([]);
});

test('An updater that was there from the start is regular and is not told, nor what streams on.', () => {
  expect(talk(each(30, (index) => index * 5 * minute))).toEqual([]);
  expect(
    talk(
      each(200, (index) => index * 5000),
      20 * minute,
    ),
  ).toEqual([]);
});

test('What is found is over a minute after it was seen last.', () => {
  const { look, reach } = container();
  look(
    0,
    each(100, (index) => to(`198.51.100.${index}`)),
  );
  expect(judgeReach(reach, start + 59_000)).toHaveLength(1);
  expect(judgeReach(reach, start + 61_000)).toEqual([]);
});

test('A container that reaches for 100,000 destinations costs no more memory than one for 2,048.', () => {
  const { look, reach } = container();
  for (let step = 0; step < 500; step += 1) {
    look(
      step * 5000,
      each(200, (index) => to(`10.${step >> 8}.${step & 255}.${index}`, index + 1, refusal)),
    );
  }
  expect(reach.contacts.size).toBeLessThanOrEqual(2048);
  expect(reach.held.size).toBeLessThanOrEqual(8);
});

test('A clock that was set back begins anew, and nothing is held for ever.', () => {
  const { look } = container();
  look(
    minute * 60,
    each(100, (index) => to(`198.51.100.${index}`)),
  );
  expect(look(0, [to('192.0.2.1')])).toEqual([]);
});

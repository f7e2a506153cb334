import { beforeEach, describe, expect, it } from 'vitest';
import {
  beginContainer,
  createDetection,
  stepDetection,
  type Detection,
} from '../../../monitor/detect/detection.ts';
import { outlookOf } from '../../../monitor/detect/budget/alarm-outlook.ts';
import { topOf } from '../../../monitor/detect/syscalls/learned-calls.ts';
import type { EgressDestination } from '../../../monitor/model/egress.ts';
import { idleSecond } from './story.ts';

const container = 'a'.repeat(64);
const of = { workload: 'agent#one', container };
const usual = { read: 40, write: 30, epoll_wait: 90, futex: 200 };
/** A little more than ever, and a kind that it never made. */
const more = { ...usual, read: 46, chmod: 30 };
const MB = 1_000_000;

const sent = (name: string, sentBytes: number): EgressDestination => ({
  ...{ name, address: '203.0.113.9', protocol: 'tcp', port: 443 },
  ...{ sentPackets: 3, sentBytes, receivedPackets: 3, receivedBytes: 1000, refusedPackets: 0 },
});

/** An odd name, as services ask for that put identifiers into names; not yet a tunnel. */
const odd = (index: number): string => `${index}q9xk3zv7.odd.example`;

let detection: Detection;
let at: number;

function live(seconds: number, counts: Readonly<Record<string, number>>, every = 1): void {
  for (let second = 0; second < seconds; second += every) {
    at += every * 1000;
    const sampled = { at, intervalMs: every * 1000, ...of };
    stepDetection(detection, { ...idleSecond(at), ...sampled });
    const scaled = Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [name, count * every]),
    );
    stepDetection(detection, { kind: 'syscalls', ...sampled, counts: scaled, failed: {}, lost: 0 });
  }
}

function reach(
  destinations: readonly EgressDestination[],
  { asked = [], breach }: { asked?: readonly string[]; breach?: string | undefined } = {},
): void {
  stepDetection(detection, {
    ...{ kind: 'egress', at, ...of, mode: 'observe', omitted: 0, breach, destinations },
    names: asked.map((name) => ({ name, refused: false, count: 1 })),
  });
}

function profile() {
  const baseline = detection.baselines.get(of.workload);
  if (baseline === undefined) throw new Error('Not watched.');
  return baseline.profile;
}

const learned = () => ({
  reads: topOf(profile().calls, 'read'),
  chmods: topOf(profile().calls, 'chmod'),
  places: [...profile().places.places.keys()],
  volume: profile().volumes.get('github.com'),
  odd: profile().domains.tops.get('odd.example'),
});

/** Three minutes of what it never did, and eleven in which it is over. */
function misbehave(breach: string | undefined): void {
  reach([], { breach });
  for (let round = 0; round < 6; round += 1) {
    live(30, more);
    const destinations = [sent('github.com', 0.5 * MB), sent('news.example.org', 2000)];
    reach(destinations, { asked: [odd(10 + round)], breach });
  }
  for (let minute = 0; minute < 11; minute += 1) {
    live(60, usual, 5);
    reach([], { breach });
  }
  // What was sent is over once something is seen after it.
  live(60, usual, 5);
  reach([sent('github.com', 1)], { breach });
}

describe('What a container does while something else is found wrong with it', () => {
  beforeEach(() => {
    detection = createDetection({ learnMs: 300_000, hostCpus: 4 });
    at = 1e12;
    beginContainer(detection, of.workload, container, undefined, []);
    live(200, usual);
    reach([sent('github.com', 1.5 * MB)], { asked: [odd(0)] });
    live(400, usual);
    live(7200, usual, 10);
    reach([sent('github.com', 1.5 * MB)]);
  });

  it('teaches nothing: no call, no name, no place, no volume', () => {
    const before = learned();
    misbehave('Its wall was open.');
    expect(learned()).toEqual(before);
    // That its wall was open is an alarm as well, though no budget rules on it.
    expect(outlookOf(profile().budget).told).toBeGreaterThan(0);
  });

  it('would have taught all of them had nothing been wrong', () => {
    const before = learned().odd ?? NaN;
    misbehave(undefined);
    const { reads, chmods, places, volume, odd: most } = learned();
    expect(most).toBeGreaterThan(before);
    expect(reads).toBeGreaterThan(44);
    expect(chmods).toBeGreaterThan(20);
    expect(places).toContain('example.org');
    expect(volume).toBeGreaterThan(2 * MB);
  });

  it('is learned afterwards, when it is seen again and nothing is wrong', () => {
    misbehave('Its wall was open.');
    live(120, usual, 5);
    misbehave(undefined);
    expect(learned().places).toContain('example.org');
    expect(learned().chmods).toBeGreaterThan(20);
  });
});

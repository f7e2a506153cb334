import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAlarmBudget, watchOn } from '../../../../monitor/detect/budget/alarm-budget.ts';
import {
  acceptVolume,
  createPlaceVolumes,
  judgeVolumes,
  mainPlace,
  noteVolumes,
  remembersVolume,
  type LearnedVolumes,
} from '../../../../monitor/detect/egress/place-volume.ts';
import { createOpenFindings, followVerdicts } from '../../../../monitor/detect/open-findings.ts';
import type { Verdict } from '../../../../monitor/detect/verdict.ts';
import type { EgressDestination } from '../../../../monitor/model/egress.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const MB = 1_000_000;

const to = (
  name: string,
  sentBytes: number,
  change: Partial<EgressDestination> = {},
): EgressDestination => ({
  ...{ address: '203.0.113.7', name, protocol: 'tcp', port: 443 },
  ...{ sentPackets: 3, sentBytes, receivedPackets: 3, receivedBytes: sentBytes / 100 },
  refusedPackets: 0,
  ...change,
});

const noUpload = { told: false, streamMs: 0, onsetAt: 0 };
/** One that began then. */
const upload = (onsetAt: number, told = true) => ({ told, streamMs: 4_000, onsetAt });

/** A workload that was watched for so long, and pushed 2 MB to its repository every hour. */
function agent(watchedMs = 4 * day, learning = false) {
  const volumes = createPlaceVolumes();
  const learned: LearnedVolumes = new Map();
  const budget = createAlarmBudget(1);
  const findings = createOpenFindings('agent', 'c'.repeat(64));
  let at = 0;
  const look = (destinations: readonly EgressDestination[], upload = noUpload) => {
    const by = { budget, learning, upload, learns: true, findings };
    noteVolumes(volumes, learned, { at, destinations }, by);
    const verdicts = judgeVolumes(volumes, at);
    followVerdicts(findings, verdicts, at);
    return verdicts;
  };
  for (; at < watchedMs; at += 60 * minute) {
    watchOn(budget, 60 * minute);
    look([to('github.com', 2 * MB), to('api.model.test', 300_000)]);
  }
  return {
    ...{ volumes, learned, look, findings },
    pass: (ms: number): readonly Verdict[] => judgeVolumes(volumes, (at += ms)),
  };
}

describe('Sending to a place', () => {
  test('can be drawn: what had been sent by when, against what is normal for the place', () => {
    const { look, pass } = agent();
    let found: readonly Verdict[] = [];
    for (let second = 0; second < 300; second += 5) {
      found = look([to('github.com', MB)]);
      pass(5000);
    }
    const [evidence] = found[0]?.evidence ?? [];
    expect(evidence).toMatchObject({ observed: 60 * MB, expected: { low: 0, high: 2 * MB } });
    const points = evidence?.recent ?? [];
    expect(points.at(-1)?.value).toBe(60 * MB);
    expect(points.length).toBeGreaterThan(10);
    expect(points.length).toBeLessThanOrEqual(31);
    const values = points.map(({ value }) => value);
    expect(values).toEqual([...values].sort((one, other) => one - other));
  });

  test('far more than it ever got is told, with the place and what it got before', () => {
    const { look } = agent();
    expect(look([to('gist.github.com', 60 * MB)])).toMatchObject([
      {
        kind: 'sustained-upload',
        series: 'bytes sent to github.com',
        severity: 'medium',
        sentence: expect.stringContaining(
          'to github.com within ten minutes; the most that is normal for it in ten minutes was 2.0 MB.',
        ) as string,
      },
    ]);
  });

  test('in pieces within ten minutes is added up, and to a new place is compared with nothing', () => {
    const { look, pass } = agent();
    for (let piece = 0; piece < 9; piece += 1) {
      expect(look([to('files.example.com', 0.5 * MB)])).toEqual([]);
      pass(20_000);
    }
    expect(look([to('files.example.com', 20 * MB)])).toMatchObject([
      {
        severity: 'medium',
        sentence: expect.stringContaining(
          'more than 1.0 MB is not known to be normal for it.',
        ) as string,
      },
    ]);
  });

  test('is only recorded as long as the workload is young, and not at all while it is learned', () => {
    expect(agent(2 * 60 * minute).look([to('github.com', 60 * MB)])).toMatchObject([
      { severity: 'info' },
    ]);
    expect(agent(2 * 60 * minute, true).look([to('github.com', 60 * MB)])).toEqual([]);
  });

  test('is no news four times as much as ever, to the house itself, refused, or mostly the other way', () => {
    const { look } = agent();
    expect(look([to('github.com', 5 * MB)])).toEqual([]);
    expect(look([to('db.local', 900 * MB)])).toEqual([]);
    expect(look([to('a.test', 900 * MB, { refusedPackets: 3 })])).toEqual([]);
    expect(look([to('mirror.example.com', 9 * MB, { receivedBytes: 900 * MB })])).toEqual([]);
  });

  test('that a person was told of already is recorded beside it, and names the place', () => {
    const { look, volumes } = agent();
    const onsetAt = 4 * day;
    expect(look([to('github.com', 60 * MB)], upload(onsetAt))).toMatchObject([
      { severity: 'info' },
    ]);
    expect(mainPlace(volumes, { bytes: 70 * MB, onsetAt })).toBe('github.com');
    expect(mainPlace(volumes, { bytes: 200 * MB, onsetAt })).toBeUndefined();
  });

  test('before an upload does not make a place the one that the upload goes to', () => {
    const { look, pass, volumes } = agent();
    look([to('api.model.com', 15 * MB)]);
    pass(8 * minute);
    const onsetAt = 4 * day + 8 * minute;
    const now = { bytes: 25 * MB, onsetAt };
    expect(mainPlace(volumes, now)).toBeUndefined();
    look([to('api.model.com', 1 * MB)], upload(onsetAt));
    expect(mainPlace(volumes, now)).toBeUndefined();
    look([to('files.example.net', 23 * MB)], upload(onsetAt));
    expect(mainPlace(volumes, now)).toBe('example.net');
    // It had something before, which does not matter either.
    look([to('example.net', 1)]);
    look([to('api.model.com', 24 * MB)], upload(onsetAt + minute));
    expect(mainPlace(volumes, { bytes: 25 * MB, onsetAt: onsetAt + minute })).toBe('model.com');
  });

  test('that was told is not learned, so that it is found again; accepted, it is', () => {
    const told = agent();
    told.look([to('github.com', 60 * MB)]);
    expect(told.pass(2 * minute)).toEqual([]);
    told.pass(20 * minute);
    told.look([to('github.com', 1)]);
    expect(told.learned.get('github.com')).toBe(2 * MB);
    expect(told.look([to('github.com', 60 * MB)])).toHaveLength(1);

    const accepted = agent();
    accepted.look([to('github.com', 60 * MB)]);
    const github = { series: 'bytes sent to github.com', onsetAt: 4 * day };
    acceptVolume(accepted.volumes, accepted.learned, github);
    expect(accepted.learned.get('github.com')).toBe(60 * MB);
    expect(accepted.look([to('github.com', 60 * MB)])).toEqual([]);

    const late = agent();
    late.look([to('github.com', 60 * MB)]);
    late.pass(20 * minute);
    late.look([to('github.com', 1)]);
    acceptVolume(late.volumes, late.learned, { ...github, onsetAt: 17 });
    expect(late.learned.get('github.com')).toBe(2 * MB);
    acceptVolume(late.volumes, late.learned, github);
    expect(late.learned.get('github.com')).toBe(60 * MB);
  });

  test('for longer than ten minutes is one finding; accepted when it is over, it is learned', () => {
    const { look, pass, volumes, learned, findings } = agent();
    const series = 'bytes sent to github.com';
    for (let step = 0; step < 120; step += 1) {
      look([to('github.com', (step < 60 ? 6 : 5) * MB)], upload(4 * day));
      expect(findings.open.size).toBe(step === 0 ? 0 : 1);
      pass(10_000);
    }
    pass(20 * minute);
    look([to('github.com', 1)]);
    expect(findings.open.size).toBe(0);
    expect(learned.get('github.com')).toBe(2 * MB);
    const it = { series, onsetAt: 4 * day };
    expect(remembersVolume(volumes, it)).toBe(true);
    acceptVolume(volumes, learned, it);
    expect(learned.get('github.com')).toBe(360 * MB);
    expect(remembersVolume(volumes, it)).toBe(false);
  });

  test('is measured by what it got, however many small contacts came since', () => {
    const { look, pass, learned } = agent();
    for (const round of ['small', 'other']) {
      look(Array.from({ length: 127 }, (_, index) => to(`${round}-${index}.org`, 100)));
      pass(11 * minute);
    }
    look([to('small-0.org', 1)]);
    expect(learned.get('github.com')).toBe(2 * MB);
  });

  test('is seen also behind a crowd of small contacts', () => {
    const { look } = agent();
    look(Array.from({ length: 300 }, (_, index) => to(`decoy-${index}.org`, 100)));
    expect(look([to('files.example.com', 60 * MB)])).toMatchObject([
      { series: 'bytes sent to example.com' },
    ]);
  });

  test('keeps to its bounds whatever the names are, and learns no less than was sent', () => {
    const places = fc.array(fc.tuple(fc.domain(), fc.integer({ min: 0, max: 9 * MB })));
    fc.assert(
      fc.property(fc.array(places, { maxLength: 20 }), (looks) => {
        const { look, pass, volumes, learned } = agent(0);
        for (const seen of looks) {
          look(seen.map(([name, sent]) => to(name, sent)));
          pass(11 * minute);
        }
        expect(volumes.stretches.size).toBeLessThanOrEqual(128);
        expect(learned.size).toBeLessThanOrEqual(128);
        expect([...learned.values()].every((most) => most >= 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

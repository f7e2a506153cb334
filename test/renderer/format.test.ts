import { describe, expect, test } from 'vitest';
import { byteRate, bytes } from '../../renderer/format/bytes.ts';
import { clockSpan, exactSpan, relativeTime, roughSpan } from '../../renderer/format/duration.ts';
import { measure } from '../../renderer/format/measure.ts';
import { cores, countOf, figure, grouped } from '../../renderer/format/number.ts';
import { oneLine } from '../../renderer/format/plain-text.ts';
import { plannedWords } from '../../renderer/words/decision-sentence.ts';

/** Thin spaces keep a figure and its unit together; here they read as ordinary ones. */
const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('Figures', () => {
  test.each([
    [0, '0 B'],
    [512, '512 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1536, '1.5 kB'],
    [99_400, '99.4 kB'],
    [999_500, '1.0 MB'],
    [128e6, '128 MB'],
    [-5, '0 B'],
  ])('%d bytes read %s.', (count, words) => {
    expect(plain(bytes(count))).toBe(words);
  });

  test('A rate of bytes names the second.', () => {
    expect(plain(byteRate(2048))).toBe('2.0 kB/s');
  });

  test.each([
    [0, '0 cores'],
    [0.0004, '0 cores'],
    [0.001, '0.001 cores'],
    [0.034, '0.034 cores'],
    [0.0996, '0.10 cores'],
    [0.52, '0.52 cores'],
    [0.996, '1.0 cores'],
    [1.59, '1.6 cores'],
    [12.4, '12 cores'],
    [-0.1, '0 cores'],
  ])('CPU of %d reads %s.', (value, words) => {
    expect(plain(cores(value))).toBe(words);
  });

  test.each([
    [0, '0'],
    [0.0341, '0.034'],
    [0.52, '0.52'],
    [7.31, '7.3'],
    [48, '48'],
    [12_345, '12 345'],
    [-7.31, '-7.3'],
  ])('%d reads %s.', (value, words) => {
    expect(plain(figure(value))).toBe(words);
  });

  test.each([
    [0, '0 s'],
    [500, '500 ms'],
    [90_000, '1 min 30 s'],
    [600_000, '10 min'],
    [3_600_000, '1 h'],
    [86_400_001, '1 d 1 ms'],
    [-1, '0 s'],
  ])('%d milliseconds are exactly %s.', (span, words) => {
    expect(plain(exactSpan(span))).toBe(words);
  });

  test('Thousands are grouped from five digits on.', () => {
    expect([9999, 10_000, 1_234_567].map((value) => plain(grouped(value)))).toEqual([
      '9999',
      '10 000',
      '1 234 567',
    ]);
  });

  test('One is singular, all others plural, limits too.', () => {
    expect([0, 1, 2].map((count) => countOf(count, 'finding'))).toEqual([
      '0 findings',
      '1 finding',
      '2 findings',
    ]);
    const limit = { kind: 'limit', memoryBytes: undefined } as const;
    expect(
      [
        { cpus: 1, pids: 1 },
        { cpus: 0.5, pids: 20 },
      ].map((of) => plain(plannedWords({ ...limit, ...of }))),
    ).toEqual(['limit it to 1 core, 1 process', 'limit it to 0.5 cores, 20 processes']);
  });

  test.each([
    [2048, 'bytes', '2.0 kB'],
    [2048, 'bytes/s', '2.0 kB/s'],
    [1.25, 'cores', '1.3 cores'],
    [3, 'count', '3.0'],
    [0.414, 'share', '41 %'],
    [0, 'share', '0 %'],
    [0.0143, 'share', '1.4 %'],
    [0.0996, 'share', '10 %'],
    [40, 'processes', '40 processes'],
  ])('%d with the unit %s reads %s.', (value, unit, words) => {
    expect(plain(measure(value, unit))).toBe(words);
  });
});

describe('Times', () => {
  test.each([
    [0, '0 s'],
    [99_000, '99 s'],
    [100_000, '2 min'],
    [99 * 60_000, '99 min'],
    [3 * 3_600_000, '3 h'],
    [4 * 86_400_000, '4 d'],
    [-1, '0 s'],
  ])('%d ms read %s.', (span, words) => {
    expect(plain(roughSpan(span))).toBe(words);
  });

  test('A clock shows hours only when there are any.', () => {
    expect([8_000, 760_000, 10_929_000].map(clockSpan)).toEqual(['0:08', '12:40', '3:02:09']);
  });

  test('What was is ago, what will be is in.', () => {
    const now = 1_000_000;
    expect([now, now - 12_000, now + 240_000].map((at) => plain(relativeTime(at, now)))).toEqual([
      'now',
      '12 s ago',
      'in 4 min',
    ]);
  });
});

describe('Text from a container', () => {
  test('It cannot break the line or turn its direction.', () => {
    expect(oneLine('a\nb\u202ec\u0007d\u2066e')).toBe('a b c d e');
  });

  test('It is cut where it would push everything else away.', () => {
    expect(oneLine('x'.repeat(400), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
} from '../../../monitor/policy/quantity.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['2', undefined],
    ['2 s', undefined],
    ['-2s', undefined],
    ['2S', undefined],
    ['1e3s', undefined],
    ['s', undefined],
    ['', undefined],
    ['2toString', undefined],
    ['1d', undefined],
  ])('%j is %j ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it('is written so that it is read the same', () => {
    fc.assert(
      fc.property(fc.nat(604_800_000), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});

describe('a size', () => {
  it.each([
    ['512MB', 512_000_000],
    ['2GiB', 2_147_483_648],
    ['0.5kB', 500],
    ['1024B', 1024],
    ['512', undefined],
    ['512Mb', undefined],
    ['512M', undefined],
  ])('%j is %j bytes', (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  it('is written so that it is read the same', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.constantFrom(1, 1000, 1024, 1024 ** 2), (count, unit) => {
        fc.pre(count * unit < 1e9 * 1024);
        expect(parseSize(formatSize(count * unit))).toBe(count * unit);
      }),
    );
  });
});

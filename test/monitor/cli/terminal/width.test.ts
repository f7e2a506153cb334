import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, displayWidth, fit, oneLine, wrap } from '../../../../monitor/cli/terminal/width.ts';
import { steeringCharacters } from '../memory-terminal.ts';

/** Any code points at all, lone surrogates among them. */
const anyText = fc
  .array(fc.oneof(fc.nat(0x10ffff), fc.nat(0x3fff)), { maxLength: 40 })
  .map((points) => String.fromCodePoint(...points));

test.each([
  ['builder', 7],
  ['日本', 4],
  ['한국', 4],
  ['e\u0301', 1],
  ['🐳', 2],
  ['ｆｕｌｌ', 8],
  ['…', 1],
])('%s takes %i cells.', (text, cells) => {
  expect(displayWidth(text)).toBe(cells);
});

test('What is too wide is cut with an ellipsis, never in the middle of a wide character.', () => {
  expect(cut('builder', 4)).toBe('bui…');
  expect(cut('日本語', 4)).toBe('日…');
  expect(fit('日本語', 4)).toBe('日… ');
  expect(fit('7', 3, 'right')).toBe('  7');
});

test('Any text made to fit takes exactly the cells it was given, and steers nothing.', () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), (text, cells) => {
      const fitted = fit(oneLine(text), cells);
      expect(displayWidth(fitted)).toBe(cells);
      expect(fitted).not.toMatch(steeringCharacters);
    }),
  );
});

test('Text is broken between words; what does not fit is cut visibly.', () => {
  expect(wrap('one two three four', 9, '', 2)).toEqual(['one two', 'three fo…']);
  expect(wrap('one two', 20, '', 2)).toEqual(['one two']);
  expect(wrap('one two three', 8, '  ', 3)).toEqual(['one two', '  three']);
});

test('No broken line is wider than allowed, and there are no more than allowed.', () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 30 }), fc.integer({ min: 1, max: 60 }), (text, cells) => {
      const lines = wrap(text, cells, '', 2);
      expect(lines.length).toBeLessThanOrEqual(2);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(cells);
    }),
  );
});

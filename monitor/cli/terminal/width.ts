import { plainText } from '../../runtime/plain-text.ts';

/** Scripts and symbols that terminals draw two cells wide (Unicode East Asian Width W and F). */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Marks that are drawn into the cell before them. */
const combining = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;

/**
 * Characters without a look of their own that make terminals disagree about widths: variation
 * selectors, tags and other format characters.
 */
const shapeless = /[\p{Cf}\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

/** The cells that one code point takes on a terminal: 0, 1 or 2. */
function cellsOf(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The cells that plain text takes on a terminal. */
export function displayWidth(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** Untrusted text as one line whose width can be relied upon, at most `limit` characters. */
export function oneLine(text: string, limit = 200): string {
  return plainText(text.replace(shapeless, ''), limit);
}

/** The text cut to at most `cells`, with an ellipsis where something was cut. */
export function cut(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const width = cellsOf(character);
    if (used + width > cells - 1) break;
    kept += character;
    used += width;
  }
  return cells > 0 ? `${kept}…` : '';
}

/** The text cut or filled up with spaces to exactly `cells`. */
export function fit(text: string, cells: number, side: 'left' | 'right' = 'left'): string {
  const short = cut(text, cells);
  const space = ' '.repeat(Math.max(0, cells - displayWidth(short)));
  return side === 'left' ? short + space : space + short;
}

/**
 * The text broken between words into lines of at most `cells`, the second and later ones led by
 * `indent`. What does not fit into `most` lines is cut with an ellipsis.
 */
export function wrap(text: string, cells: number, indent: string, most: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= cells || line.trim() === '') {
      line = longer;
      continue;
    }
    if (lines.length === most - 1) {
      line = longer;
      break;
    }
    lines.push(line);
    line = indent + word;
  }
  // A last line that was broken off is given more than fits, so that the cut shows.
  const rest = text.length > [...lines, line].join(' ').length ? `${line} …` : line;
  return [...lines, rest].map((each) => cut(each, cells));
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The number that a segment of a source map begins with, and how many digits it takes there. */
function readNumber(segment) {
  let value = 0;
  for (let at = 0; ; at += 1) {
    const digit = digits.indexOf(segment[at]);
    value |= (digit & 31) << (5 * at);
    if (digit < 32) return { number: value & 1 ? -(value >> 1) : value >> 1, length: at + 1 };
  }
}

function writeNumber(number) {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

/** With the backslashes before it: an odd one escapes the character, and does so still. */
const beyondAscii = /(\\*)([^\x00-\x7f])/g;

/** One line of `mappings`, with every column moved by what was put in before it. */
function moveColumns(mappings, growths) {
  let column = 0;
  let moved = 0;
  let passed = 0;
  let grown = 0;
  return mappings
    .split(',')
    .map((segment) => {
      if (segment === '') return segment;
      const { number, length } = readNumber(segment);
      column += number;
      for (; passed < growths.length && growths[passed].before < column; passed += 1) {
        grown += growths[passed].by;
      }
      const step = column + grown - moved;
      moved = column + grown;
      return writeNumber(step) + segment.slice(length);
    })
    .join(',');
}

/**
 * The same program in ASCII alone, with the `mappings` of its source map moved along. What is beyond
 * ASCII is written as `\uXXXX`, which means the same in texts, patterns and most names, and not in
 * templates with a tag: see `refuseTagged`. A single such character has V8 keep the whole text of a
 * program, for as long as it runs, in two bytes a character.
 */
export function toOneByte(code, mappings) {
  const mapped = mappings.split(';');
  const lines = code.split('\n').map((line, index) => {
    const growths = [];
    const written = line.replace(beyondAscii, (found, slashes, character, before) => {
      const escape = `${slashes.length % 2 === 1 ? '' : '\\'}u`;
      const text = slashes + escape + character.charCodeAt(0).toString(16).padStart(4, '0');
      growths.push({ before: before + slashes.length, by: text.length - found.length });
      return text;
    });
    const ofLine = mapped[index];
    if (growths.length > 0 && ofLine !== undefined) mapped[index] = moveColumns(ofLine, growths);
    return written;
  });
  return { code: lines.join('\n'), mappings: mapped.join(';') };
}

/**
 * Throws where the syntax tree of a program holds a template with a tag whose text is beyond ASCII: the
 * tag, as `String.raw` does, may look at how it is written, which `toOneByte` changes.
 */
export function refuseTagged(node) {
  if (node === null || typeof node !== 'object') return;
  if (node.type === 'TaggedTemplateExpression') {
    const text = node.quasi.quasis.map(({ value }) => value.raw).join('');
    if (/[^\x00-\x7f]/.test(text)) {
      throw new Error(`A template with a tag must be in ASCII alone: ${text.slice(0, 60)}`);
    }
  }
  for (const child of Object.values(node)) refuseTagged(child);
}

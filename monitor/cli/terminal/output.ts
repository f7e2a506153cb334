import { plainText } from '../../runtime/plain-text.ts';
import type { Terminal } from './terminal.ts';

/** Where a command's lines go, each marked when what they tell is simulated. */
export interface Output {
  /** One line for a person. Untrusted parts have been made plain by whoever composed it. */
  line(text: string): void;
  /** One JSON object, with its type and whether it is simulated. */
  json(type: string, members: object): void;
}

/** Characters that JSON leaves as they are and that steer a terminal, U+007F and up. */
const steering =
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** One JSON object as one line that is safe to show: what steers stands in it as `\uXXXX`. */
export function jsonLine(value: object): string {
  const escaped = JSON.stringify(value).replace(
    steering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}

/** Lines to the terminal's standard output. */
export function createOutput(terminal: Terminal, isSimulated: () => boolean): Output {
  return {
    line(text) {
      terminal.write(`${isSimulated() ? 'SIMULATED ' : ''}${text}\n`);
    },
    json(type, members) {
      terminal.write(jsonLine({ type, simulated: isSimulated(), ...members }));
    },
  };
}

/** Says of a list beside which no action stands that this does not mean that none was taken. */
export function complainUnread(
  terminal: Terminal,
  { message, advice }: { readonly message: string; readonly advice: string },
): void {
  complain(terminal, `What was done cannot be read, and is missing here: ${message}`, advice);
}

/** A message of an error, which may quote anything, as lines for standard error. */
export function complain(terminal: Terminal, message: string, advice: string): void {
  for (const line of [...message.split('\n'), ...advice.split('\n')]) {
    if (line.trim() !== '') terminal.complain(plainText(line, 1000));
  }
}

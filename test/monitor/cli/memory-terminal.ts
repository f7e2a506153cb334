import type { Terminal } from '../../../monitor/cli/terminal/terminal.ts';

/** A terminal that keeps what is written to it and answers from a list. */
export interface MemoryTerminal extends Terminal {
  written: string;
  readonly complaints: string[];
  readonly questions: string[];
  answers: string[];
}

export function createMemoryTerminal(
  options: { isLive?: boolean; columns?: number; rows?: number; answers?: string[] } = {},
): MemoryTerminal {
  const terminal: MemoryTerminal = {
    written: '',
    complaints: [],
    questions: [],
    answers: options.answers ?? [],
    write(text) {
      terminal.written += text;
    },
    complain: (line) => void terminal.complaints.push(line),
    isBehind: () => false,
    hasTakenAll: () => true,
    isLive: options.isLive ?? false,
    isColoured: false,
    size: () => ({ columns: options.columns ?? 80, rows: options.rows ?? 24 }),
    whenLost: () => () => undefined,
    ask(question) {
      terminal.questions.push(question);
      return Promise.resolve(terminal.answers.shift());
    },
  };
  return terminal;
}

/** Characters that steer a terminal or deceive its reader; a line feed is the only one allowed. */
export const steeringCharacters =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;

/** Names that a hostile container may bear. */
export const hostileNames = [
  '\u001b[2J\u001b[31mowned',
  '\u001b]0;title\u0007x',
  '\u009b5Acsi',
  'good\u202Egnp.exe',
  'a\r\nSIMULATED? no',
  'ze\u200Bro\u2066width',
  '日本語のコンテナ名前は幅が二倍になります',
  'e\u0301'.repeat(30),
  '👩‍👩‍👧‍👦 family 🏳️‍🌈',
  '\ud800lone',
  '%s%n${x}`id`',
] as const;

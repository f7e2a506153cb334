/** Something wrong in a policy's text. Line and column count from 1; columns in UTF-16 units. */
export interface PolicyProblem {
  readonly line: number;
  readonly column: number;
  /** What is wrong and what to write in its place. May quote the text: untrusted. */
  readonly message: string;
}

/** Where something stands in a policy's text, counted from 1. */
export type Position = Pick<PolicyProblem, 'line' | 'column'>;

/** The value, or everything that is wrong with the text: the shape of `Result`. */
export type Loaded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: readonly PolicyProblem[] };

/**
 * Line and column of any offset in `text`. The end of the text, and what lies beyond it, counts to
 * the last line that has text.
 */
export function positionsIn(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  let lastText = text.length;
  while (lastText > 0 && '\r\n'.includes(text.charAt(lastText - 1))) lastText -= 1;
  return (offset) => {
    const within = offset >= text.length ? lastText : Math.max(0, offset);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: within - (starts[low] ?? 0) + 1 };
  };
}

/** Text from a policy as it is quoted in a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

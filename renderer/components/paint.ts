/** Colours as last read; reading them from the page forces its styles to be worked out. */
const known = new Map<string, string>();

/** The value of a colour of tokens.css, for canvases, which know no custom properties. */
export function paint(token: string): string {
  let value = known.get(token);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
    known.set(token, value);
  }
  return value;
}

/** The theme has changed: colours are read anew. */
export function forgetPaint(): void {
  known.clear();
}

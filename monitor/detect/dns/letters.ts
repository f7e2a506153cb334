/** What a letter of a label is to the model of ordinary names: 0 to 25 are a to z, then these. */
export const letters = { digit: 26, dash: 27, edge: 28, other: 29 } as const;

/** How many kinds of letters there are. */
export const letterCount = 30;

/** The kind of a character by its code, case aside. Hyphen and underscore are one; what no host holds is `other`. */
export function letterOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 48 && code <= 57) return letters.digit;
  return code === 45 || code === 95 ? letters.dash : letters.other;
}

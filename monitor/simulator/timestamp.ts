/** The zero time of Go, which Docker shows for "never". */
export const never = '0001-01-01T00:00:00Z';

/** RFC 3339 as Go prints it: fractions without trailing zeros. `at` in milliseconds since 1970. */
export function timestamp(at: number): string {
  const text = new Date(at).toISOString();
  const millisecond = at % 1_000;
  if (millisecond === 0) return text.slice(0, 19) + 'Z';
  return text.slice(0, 20) + String(millisecond).padStart(3, '0').replace(/0+$/, '') + 'Z';
}

/** A span in words, as Docker's status column has it. */
export function inWords(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3_600);
  if (hours === 1) return 'About an hour';
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}

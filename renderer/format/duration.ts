const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A span of milliseconds in one unit, for reading at a glance: `8 s`, `12 min`, `3 h`, `4 d`. */
export function roughSpan(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < 100 * second) return `${Math.round(span / second)}\u202fs`;
  if (span < 100 * minute) return `${Math.round(span / minute)}\u202fmin`;
  if (span < 48 * hour) return `${Math.round(span / hour)}\u202fh`;
  return `${Math.round(span / day)}\u202fd`;
}

/** A span of milliseconds to the last of them: `10 min`, `1 min 30 s`, `500 ms`, `0 s`. */
export function exactSpan(milliseconds: number): string {
  let rest = Math.max(0, Math.round(milliseconds));
  const parts: string[] = [];
  for (const [unit, length] of exactUnits) {
    const count = Math.floor(rest / length);
    if (count > 0) parts.push(`${count}\u202f${unit}`);
    rest -= count * length;
  }
  return parts.length === 0 ? '0\u202fs' : parts.join(' ');
}

const exactUnits = [
  ['d', day],
  ['h', hour],
  ['min', minute],
  ['s', second],
  ['ms', 1],
] as const;

/** A span of milliseconds as a clock shows it: `0:08`, `12:40`, `3:02:09`. */
export function clockSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / second));
  const two = (value: number) => value.toString().padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}

/** How long ago, or how long until: `now`, `12 s ago`, `in 4 min`. Milliseconds since 1970. */
export function relativeTime(moment: number, now: number): string {
  const span = now - moment;
  if (Math.abs(span) < second) return 'now';
  return span > 0 ? `${roughSpan(span)} ago` : `in ${roughSpan(-span)}`;
}

/** The time of day here, 24 hours: `14:03:22`. */
export function timeOfDay(moment: number): string {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8);
}

/** The time of day, with the date in front when it is not today's: `21 Nov 14:03:22`. */
export function dateAndTime(moment: number, now: number): string {
  const date = new Date(moment);
  if (date.toDateString() === new Date(now).toDateString()) return timeOfDay(moment);
  const dayAndMonth = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return `${dayAndMonth} ${timeOfDay(moment)}`;
}

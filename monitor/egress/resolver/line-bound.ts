/** More lines in a second are passed over, so that a flood of questions costs the container alone. */
const linesPerSecond = 2000;

/**
 * Bounds what is read of a resolver's log: of the lines that are handed to what is returned, `onLine`
 * gets at most 2000 in a second of the monotonic clock, and an empty one for each that is passed over.
 */
export function boundLines(onLine: (line: string) => void): (line: string) => void {
  let count = 0;
  let second = 0;
  return (line) => {
    const now = Math.floor(performance.now() / 1000);
    count = now === second ? count + 1 : 1;
    second = now;
    onLine(count <= linesPerSecond ? line : '');
  };
}

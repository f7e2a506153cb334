import type { TraceLabel } from './shil-trace.ts';

/** The figures of one trace, or their means over several. */
export interface ShilScore {
  readonly traces: number;
  /** Rows with an alarm before the attack, mean over traces, per cent. */
  readonly falseRows: number;
  /** Traces with an alarm between the start of the attack and its success, per cent. */
  readonly detected: number;
  /** What alarms at random of the same rate would have detected, per cent. */
  readonly chance: number;
  /** From the first alarm to the success of the attack, 0 when missed, mean, seconds. */
  readonly leadSeconds: number;
  /** False alarms, those within 10 s of each other taken together, in an hour without an attack. */
  readonly episodesPerHour: number;
  /** Traces without any alarm before the attack, per cent. */
  readonly quiet: number;
}

interface TraceScore {
  readonly falseShare: number;
  readonly hit: boolean;
  readonly chance: number;
  readonly leadSeconds: number;
  readonly episodes: number;
  readonly hours: number;
}

const rowSeconds = 0.1;
const mergedRows = 100;

/** Scores one trace by the published protocol of SHIL (ACSOS 2022) and CDL (ACSAC 2020). */
export function scoreTrace(alarms: readonly boolean[], label: TraceLabel): TraceScore {
  const { attackStart, attackSuccess } = label;
  let falseRows = 0;
  let episodes = 0;
  let last = -Infinity;
  // An attack may lie beyond the end of what was recorded.
  const before = Math.min(attackStart, alarms.length);
  for (let row = 0; row < before; row += 1) {
    if (alarms[row] !== true) continue;
    falseRows += 1;
    if (row - last > mergedRows) episodes += 1;
    last = row;
  }
  const end = Math.max(0, Math.min(attackSuccess + 1, alarms.length));
  const found = alarms.slice(attackStart, end).indexOf(true);
  const falseShare = before === 0 ? 0 : falseRows / before;
  return {
    falseShare,
    hit: found !== -1,
    chance: 1 - (1 - falseShare) ** Math.max(0, end - attackStart),
    leadSeconds: found === -1 ? 0 : Math.max(0, attackSuccess - attackStart - found) * rowSeconds,
    episodes,
    hours: (before * rowSeconds) / 3600,
  };
}

/** Takes the scores of traces together. */
export function sumUp(scores: readonly TraceScore[]): ShilScore {
  const total = (of: (score: TraceScore) => number): number =>
    scores.reduce((sum, score) => sum + of(score), 0);
  const mean = (of: (score: TraceScore) => number): number => total(of) / scores.length;
  return {
    traces: scores.length,
    falseRows: 100 * mean(({ falseShare }) => falseShare),
    detected: 100 * mean(({ hit }) => Number(hit)),
    chance: 100 * mean(({ chance }) => chance),
    leadSeconds: mean(({ leadSeconds }) => leadSeconds),
    episodesPerHour:
      total(({ episodes }) => episodes) /
      Math.max(
        1e-9,
        total(({ hours }) => hours),
      ),
    quiet: 100 * mean(({ falseShare }) => Number(falseShare === 0)),
  };
}

/** The score as a line for people. */
export function shilLine(name: string, score: ShilScore): string {
  return (
    `${name.padEnd(34)} detected ${score.detected.toFixed(1)} % (chance ${score.chance.toFixed(1)} %), ` +
    `false rows ${score.falseRows.toFixed(3)} %, false episodes ${score.episodesPerHour.toFixed(1)}/h, ` +
    `quiet ${score.quiet.toFixed(1)} %, lead ${score.leadSeconds.toFixed(2)} s`
  );
}

/**
 * The scoring of the Numenta Anomaly Benchmark, v1.x (Lavin, Ahmad: "Evaluating Real-time Anomaly
 * Detection Algorithms", ICMLA 2015): a labelled window earns the worth of its best detection, which
 * falls along a sigmoid from the window's left edge to its right; every other detection costs, less
 * so just behind a window.
 */

/** How dear false alarms and missed windows are. */
export interface NabProfile {
  readonly name: string;
  readonly falseAlarm: number;
  readonly missed: number;
}

export const nabProfiles = {
  standard: { name: 'standard', falseAlarm: 0.11, missed: 1 },
  fewFalseAlarms: { name: 'low FP', falseAlarm: 0.22, missed: 1 },
  fewMisses: { name: 'low FN', falseAlarm: 0.11, missed: 2 },
} as const satisfies Record<string, NabProfile>;

/** One series: how long it is, and which rows (both ends within) are labelled. */
export interface NabLabels {
  readonly rows: number;
  readonly windows: readonly (readonly [number, number])[];
}

/** A series with its scores, one a row; higher is stranger. */
export interface NabScored {
  readonly labels: NabLabels;
  readonly scores: ArrayLike<number>;
}

/** What a threshold earns: the sum of worths, how many windows were hit, and false rows. */
export interface NabOutcome {
  readonly threshold: number;
  readonly total: number;
  readonly windows: number;
  readonly hit: number;
  readonly falseRows: number;
}

/** A row as the scorer sees it. */
interface Row {
  readonly score: number;
  /** The window it lies in, counted over the whole corpus; -1 outside. */
  readonly window: number;
  /** Its worth: 0 to 1 within a window, -1 to 0 outside (times the profile's price). */
  readonly worth: number;
}

/** Rows at the start of a series that count for nothing: 15 %, at most 750. */
export function probationOf(rows: number): number {
  return Math.min(Math.floor(0.15 * rows), 750);
}

function sigmoid(y: number): number {
  return y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1;
}

const bestWorth = sigmoid(-1);

function rowsOf(series: NabScored, firstWindow: number): Row[] {
  const { rows, windows } = series.labels;
  const found: Row[] = [];
  let next = 0;
  for (let row = 0; row < rows; row += 1) {
    while (next < windows.length && row > (windows[next]?.[1] ?? rows)) next += 1;
    const inside = windows[next];
    const before = windows[next - 1];
    const score = series.scores[row] ?? 0;
    if (row < probationOf(rows)) continue;
    if (inside !== undefined && row >= inside[0]) {
      const width = inside[1] - inside[0] + 1;
      const worth = sigmoid(-(inside[1] - row + 1) / width) / bestWorth;
      found.push({ score, window: firstWindow + next, worth });
    } else {
      const worth =
        before === undefined ? -1 : sigmoid((row - before[1]) / (before[1] - before[0]));
      found.push({ score, window: -1, worth });
    }
  }
  return found;
}

/** All rows of a corpus that count, the strangest first. */
export function rankRows(corpus: readonly NabScored[]): readonly Row[] {
  const rows: Row[] = [];
  let windows = 0;
  for (const series of corpus) {
    for (const row of rowsOf(series, windows)) rows.push(row);
    windows += series.labels.windows.length;
  }
  return rows.sort((one, other) => other.score - one.score);
}

/**
 * Walks the threshold from above the highest score downwards and calls `seen` at every threshold
 * that tells rows apart (rows of equal score are detected together).
 */
function walk(
  ranked: readonly Row[],
  profile: NabProfile,
  seen: (outcome: NabOutcome) => void,
): void {
  const best = new Map<number, number>();
  const windows = new Set(ranked.map(({ window }) => window).filter((window) => window >= 0)).size;
  let total = -profile.missed * windows;
  let falseRows = 0;
  const report = (threshold: number): void => {
    seen({ threshold, total, windows, hit: best.size, falseRows });
  };
  report(Number.POSITIVE_INFINITY);
  ranked.forEach(({ score, window, worth }, at) => {
    if (window < 0) {
      total += profile.falseAlarm * worth;
      falseRows += 1;
    } else {
      const held = best.get(window);
      if (held === undefined || worth > held) {
        total += worth - (held ?? -profile.missed);
        best.set(window, worth);
      }
    }
    if (ranked[at + 1]?.score !== score) report(score);
  });
}

/** What the corpus earns with the threshold that suits it best: chosen by the labels. */
export function nabAtBest(ranked: readonly Row[], profile: NabProfile): NabOutcome {
  let best: NabOutcome | undefined;
  walk(ranked, profile, (outcome) => {
    if (best === undefined || outcome.total > best.total) best = outcome;
  });
  if (best === undefined) throw new Error('A walk reports at least the highest threshold.');
  return best;
}

/** What the corpus earns with a given threshold: a row is detected from that score on. */
export function nabAt(ranked: readonly Row[], profile: NabProfile, threshold: number): NabOutcome {
  let found: NabOutcome | undefined;
  walk(ranked, profile, (outcome) => {
    if (found === undefined || outcome.threshold >= threshold) found = outcome;
  });
  if (found === undefined) throw new Error('A walk reports at least the highest threshold.');
  return { ...found, threshold };
}

/** 100 for every window hit at its left edge and nothing else, 0 for a detector that is silent. */
export function nabNormalised(
  total: number,
  windows: number,
  labelled: number,
  profile: NabProfile,
): number {
  const silent = -profile.missed * windows;
  return (100 * (total - silent)) / (labelled - silent);
}

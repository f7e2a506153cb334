import { rateOf } from '../../../monitor/detect/budget/episode-history.ts';
import { watchedOf, type AlarmBudget } from '../../../monitor/detect/budget/alarm-budget.ts';
import type { AlarmSource } from '../../../monitor/detect/budget/alarm-source.ts';
import {
  beginContainer,
  createDetection,
  stepDetection,
} from '../../../monitor/detect/detection.ts';
import type { ContainerObservation } from '../../../monitor/model/observation.ts';
import { powers, type FalseRates } from './false-rates.ts';
import { quietContainer, type QuietSense } from './quiet-container.ts';
import type { QuietKind } from './quiet-series.ts';

/** Stretches of two minutes are what the budget counts in: see `episode-history.ts`. */
const stretchMs = 120_000;
/** A container is watched for so long before a claim counts, and for so long in all. */
const settledMs = 86_400_000;
const livedMs = 30 * 86_400_000;

/** What is ruled on by which sense; the place of volumes draws on the bytes sent. */
const sourcesOf: Readonly<Record<QuietSense, readonly AlarmSource[]>> = {
  levels: ['cpu', 'memory', 'processes', 'sent', 'received', 'block'],
  calls: ['calls', 'familiar-calls', 'rare-calls', 'call-mix'],
  names: ['names'],
  places: ['sent'],
  together: ['together'],
};

/**
 * How often the live detectors claim of quiet containers that an episode comes once in 10ᵏ stretches of
 * two minutes or more rarely, k = 1 to 5, as a share of all stretches of all sources of that sense: were
 * every claim true it would be 10⁻ᵏ at most. Containers live for 30 days each, all that is known of them
 * being their own.
 */
export function claimsOf(
  sense: QuietSense,
  kind: QuietKind,
  stretches: number,
  signal: AbortSignal,
): FalseRates {
  const below = new Array<number>(powers).fill(0);
  const perContainer = (livedMs - settledMs) / stretchMs;
  let counted = 0;
  for (let seed = 1; counted < stretches; seed += 1) {
    signal.throwIfAborted();
    const left = Math.min(perContainer, (stretches - counted) / sourcesOf[sense].length);
    const untilMs = settledMs + left * stretchMs;
    for (const rate of claimedRates(sense, kind, seed, untilMs)) {
      for (let k = 1; k <= powers && rate * stretchMs < 10 ** -k; k += 1) {
        below[k - 1] = (below[k - 1] ?? 0) + 1;
      }
    }
    counted += left * sourcesOf[sense].length;
  }
  return below.map((count) => count / counted);
}

/** Of each episode after the first day, how often the like comes by what was told of it. */
function claimedRates(
  sense: QuietSense,
  kind: QuietKind,
  seed: number,
  untilMs: number,
): readonly number[] {
  const detection = createDetection({ learnMs: 300_000, hostCpus: 4 });
  const of = { workload: 'quiet#one', container: 'q'.repeat(64) };
  beginContainer(detection, of.workload, of.container, undefined, []);
  const budget = detection.baselines.get(of.workload)?.profile.budget;
  if (budget === undefined) throw new Error('It was taken in just now.');
  const claims = sourcesOf[sense].map((source) => followClaims(budget, source));
  const next = quietContainer(sense, kind, seed);
  const start = 1e12;
  for (let at = start; at < start + untilMs;) {
    for (const seen of next()) {
      if (seen.kind === 'resource') at += seen.intervalMs;
      const observation: ContainerObservation = { ...seen, at, ...of };
      stepDetection(detection, observation);
      for (const claim of claims) claim.look();
    }
  }
  return claims.flatMap((claim) => claim.rates(settledMs));
}

/** Follows the episodes of a source; of each it keeps the rarest that was claimed. */
function followClaims(budget: AlarmBudget, source: AlarmSource) {
  const claimed: { readonly atMs: number; rate: number }[] = [];
  let latest: object | undefined;
  let strength = 0;
  return {
    look(): void {
      const { open } = budget.sources[source];
      if (open === undefined || (open === latest && open.strength === strength)) return;
      const rate = rateOf(watchedOf(budget, source), open.strength);
      const known = open === latest ? claimed.at(-1) : undefined;
      if (known === undefined) claimed.push({ atMs: budget.watchedMs, rate });
      else known.rate = Math.min(known.rate, rate);
      latest = open;
      ({ strength } = open);
    },
    rates: (sinceMs: number): number[] =>
      claimed.flatMap(({ atMs, rate }) => (atMs >= sinceMs ? [rate] : [])),
  };
}

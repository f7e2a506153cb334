import { setTimeout as delay } from 'node:timers/promises';
import { engineSocket } from '../engine/capabilities.ts';
import { villains, type Villain } from '../scenarios/loads.ts';
import { containAll, openStage, type Stage } from '../scenarios/stage.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { quantile } from './statistics.ts';

export const title = 'From onset to frozen or dead, read back from the engine, for each villain';
export const needsEngine = true;

/** Seconds from the onset to each step of one round. */
interface Reaction {
  readonly finding: number;
  readonly decision: number;
  readonly contained: number;
}

/** Those of the short form. */
const quickest: readonly string[] = ['fork-strong', 'leak-strong', 'send-strong'];

/** The quick ones first; mining takes half a minute a round. */
const strong = villains
  .filter(({ strength }) => strength === 'strong')
  .sort((a, b) => a.withinMs - b.withinMs);

/**
 * Thirty rounds of each strong villain: a container of a workload that was learned idle begins at a
 * random moment between two readings. In the short form two rounds of three villains.
 */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const chosen = short ? strong.filter(({ name }) => quickest.includes(name)) : strong;
  const stage = await openStage({ socket: engineSocket(), policy: containAll, learnMs: 15_000 });
  const results: BenchResult[] = [];
  try {
    for (const villain of chosen) {
      const rounds: Reaction[] = [];
      const count = short ? 2 : 30;
      for (let round = 0; round < count; round += 1) {
        signal.throwIfAborted();
        rounds.push(await oneRound(stage, villain));
      }
      results.push(...resultsOf(villain, rounds));
      say(
        `${villain.name}: found after ${seconds(rounds, 'finding')} s, contained after ` +
          `${seconds(rounds, 'contained')} s (p50 and p95 of ${rounds.length})`,
      );
    }
  } finally {
    await stage.close();
  }
  return { results };
}

async function oneRound(stage: Stage, villain: Villain): Promise<Reaction> {
  const actor = await stage.actor(villain);
  try {
    await stage.learned();
    // A few idle readings first, and then any moment of the second.
    await delay(1_500 + 1_000 * Math.random());
    const onset = actor.begin();
    const contained = await stage.until(
      () => containedAt(stage, actor.container.id, onset) !== undefined,
      villain.withinMs + 30_000,
    );
    const id = actor.container.id;
    if (!contained) throw new Error(`${villain.name} was not contained: ${told(stage, id)}`);
    const first = (items: readonly { at: number; item: { container: string } }[]): number =>
      ((items.find(({ at, item }) => item.container === id && at >= onset)?.at ?? Number.NaN) -
        onset) /
      1000;
    const now = await actor.container.inspect();
    if (!now.State.Paused && now.State.Running) throw new Error(`${villain.name} still runs.`);
    return {
      finding: first(stage.findings.filter(({ item }) => item.severity !== 'info')),
      decision: first(stage.decisions),
      contained: ((containedAt(stage, id, onset) ?? Number.NaN) - onset) / 1000,
    };
  } finally {
    await stage.dismiss(actor);
  }
}

/** What is known of a container that should have been contained and was not. */
function told(stage: Stage, id: string): string {
  const about = stage.findings.filter(({ item }) => item.container === id);
  const done = stage.actions.filter(({ item }) => item.container === id);
  const views = stage.monitor.service.snapshot().workloads;
  return JSON.stringify({
    findings: about.map(({ item }) => `${item.severity} ${item.kind}: ${item.sentence}`),
    actions: done.map(({ item }) => [item.name, item.outcome]),
    seen: views.find(({ workload }) => workload.container === id) ?? 'not watched',
    log: stage.log.slice(-20),
  });
}

function containedAt(stage: Stage, container: string, onset: number): number | undefined {
  return stage.actions.find(
    ({ at, item }) =>
      at >= onset &&
      item.container === container &&
      (item.name === 'pause' || item.name === 'kill') &&
      // In part: frozen by the engine's list, while its networks are still being taken away.
      (item.outcome.state === 'proved' || item.outcome.state === 'partly'),
  )?.at;
}

function seconds(rounds: readonly Reaction[], step: keyof Reaction): string {
  const values = rounds.map((round) => round[step]);
  return `${quantile(values, 0.5).toFixed(2)} / ${quantile(values, 0.95).toFixed(2)}`;
}

function resultsOf(villain: Villain, rounds: readonly Reaction[]): readonly BenchResult[] {
  const n = rounds.length;
  return (['finding', 'decision', 'contained'] as const).flatMap((step) => {
    const values = rounds.map((round) => round[step]);
    const target = step === 'contained' ? targetOf('reaction', 'p50 seconds') : null;
    return [
      {
        ...atMost(`${villain.name} ${step} p50`, { value: quantile(values, 0.5) }, 's', target),
        n,
      },
      { ...atMost(`${villain.name} ${step} p95`, { value: quantile(values, 0.95) }, 's', null), n },
    ];
  });
}

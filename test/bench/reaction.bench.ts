import { setTimeout as delay } from 'node:timers/promises';
import { engineSocket } from '../engine/capabilities.ts';
import { villains, type Villain } from '../scenarios/loads.ts';
import { containAll, openStage, type Actor, type Stage } from '../scenarios/stage.ts';
import { atMost, OptionError, targetOf, type BenchOptions, type BenchResult } from './result.ts';
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
const quickest: readonly string[] = [
  ...['fork-strong', 'leak-strong', 'send-strong'],
  ...['fork-medium', 'leak-medium', 'send-medium'],
  ...['fork-weak', 'send-weak'],
];

/** The quick ones first; mining takes half a minute a round, and weak leaks take minutes. */
function chosenOf({ short, strength = 'strong', villain }: BenchOptions): readonly Villain[] {
  const named = villains.filter(({ name }) => name === villain);
  if (villain !== undefined && named.length === 0) {
    const names = villains.map(({ name }) => name).join(', ');
    throw new OptionError(`There is no villain "${villain}". There are ${names}.`);
  }
  const chosen =
    villain === undefined ? villains.filter((one) => one.strength === strength) : named;
  if (chosen.length === 0) {
    throw new OptionError(`No villain is "${strength}". There are strong, medium and weak ones.`);
  }
  return chosen
    .filter(({ name }) => !short || villain !== undefined || quickest.includes(name))
    .sort((a, b) => a.withinMs - b.withinMs);
}

/**
 * Thirty rounds of each villain of a strength, or of the one that was named: a container of a workload
 * that was learned idle begins at a random moment between two readings. In the short form one round of
 * the quick ones, who are learned together.
 */
export async function run(options: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const { short, signal, say } = options;
  const chosen = chosenOf(options);
  const stage = await openStage({ socket: engineSocket(), policy: containAll, learnMs: 15_000 });
  const results: BenchResult[] = [];
  try {
    const waiting = new Map<Villain, Actor>();
    if (short) for (const villain of chosen) waiting.set(villain, await stage.actor(villain));
    for (const villain of chosen) {
      const rounds: Reaction[] = [];
      const count = short ? 1 : 30;
      const escaped: unknown[] = [];
      for (let round = 0; round < count; round += 1) {
        signal.throwIfAborted();
        const begun = performance.now();
        await oneRound(stage, villain, waiting.get(villain)).then(
          (reaction) => rounds.push(reaction),
          (error: unknown) => escaped.push(error),
        );
        // The first has to be learned; those that follow are of the same workload.
        if (round === 1) say(`${villain.name}: ${leftOf(count - 2, performance.now() - begun)}`);
      }
      if (short && escaped.length > 0) throw escaped[0];
      for (const error of escaped) say(String(error));
      const mostEscaped = villain.strength === 'strong' ? 0 : null;
      const missed = atMost(
        `${villain.name} not contained`,
        { value: escaped.length },
        'rounds',
        mostEscaped,
      );
      results.push({ ...missed, n: count });
      if (rounds.length === 0) continue;
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

function leftOf(rounds: number, roundMs: number): string {
  const minutes = Math.ceil((rounds * roundMs) / 60_000);
  return `a round takes ${(roundMs / 1000).toFixed(0)} s, ${rounds} more about ${minutes} min`;
}

/** Of an actor that waits on the stage already, or else of a new one. */
async function oneRound(stage: Stage, villain: Villain, waiting?: Actor): Promise<Reaction> {
  const actor = waiting ?? (await stage.actor(villain));
  try {
    await stage.learned();
    // A few idle readings first, and then any moment of the second.
    await delay(1_500 + 1_000 * Math.random());
    const onset = actor.begin();
    const id = actor.container.id;
    const contained = await heldAt(stage, actor, onset, villain.withinMs + 30_000);
    if (contained === undefined) {
      throw new Error(`${villain.name} was not contained: ${told(stage, id)}`);
    }
    const first = (items: readonly { at: number; item: { container: string } }[]): number =>
      ((items.find(({ at, item }) => item.container === id && at >= onset)?.at ?? Number.NaN) -
        onset) /
      1000;
    return {
      finding: first(stage.findings.filter(({ item }) => item.severity !== 'info')),
      decision: first(stage.decisions),
      contained: (contained - onset) / 1000,
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

/**
 * When the action was told that held it, by the engine's own word: a freeze that was done in part
 * may be followed by a kill, and then the kill counts. Undefined when nothing held it in time.
 */
async function heldAt(
  stage: Stage,
  actor: Actor,
  onset: number,
  withinMs: number,
): Promise<number | undefined> {
  const end = Date.now() + withinMs;
  let asked = 0;
  while (Date.now() < end) {
    const done = stage.actions.filter(
      ({ at, item }) =>
        at >= onset &&
        item.container === actor.container.id &&
        (item.name === 'pause' || item.name === 'kill') &&
        (item.outcome.state === 'proved' || item.outcome.state === 'partly'),
    );
    if (done.length > asked) {
      asked = done.length;
      const { State } = await actor.container.inspect();
      if (State.Paused || !State.Running) return done.at(-1)?.at;
    }
    await delay(20);
  }
  return undefined;
}

function seconds(rounds: readonly Reaction[], step: keyof Reaction): string {
  const values = rounds.map((round) => round[step]);
  return `${quantile(values, 0.5).toFixed(2)} / ${quantile(values, 0.95).toFixed(2)}`;
}

function resultsOf(villain: Villain, rounds: readonly Reaction[]): readonly BenchResult[] {
  const n = rounds.length;
  return (['finding', 'decision', 'contained'] as const).flatMap((step) => {
    const values = rounds.map((round) => round[step]);
    const isHeld = step === 'contained' && villain.strength === 'strong';
    const target = isHeld ? targetOf('reaction', 'p50 seconds') : null;
    return [
      {
        ...atMost(`${villain.name} ${step} p50`, { value: quantile(values, 0.5) }, 's', target),
        n,
      },
      { ...atMost(`${villain.name} ${step} p95`, { value: quantile(values, 0.95) }, 's', null), n },
    ];
  });
}

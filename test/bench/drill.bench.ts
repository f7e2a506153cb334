import { engineSocket } from '../engine/capabilities.ts';
import { buildDrill } from '../scenarios/drill-program.ts';
import { containEscapes, hostConfigOf, profiles, steps } from '../scenarios/drill.ts';
import { openStage, type Actor } from '../scenarios/stage.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { medianWithInterval, quantile } from './statistics.ts';

export const title = 'From each step of the escape drill to its finding, and to frozen';
export const needsEngine = true;

/** How many containers wait at once. */
const batch = 13;

/** All steps under both profiles, one after the other; from the moment the container is told to begin. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const program = buildDrill();
  const stage = await openStage({
    socket: engineSocket(),
    policy: containEscapes,
    learnMs: 5_000,
  });
  const [told, frozen]: [number[], number[]] = [[], []];
  let missed = 0;
  try {
    const cases = profiles.flatMap((profile) => steps.map((step) => ({ profile, step })));
    const waiting = short ? cases.slice(0, 3) : cases;
    while (waiting.length > 0) {
      signal.throwIfAborted();
      const actors: { actor: Actor; kind: string; mild: boolean }[] = [];
      for (const { step, profile } of waiting.splice(0, batch)) {
        const hostConfig = hostConfigOf(step, profile, program.path, engineSocket());
        const script = `sleep 600 & NEIGHBOUR=$!; ${step.script}; sleep 600`;
        const name = `${step.name}-${profile}`;
        const actor = await stage.actor({ name, script, limits: { hostConfig } });
        actors.push({ actor, kind: step.kind, mild: step.severity[profile] === 'low' });
      }
      await stage.learned();
      for (const { actor, kind, mild } of actors) {
        const begin = actor.begin();
        const { id } = actor.container;
        const found = () =>
          stage.alarmsAbout(actor).find(({ at, item }) => at >= begin && item.kind === kind);
        const held = () =>
          stage.actions.find(
            ({ at, item }) =>
              at >= begin &&
              item.container === id &&
              item.name === 'pause' &&
              item.outcome.state === 'proved',
          );
        await stage.until(() => found() !== undefined && (mild || held() !== undefined), 15_000);
        const [first, second] = [found(), held()];
        if (first === undefined || (!mild && second === undefined)) missed += 1;
        if (first !== undefined) told.push((first.at - begin) / 1000);
        if (second !== undefined) frozen.push((second.at - begin) / 1000);
        say(`${actor.load.name}: told ${span(first, begin)}, frozen ${span(second, begin)}`);
      }
      for (const { actor } of actors) await stage.dismiss(actor);
    }
  } finally {
    await stage.close();
    program.remove();
  }
  return {
    results: [
      atMost('steps missed', { value: missed }, 'steps', 0),
      atMost('told p50', medianWithInterval(told), 's', null),
      atMost('told p95', { value: quantile(told, 0.95) }, 's', null),
      // Each step is to be told within a second, and not most of them.
      {
        ...atMost(
          'told slowest',
          { value: Math.max(...told) },
          's',
          targetOf('drill', 'told slowest'),
        ),
        n: told.length,
      },
      atMost('frozen p50', medianWithInterval(frozen), 's', null),
      atMost('frozen p95', { value: quantile(frozen, 0.95) }, 's', null),
    ],
  };
}

function span(told: { readonly at: number } | undefined, begin: number): string {
  return told === undefined ? 'not' : `after ${((told.at - begin) / 1000).toFixed(2)} s`;
}

import { engineSocket } from '../engine/capabilities.ts';
import { buildDrill } from '../scenarios/drill-program.ts';
import {
  containEscapes,
  hostConfigOf,
  profiles,
  steps,
  type DrillStep,
} from '../scenarios/drill.ts';
import { gvisorSteps } from '../scenarios/gvisor-drill.ts';
import { openStage, type Actor, type Stage } from '../scenarios/stage.ts';
import { atMost, targetOf, type BenchOptions, type BenchResult } from './result.ts';
import { medianWithInterval, quantile } from './statistics.ts';

export const title = 'From each step of the escape drill to its finding, and to frozen';
export const needsEngine = true;

/** How many containers wait at once. */
const batch = 13;

/** A step in a container of its own, and whether it is told and left to run. */
interface Case {
  readonly name: string;
  readonly step: DrillStep;
  readonly mild: boolean;
  readonly hostConfig: Readonly<Record<string, unknown>>;
}

/** From the moment the container is told to begin, seconds. */
interface Times {
  readonly told: number[];
  readonly frozen: number[];
  missed: number;
}

/** All steps under both profiles, one after the other, and then under gVisor. */
export async function run({ short, signal, say }: BenchOptions): Promise<{
  readonly results: readonly BenchResult[];
}> {
  const program = buildDrill();
  const socket = engineSocket();
  const runc: readonly Case[] = profiles.flatMap((profile) =>
    steps.map((step) => ({
      name: `${step.name}-${profile}`,
      step,
      mild: step.severity[profile] === 'low',
      hostConfig: hostConfigOf(step, profile, program.path, socket),
    })),
  );
  const gvisor: readonly Case[] = gvisorSteps.map(({ step, severity }) => ({
    name: `${step.name}-gvisor`,
    step,
    mild: severity === 'low',
    hostConfig: { ...hostConfigOf(step, 'default', program.path, socket), Runtime: 'runsc' },
  }));
  const stage = await openStage({ socket, policy: containEscapes, learnMs: 5_000 });
  try {
    const times: Times[] = [];
    for (const cases of [runc, gvisor]) {
      times.push(await timesOf(stage, short ? cases.slice(0, 3) : cases, signal, say));
    }
    const [underRunc, underGvisor] = times;
    return {
      results: [
        ...resultsOf('', underRunc, targetOf('drill', 'told slowest')),
        ...resultsOf('gVisor: ', underGvisor, null),
      ],
    };
  } finally {
    await stage.close();
    program.remove();
  }
}

async function timesOf(
  stage: Stage,
  cases: readonly Case[],
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Times> {
  const times: Times = { told: [], frozen: [], missed: 0 };
  for (let first = 0; first < cases.length; first += batch) {
    signal.throwIfAborted();
    const actors: { readonly actor: Actor; readonly kind: string; readonly mild: boolean }[] = [];
    for (const { name, step, mild, hostConfig } of cases.slice(first, first + batch)) {
      const script = `sleep 600 & NEIGHBOUR=$!; ${step.script}; sleep 600`;
      const actor = await stage.actor({ name, script, limits: { hostConfig } });
      actors.push({ actor, kind: step.kind, mild });
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
      const [told, frozen] = [found(), held()];
      if (told === undefined || (!mild && frozen === undefined)) times.missed += 1;
      if (told !== undefined) times.told.push((told.at - begin) / 1000);
      if (frozen !== undefined) times.frozen.push((frozen.at - begin) / 1000);
      say(`${actor.load.name}: told ${span(told, begin)}, frozen ${span(frozen, begin)}`);
    }
    for (const { actor } of actors) await stage.dismiss(actor);
  }
  return times;
}

function resultsOf(
  under: string,
  { told, frozen, missed }: Times = { told: [], frozen: [], missed: 0 },
  slowest: number | null,
): readonly BenchResult[] {
  return [
    atMost(`${under}steps missed`, { value: missed }, 'steps', 0),
    atMost(`${under}told p50`, medianWithInterval(told), 's', null),
    atMost(`${under}told p95`, { value: quantile(told, 0.95) }, 's', null),
    // Each step is to be told within a second, and not most of them.
    {
      ...atMost(`${under}told slowest`, { value: Math.max(...told) }, 's', slowest),
      n: told.length,
    },
    atMost(`${under}frozen p50`, medianWithInterval(frozen), 's', null),
    atMost(`${under}frozen p95`, { value: quantile(frozen, 0.95) }, 's', null),
  ];
}

function span(told: { readonly at: number } | undefined, begin: number): string {
  return told === undefined ? 'not' : `after ${((told.at - begin) / 1000).toFixed(2)} s`;
}

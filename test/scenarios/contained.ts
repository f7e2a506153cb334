import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Villain } from './loads.ts';
import type { Actor, Stage } from './stage.ts';

/** Expects that the villain is found out in time, and really frozen or dead by the engine's word. */
export async function expectContained(
  stage: Stage,
  { name, kinds, withinMs }: Villain,
  actor: Actor,
  begunAt: number,
): Promise<void> {
  const found = await stage.until(
    () => stage.alarmsAbout(actor).some(({ item }) => kinds.includes(item.kind)),
    Math.max(1_000, begunAt + withinMs - Date.now()),
  );
  expect(found, `${name} was not found out: ${told(stage, actor)}`).toBe(true);
  // Not Sentra's word: the engine's. A freeze may be proved in part first, and completed by upkeep.
  const isHeld = async (): Promise<boolean> => {
    const { State, NetworkSettings } = await actor.container.inspect();
    const still = State.Paused || !State.Running;
    return still && Object.keys(NetworkSettings.Networks).length === 0;
  };
  const end = Date.now() + 60_000;
  while (!(await isHeld()) && Date.now() < end) await delay(250);
  const now = await actor.container.inspect();
  expect(now.State.Paused || !now.State.Running, `${name} still runs: ${told(stage, actor)}`).toBe(
    true,
  );
  expect(Object.keys(now.NetworkSettings.Networks), told(stage, actor)).toEqual([]);
  // The engine may say so a moment before Sentra has read it back.
  const isTold = (): boolean =>
    stage.actions.some(
      ({ item }) =>
        item.container === actor.container.id &&
        /^(pause|kill) (proved|partly)$/.test(`${item.name} ${item.outcome.state}`),
    );
  expect(await stage.until(isTold, 30_000), told(stage, actor)).toBe(true);
  // Empty where none was ever set.
  expect(['no', '']).toContain(now.HostConfig.RestartPolicy.Name);
}

function told(stage: Stage, actor: Actor): string {
  const about = stage.findings.filter(({ item }) => item.container === actor.container.id);
  const done = stage.actions.filter(({ item }) => item.container === actor.container.id);
  return JSON.stringify([
    about.map(({ item }) => `${item.severity} ${item.kind}: ${item.sentence}`),
    done.map(({ item }) => [item.name, item.outcome]),
  ]);
}

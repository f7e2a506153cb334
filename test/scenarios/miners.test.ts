import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { expectContained } from './contained.ts';
import { villains } from './loads.ts';
import { containAll, openStage, type Actor, type Stage } from './stage.ts';

const learnMs = 15_000;

const miner = (strength: string) => {
  const found = villains.find(({ name }) => name === `miner-${strength}`);
  if (found === undefined) throw new Error(`No miner is ${strength}.`);
  return found;
};

/** The machine to themselves: what mines is known by the cores it gets. */
describeWith(['engine', 'debian-image', 'root'], 'Mining, under a policy that contains', () => {
  let stage: Stage;
  const actors = new Map<string, Actor>();
  let always: Actor;

  beforeAll(async () => {
    stage = await openStage({ socket: engineSocket(), policy: containAll, learnMs });
    for (const strength of ['strong', 'medium', 'weak']) {
      actors.set(strength, await stage.actor(miner(strength)));
    }
    // Uses a whole core from the first moment on, as the medium one will once it begins.
    always = await stage.actor({ name: 'always', script: 'while :; do :; done' });
    always.begin();
    await stage.learned();
  }, 240_000);

  afterAll(async () => {
    await stage.close();
  }, 240_000);

  async function contained(strength: string): Promise<void> {
    const actor = actors.get(strength);
    if (actor === undefined) throw new Error(`No miner is ${strength}.`);
    const begunAt = actor.begin();
    await expectContained(stage, miner(strength), actor, begunAt);
  }

  test('one load, two histories: what never used a core is found out, what always did is left alone', async () => {
    await contained('medium');
    expect(stage.alarmsAbout(always).map(({ item }) => item.sentence)).toEqual([]);
    const now = await always.container.inspect();
    expect([now.State.Running, now.State.Paused]).toEqual([true, false]);
    await stage.dismiss(always);
  }, 240_000);

  // The strong one takes what the weak one leaves of two cores.
  test('the weak and the strong one are found out and really frozen or dead', async () => {
    await Promise.all([contained('weak'), contained('strong')]);
  }, 260_000);
});

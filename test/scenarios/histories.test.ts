import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { openStage, type Actor, type Stage } from './stage.ts';

const busy = 'while :; do :; done';

describeWith(['engine', 'debian-image', 'root'], 'One load with two histories', () => {
  let stage: Stage;
  let always: Actor;
  let never: Actor;

  beforeAll(async () => {
    stage = await openStage({ socket: engineSocket(), learnMs: 20_000 });
    always = await stage.actor({ name: 'always', script: busy });
    never = await stage.actor({ name: 'never', script: busy });
    always.begin();
    await stage.learned();
    never.begin();
  }, 120_000);

  afterAll(async () => {
    await stage.close();
  }, 60_000);

  test('is told of in the container that never used a core', async () => {
    expect(await stage.until(() => stage.alarmsAbout(never).length > 0, 150_000)).toBe(true);
    const [first] = stage.alarmsAbout(never);
    expect(first?.item.kind).toBe('sustained-cpu');
  }, 180_000);

  test('is not told of in the container that always did', () => {
    expect(stage.alarmsAbout(always).map(({ item }) => item.sentence)).toEqual([]);
  });

  test('under the built-in policy nothing is done to either, and what would have been is said', async () => {
    for (const { container } of [always, never]) {
      const { State } = await container.inspect();
      expect([State.Running, State.Paused]).toEqual([true, false]);
    }
    const outcomes = stage.actions.map(({ item }) => [item.name, item.outcome.state]);
    expect(outcomes.filter(([name]) => name !== 'notify')).toEqual([]);
    expect(outcomes).toContainEqual(['notify', 'would-have']);
  });
});

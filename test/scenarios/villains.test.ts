import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { quiet, villains, type Villain } from './loads.ts';
import { containAll, openStage, type Actor, type Stage } from './stage.ts';

const learnMs = 15_000;

/** Beside the villains, on the same two cores and the same network. */
const bystanders = quiet.filter(({ name }) => ['idle', 'download', 'chat'].includes(name));

/** All cores at once would leave the others nothing to misbehave with. */
const alone = villains.filter(({ name }) => name === 'miner-strong');
const together = villains
  .filter((villain) => !alone.includes(villain))
  .sort((a, b) => a.withinMs - b.withinMs);
const quick = together.filter(({ withinMs }) => withinMs <= 150_000);
const slow = together.filter((villain) => !quick.includes(villain));

describeWith(['engine', 'debian-image', 'root'], 'Under a policy that contains', () => {
  let stage: Stage;
  const actors = new Map<string, Actor>();
  let always: Actor;
  const begunAt = new Map<string, number>();

  beforeAll(async () => {
    stage = await openStage({ socket: engineSocket(), policy: containAll, learnMs });
    for (const load of [...villains, ...bystanders]) {
      actors.set(load.name, await stage.actor(load));
    }
    // Uses a whole core from the first moment on, as miner-medium will once it begins.
    always = await stage.actor({ name: 'always', script: 'while :; do :; done' });
    always.begin();
    // The quiet ones go on as they always did; the villains wait.
    for (const { name } of bystanders) actors.get(name)?.begin();
    await stage.learned();
    for (const { name } of together) begunAt.set(name, actors.get(name)?.begin() ?? 0);
  }, 240_000);

  afterAll(async () => {
    await stage.close();
  }, 60_000);

  async function expectContained(name: string): Promise<void> {
    const villain = villains.find((candidate) => candidate.name === name);
    const actor = actors.get(name);
    if (villain === undefined || actor === undefined) throw new Error(`No villain ${name}.`);
    const found = await stage.until(
      () => stage.alarmsAbout(actor).some(({ item }) => villain.kinds.includes(item.kind)),
      Math.max(1_000, (begunAt.get(name) ?? 0) + villain.withinMs - Date.now()),
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
    expect(
      now.State.Paused || !now.State.Running,
      `${name} still runs: ${told(stage, actor)}`,
    ).toBe(true);
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

  function expectEach(some: readonly Villain[]): void {
    for (const { name, withinMs } of some) {
      test(
        `${name} is found out and really frozen or dead`,
        () => expectContained(name),
        withinMs + 60_000,
      );
    }
  }

  expectEach(quick);

  test('one load, two histories: the container that always used a core was left alone', async () => {
    expect(stage.alarmsAbout(always).map(({ item }) => item.sentence)).toEqual([]);
    const now = await always.container.inspect();
    expect([now.State.Running, now.State.Paused]).toEqual([true, false]);
    // It has shown what it is for; the slow ones need the core.
    await stage.dismiss(always);
  });

  expectEach(slow);

  test('miner-strong is found out and really frozen or dead', async () => {
    begunAt.set('miner-strong', actors.get('miner-strong')?.begin() ?? 0);
    await expectContained('miner-strong');
  }, 240_000);

  test('no villain was judged before it began', () => {
    for (const { name } of villains) {
      const actor = actors.get(name);
      const early = stage.findings.filter(
        ({ item }) =>
          item.container === actor?.container.id &&
          item.severity !== 'info' &&
          // A rise may be dated to the last reading before it; a drift to the block of ten seconds.
          item.onsetAt < (begunAt.get(name) ?? 0) - (item.kind === 'drift' ? 13_000 : 3_000),
      );
      expect(early.map(({ item }) => item.sentence)).toEqual([]);
    }
  });

  test('the quiet ones beside them were left alone', async () => {
    for (const { name } of bystanders) {
      const actor = actors.get(name);
      if (actor === undefined) throw new Error(`No bystander ${name}.`);
      expect(stage.alarmsAbout(actor).map(({ item }) => item.sentence)).toEqual([]);
      const now = await actor.container.inspect();
      expect([now.State.Running, now.State.Paused]).toEqual([true, false]);
    }
  });
});

function told(stage: Stage, actor: Actor): string {
  const about = stage.findings.filter(({ item }) => item.container === actor.container.id);
  const done = stage.actions.filter(({ item }) => item.container === actor.container.id);
  return JSON.stringify([
    about.map(({ item }) => `${item.severity} ${item.kind}: ${item.sentence}`),
    done.map(({ item }) => [item.name, item.outcome]),
  ]);
}

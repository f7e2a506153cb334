import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { expectContained } from './contained.ts';
import type { Load, Villain } from './loads.ts';
import { containAll, openStage, type Actor, type Stage } from './stage.ts';

const learnMs = 15_000;

/**
 * Tests that each villain is found out and held, all begun at once after they were learned idle, and
 * that the bystanders, on the same cores and the same network, are left alone.
 */
export function testVillains(
  title: string,
  villains: readonly Villain[],
  bystanders: readonly Load[],
): void {
  describeWith(['engine', 'debian-image', 'root'], title, () => {
    let stage: Stage;
    const actors = new Map<string, Actor>();
    const begunAt = new Map<string, number>();

    beforeAll(async () => {
      stage = await openStage({ socket: engineSocket(), policy: containAll, learnMs });
      for (const load of [...villains, ...bystanders]) {
        actors.set(load.name, await stage.actor(load));
      }
      // The quiet ones go on as they always did; the villains wait.
      for (const { name } of bystanders) actors.get(name)?.begin();
      await stage.learned();
      for (const { name } of villains) begunAt.set(name, actors.get(name)?.begin() ?? 0);
    }, 240_000);

    afterAll(async () => {
      await stage.close();
    }, 240_000);

    function contained(villain: Villain): Promise<void> {
      const actor = actors.get(villain.name);
      if (actor === undefined) throw new Error(`No villain ${villain.name}.`);
      return expectContained(stage, villain, actor, begunAt.get(villain.name) ?? 0);
    }

    function expectEach(some: readonly Villain[]): void {
      for (const villain of some) {
        const { name, withinMs } = villain;
        test(
          `${name} is found out and really frozen or dead`,
          () => contained(villain),
          withinMs + 60_000,
        );
      }
    }

    expectEach(villains);

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
}

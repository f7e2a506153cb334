import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import type { Action } from '../../monitor/model/action.ts';
import { describeWith } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { ask, demand } from '../engine/engine-http.ts';
import { startPrivateEngine, type PrivateEngine } from '../engine/private-engine.ts';
import { eventually, openWatch, until, type Watch } from './watch.ts';

const listed = z.array(z.looseObject({ Id: z.string(), State: z.string() }));
const event = z.looseObject({ Action: z.string(), Actor: z.looseObject({ ID: z.string() }) });

/** Freezes at most, over all containers, until one falls together with a health check. */
const mostFreezes = 400;
const count = 6;

describeWith(['engine', 'root'], 'A freeze that falls together with a health check', () => {
  let engine: PrivateEngine;
  let containers: TestContainers;
  let watch: Watch;
  let agents: readonly TestContainer[];
  /** When the engine told of the end of the container's last health check. */
  const endedAt = new Map<string, number>();
  /** From there to the next one. */
  let gapMs = 1_000;
  let stopListening: () => void = () => undefined;

  beforeAll(async () => {
    engine = await startPrivateEngine();
    containers = testContainers(engine.socketPath);
    agents = await Promise.all(
      Array.from({ length: count }, () =>
        containers.start({
          args: ['sleep', '1000'],
          healthCommand: 'true',
          // So long the engine is silent about a container that was frozen amid its health check.
          healthTimeout: 10,
          restart: 'always',
        }),
      ),
    );
    watch = await openWatch({ engine: engine.host });
    const request = get(
      { socketPath: engine.socketPath, path: '/events', agent: false },
      (answer) => {
        answer.on('error', () => answer.destroy());
        const lines = createInterface({ input: answer });
        lines.on('error', () => lines.close());
        lines.on('line', (line) => {
          const { Action: name, Actor } = event.parse(JSON.parse(line));
          const last = endedAt.get(Actor.ID);
          // The exec of a check that was put off by a freeze says nothing of the usual gap.
          const gap = last === undefined ? 0 : performance.now() - last;
          if (name.startsWith('exec_start') && gap > 950 && gap < 1_100) gapMs = gap;
          if (name === 'exec_die') endedAt.set(Actor.ID, performance.now());
        });
      },
    );
    request.on('error', () => undefined);
    stopListening = () => request.destroy();
    await eventually(
      'all are known',
      () => agents.every(({ id }) => watch.view(id) !== undefined),
      60_000,
    );
  });

  afterAll(async () => {
    stopListening();
    await watch.close();
    await engine.stop();
  });

  async function act(name: 'pause' | 'release', target: TestContainer): Promise<Action> {
    const done = await watch.monitor.service.act({ name, target: target.id });
    if (!done.ok) throw new Error(done.error.message);
    return done.value;
  }

  /** Until shortly before the container's next health check, one second after the last. */
  async function nearCheck({ id }: TestContainer): Promise<void> {
    const last = endedAt.get(id);
    const due = last === undefined ? 0 : last + gapMs - performance.now();
    await delay(Math.max(0, due - Math.random() * 16));
  }

  test('is proved by the list, and its networks go as soon as the engine answers', async () => {
    let freezes = 0;
    let caught:
      | { readonly agent: TestContainer; readonly action: Action; readonly tookMs: number }
      | undefined;

    async function freezeAgain(agent: TestContainer): Promise<void> {
      while (caught === undefined && freezes < mostFreezes) {
        await nearCheck(agent);
        freezes += 1;
        const begun = performance.now();
        const action = await act('pause', agent);
        const tookMs = performance.now() - begun;
        const { outcome } = action;
        expect(['proved', 'partly']).toContain(outcome.state);
        if ('proof' in outcome && outcome.proof.startsWith('Frozen: the engine accepted')) {
          caught ??= { agent, action, tookMs };
          return;
        }
        expect((await act('release', agent)).outcome.state).not.toBe('failed');
        // Long enough for a check to end, so that the next one can be met.
        await until(() => (endedAt.get(agent.id) ?? 0) > begun, 3_000);
      }
    }

    await Promise.all(agents.map(freezeAgain));
    if (caught === undefined)
      throw new Error(`In ${freezes} freezes none fell together with a check.`);
    const { agent, tookMs } = caught;
    // Not held up by the call that the engine does not answer, which is given up after ten seconds.
    expect(tookMs).toBeLessThan(10_000);
    // The engine's word, from the one call that it answers; and it really does not answer the other.
    const list = listed.parse(await demand(engine.socketPath, 'GET', '/containers/json?all=1'));
    expect(list.find(({ Id }) => Id === agent.id)?.State).toBe('paused');
    const silent = await ask(engine.socketPath, 'GET', `/containers/${agent.id}/json`, {
      timeoutMs: 500,
    }).then(
      () => false,
      () => true,
    );
    expect(silent, 'the engine told of it after all').toBe(true);

    await eventually(
      'it is off its networks and held down',
      async () => {
        const answer = await agent.inspect().catch(() => undefined);
        return (
          answer !== undefined &&
          Object.keys(answer.NetworkSettings.Networks).length === 0 &&
          answer.HostConfig.RestartPolicy.Name === 'no'
        );
      },
      60_000,
    );
    expect((await agent.inspect()).State.Paused).toBe(true);
    await eventually(
      'nothing is shown as open any more',
      () =>
        watch.view(agent.id)?.containment?.holes.every((hole) => !hole.includes('attached')) ===
        true,
      60_000,
    );
    const released = await act('release', agent);
    expect(['proved', 'partly']).toContain(released.outcome.state);
    const { State, HostConfig } = await agent.inspect();
    expect([State.Running, State.Paused, HostConfig.RestartPolicy.Name]).toEqual([
      true,
      false,
      'always',
    ]);
  }, 240_000);
});

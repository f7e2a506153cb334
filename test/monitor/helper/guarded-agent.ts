import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import { engineSocket } from '../../engine/capabilities.ts';
import { fetchFrom, webServer } from '../../engine/web.ts';
import { addressOf, eventually, inNetworkOf, type EgressWatch } from '../egress/egress-stage.ts';

/** A container whose egress is guarded through a helper, watched by a monitor of the test's own. */
export interface GuardedAgent {
  readonly agent: TestContainer;
  readonly watch: EgressWatch;
}

/** Starts an agent of Debian that waits, and a web server; gives the server's address, too. */
export async function startAgentAndServer(containers: TestContainers): Promise<{
  readonly agent: TestContainer;
  readonly server: TestContainer;
  readonly serverAddress: string;
}> {
  const [agent, server] = await Promise.all([
    containers.start({ args: ['sleep', '10000'], image: 'debian' }),
    containers.start({ args: webServer }),
  ]);
  return { agent, server, serverAddress: await addressOf(server) };
}

/** Ends the helper as a crash does. */
export function killHelper(): Promise<unknown> {
  return demand(engineSocket(), 'POST', '/containers/sentra-helper/kill?signal=SIGKILL');
}

/** Whether the wall is known to stand. */
export async function isGuarded({ agent, watch }: GuardedAgent): Promise<boolean> {
  return (await watch.view(agent)).coverage?.sight.state === 'seeing';
}

export async function becomesGuarded(guarded: GuardedAgent): Promise<void> {
  await eventually('it is guarded', () => isGuarded(guarded)).catch(async (error: unknown) => {
    const { coverage } = await guarded.watch.view(guarded.agent);
    throw new Error(`It is not guarded: ${JSON.stringify(coverage?.sight)}`, { cause: error });
  });
}

/** Takes the wall away, and waits until that is done. */
export async function letGo({ agent, watch }: GuardedAgent): Promise<void> {
  // The helper may have been killed a moment ago: what is wanted is done once it is back.
  await watch.mode(agent, 'off');
  await eventually(
    'its wall is gone',
    async () => (await watch.view(agent)).coverage === undefined,
  );
}

/** Tries the wall in every way there is; each has to end as it should. */
export async function expectWholeProof({ agent, watch }: GuardedAgent): Promise<void> {
  const view = await watch.service().egress({ name: 'prove', target: agent.id });
  if (!view.ok) throw new Error(view.error.message);
  expect(view.value.probes.length).toBeGreaterThan(10);
  expect(view.value.probes.filter(({ outcome }) => outcome !== 'as-it-should')).toEqual(
    // A container of the default bridge has no IPv6.
    view.value.probes
      .filter(({ what }) => what.startsWith('TCP to 2001:db8::1 '))
      .map((probe) => ({ ...probe, outcome: 'not-tried' })),
  );
}

/** In the mode ask: what is tried is held, and comes up once it is allowed. Enforced again at the end. */
export async function expectHeldUntilAllowed(
  guarded: GuardedAgent,
  address: string,
): Promise<void> {
  const { agent, watch } = guarded;
  await watch.mode(agent, 'ask');
  await becomesGuarded(guarded);
  const trying = fetchFrom(agent, `http://${address}/`, 60);
  const find = () => watch.service().egressHeld().questions[0];
  await eventually('it is asked about', () => find() !== undefined);
  const question = find();
  expect(question).toMatchObject({ protocol: 'tcp', port: 80 });
  const rule = { target: address, lifetime: 'once' as const };
  const answer = await watch.service().egressHeldAllow({ id: question?.id ?? '', rule });
  expect(answer).toMatchObject({ ok: true, value: { questions: [] } });
  expect(await trying).toBe(0);
  const subject = { target: address };
  const removed = await watch.service().egress({ name: 'remove', target: agent.id, subject });
  expect(removed).toMatchObject({ ok: true });
  await watch.mode(agent, 'enforce');
  await becomesGuarded(guarded);
}

/**
 * Kills the helper while the list is changed, so many times: at no moment is the wall not whole, or
 * gets anything out to `address`, and in the end the last change is in the kernel.
 */
export async function expectWholeThroughKills(
  guarded: GuardedAgent,
  address: string,
  rounds: number,
): Promise<void> {
  const { agent, watch } = guarded;
  const tableOf = () => inNetworkOf(agent, ['nft', 'list', 'table', 'inet', 'sentra']);
  const over = new AbortController();
  let [tried, out] = [0, 0];
  const trying = (async () => {
    while (!over.signal.aborted) {
      tried += 1;
      if ((await fetchFrom(agent, `http://${address}/`)) === 0) out += 1;
    }
  })();
  let target = '';
  for (let round = 0; round < rounds; round += 1) {
    target = `198.51.100.${10 * (round + 1)}`;
    const change = watch.rule(agent, { verdict: 'allow', target }).catch(() => undefined);
    await delay(round * 15);
    await killHelper().catch(() => undefined);
    await change;
    expect(await tableOf()).toContain('policy drop');
    await becomesGuarded(guarded);
  }
  over.abort();
  await trying;
  expect(tried).toBeGreaterThan(rounds);
  expect(out).toBe(0);
  await eventually('the last change is in the kernel', async () =>
    (await tableOf()).includes(target),
  );
}

import { expect, onTestFinished, test } from 'vitest';
import { describeWithEngine, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import { eventually, openWatch } from '../../scenarios/watch.ts';

const policy = `version: 1
mode: enforce
rules:
  - name: bound
    when: finding.kind == "unexpected-exec"
    do: [{limit: {pids: 50, cpus: 0.5}}]
`;

describeWithEngine('A container that Sentra has limited', () => {
  test('is limited again at once when somebody loosens it by the engine, and that is told.', async () => {
    const containers = testContainers(engineSocket());
    const watch = await openWatch({ engine: `unix://${engineSocket()}`, policy, learnMs: 1_000 });
    onTestFinished(async () => {
      await watch.close();
      await containers.removeAll();
    });
    const agent = await containers.start({ args: ['sleep', '1000'] });
    const limits = async () => {
      const { HostConfig: host } = await agent.inspect();
      return [host['NanoCpus'], host['PidsLimit']];
    };
    const isLearned = () => watch.view(agent.id)?.learning.state === 'learned';
    await eventually('it is learned', isLearned, 60_000);
    await agent.exec(['true']);
    await eventually('it is limited', () => watch.ended(agent.id).includes('limit proved'), 20_000);
    expect(await limits()).toEqual([0.5e9, 50]);

    await demand(engineSocket(), 'POST', `/containers/${agent.id}/update`, {
      body: { NanoCpus: 2e9, PidsLimit: 500 },
    });
    const isBack = () => watch.ended(agent.id).filter((name) => name === 'limit proved').length > 1;
    const took = await eventually('it is limited again', isBack, 20_000);
    // The engine's event brings it; the round over all that is held would take up to five seconds.
    expect(took).toBeLessThan(4_000);
    expect(await limits()).toEqual([0.5e9, 50]);
    const again = watch.actions.findLast(({ name }) => name === 'limit');
    expect(again?.requester).toMatchObject({
      kind: 'upkeep',
      reason: expect.stringContaining('somebody else has changed it') as unknown,
    });
  });
});

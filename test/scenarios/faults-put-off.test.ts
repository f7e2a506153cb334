import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { actionSchema } from '../../monitor/rpc/schema/model-schema.ts';
import type { Action } from '../../monitor/model/action.ts';
import { describeWith, engineSocket } from '../engine/capabilities.ts';
import { testContainers, type TestContainer, type TestContainers } from '../engine/containers.ts';
import { startMonitorProcess, type MonitorProcess } from './monitor-process.ts';
import { containAll } from './stage.ts';
import { eventually } from './watch.ts';

describeWith(['engine', 'root'], 'A monitor that is killed while an action is put off', () => {
  let folder: string;
  let containers: TestContainers;
  let monitor: MonitorProcess;
  let villains: readonly TestContainer[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-put-off-'));
    writeFileSync(
      join(folder, 'policy.yaml'),
      containAll.replace('actionsPerMinute: 600', 'actionsPerMinute: 1').replace('1s', '1h'),
    );
    containers = testContainers(engineSocket());
    // Uses more memory than it may have, again and again.
    const args = ['sh', '-c', 'sleep 48; while :; do tail /dev/zero; sleep 1; done'];
    monitor = start();
    villains = [
      await containers.start({ args, memory: 16 * 1024 * 1024 }),
      await containers.start({ args, memory: 16 * 1024 * 1024 }),
    ];
  });

  afterAll(async () => {
    await monitor.end();
    await containers.removeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (): MonitorProcess =>
    startMonitorProcess(folder, ['--engine', `unix://${engineSocket()}`, '--learn', '2s']);

  const actions = (): readonly Action[] =>
    monitor.lines.flatMap((line) =>
      line.type === 'action' ? [z.looseObject({ action: actionSchema }).parse(line).action] : [],
    );

  const paused = async (): Promise<readonly boolean[]> =>
    Promise.all(villains.map(async (villain) => (await villain.inspect()).State.Paused));

  test('carries it out after it is started again', async () => {
    const putOff = () =>
      actions().find(
        ({ name, outcome }) =>
          name === 'pause' && outcome.state === 'refused' && outcome.reason.includes('The cap'),
      );
    await eventually('the cap refuses one', () => putOff() !== undefined, 100_000);
    // What the policy remembers is kept within a second: with it the new one decides nothing anew.
    await delay(2_000);
    const { requester } = putOff() ?? {};
    expect((await paused()).filter(Boolean)).toHaveLength(1);
    await monitor.kill9();
    // What was in memory alone is gone now; the cap of the new monitor has room.
    monitor = start();
    await eventually('both are held', async () => (await paused()).every(Boolean), 90_000);
    // By the decision of the monitor that was killed, and not because it happened again.
    const proved = () => actions().find(({ outcome }) => outcome.state === 'proved');
    await eventually('it is told', () => proved() !== undefined, 60_000);
    expect(proved()?.requester).toEqual(requester);
  }, 300_000);
});

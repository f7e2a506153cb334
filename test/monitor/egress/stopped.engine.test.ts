import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MonitorClient } from '../../../monitor/rpc/client.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { fetchFrom, webServer } from '../../engine/web.ts';
import { startMonitorProcess, type MonitorProcess } from '../../scenarios/monitor-process.ts';
import {
  addressOf,
  attempt,
  eventually,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  type EgressWatch,
} from './egress-stage.ts';
import { manyQuestions } from './many-questions.ts';

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'While Sentra is stopped and not ended (Ctrl-Z), a guarded container',
  () => {
    let containers: TestContainers;
    let agent: TestContainer;
    let otherAddress = '';
    let watch: EgressWatch;
    let monitor: MonitorProcess;
    let client: MonitorClient;
    let stopNames: () => void;

    async function ask(request: Parameters<MonitorClient['egress']>[0]) {
      const answer = await client.egress(request);
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value;
    }

    const sight = async () =>
      (await ask({ name: 'list', target: agent.id })).coverage?.sight ?? { state: 'none' };
    const sees = async (): Promise<boolean> => (await sight()).state === 'seeing';

    beforeAll(async () => {
      containers = testContainers(engineSocket());
      const [first, server, other] = await Promise.all([
        containers.start({ args: ['sleep', '10000'], image: 'debian' }),
        containers.start({ args: webServer }),
        containers.start({ args: webServer }),
      ]);
      agent = first;
      otherAddress = await addressOf(other);
      stopNames = await startNameServer(other, { 'allowed.test': await addressOf(server) });
      // Only its folder is used here: the monitor is a process of its own.
      watch = await openEgressWatch([otherAddress]);
      monitor = startMonitorProcess(watch.folder, ['--engine', `unix://${engineSocket()}`]);
      client = await monitor.connect();
      await eventually('the agent is known', async () => {
        const snapshot = await client.snapshot();
        const known = snapshot.ok ? snapshot.value.workloads : [];
        return known.some(({ workload }) => workload.container === agent.id);
      });
      const rule = { verdict: 'allow', target: 'allowed.test', local: true } as const;
      await ask({ name: 'rule', target: agent.id, rule });
      await ask({ name: 'mode', target: agent.id, mode: 'enforce' });
      await eventually('it is guarded', sees);
    }, 240_000);

    afterAll(async () => {
      monitor.goOn();
      await client.egress({ name: 'mode', target: agent.id, mode: 'off' });
      client.close();
      await monitor.end();
      await watch.close();
      stopNames();
      await containers.removeAll();
      await openOwnGate();
    });

    test('resolves names and gets no further; what nobody read is told, and is no breach', async () => {
      monitor.stop();
      expect(await agent.exec(['python3', '-c', manyQuestions(6000)], 120_000)).toBe(0);
      expect(await fetchFrom(agent, 'http://allowed.test/')).toBe(0);
      expect(await agent.exec(['python3', '-c', attempt(otherAddress, 8080)])).toBe(3);
      monitor.goOn();
      await eventually('it says how much was lost', async () => {
        const { state, reason } = { reason: '', ...(await sight()) };
        return state === 'partly' && /\d{4,} entries of its resolver’s log were lost/.test(reason);
      });
      expect(await fetchFrom(agent, 'http://allowed.test/')).toBe(0);
      expect(await agent.exec(['python3', '-c', attempt(otherAddress, 8080)])).toBe(3);
      const open = monitor.lines.filter((line) => JSON.stringify(line).includes('egress-open'));
      expect(open).toEqual([]);
    });
  },
);

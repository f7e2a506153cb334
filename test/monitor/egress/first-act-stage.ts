import { setTimeout as delay } from 'node:timers/promises';
import { engineSocket } from '../../engine/capabilities.ts';
import {
  testContainers,
  type TestContainer,
  type TestContainers,
} from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import {
  addressOf,
  eventually,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  type EgressWatch,
  untilKnown,
} from './egress-stage.ts';
import { arrivals, buildFirstAct, countArrivals } from './first-act.ts';

/** A container whose first act is to send, the listener it sends to, and a watch over both. */
export interface FirstActStage {
  readonly containers: TestContainers;
  readonly agent: TestContainer;
  readonly watch: EgressWatch;
  /** The listener's address. */
  readonly address: string;
  /** How many of the agent's packets and frames have arrived so far. */
  arrived(): Promise<number>;
  restart(): Promise<void>;
  /** How curl ends in the agent, 0 where it got an answer. */
  curl(url: string): Promise<number>;
  /** Guards the agent, with one name allowed. */
  enforce(): Promise<void>;
  /** Restarts it so often, each time until its allowed name works; gives how many arrived meanwhile. */
  arriveInRestarts(times: number, signal?: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** Opens the stage, with nothing guarded yet. */
export async function openFirstActStage(): Promise<FirstActStage> {
  const containers = testContainers(engineSocket());
  const act = await buildFirstAct();
  const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
  const listener = await containers.start({ args: web });
  const address = await addressOf(listener);
  await countArrivals(listener);
  const stopNames = await startNameServer(listener, { 'allowed.test': address });
  const [network] = Object.values((await listener.inspect()).NetworkSettings.Networks);
  const agent = await containers.start({
    image: 'debian',
    args: ['/act/first-act', address, String(network?.['MacAddress']).replaceAll(':', '')],
    binds: [`${act.folder}:/act:ro`],
    stopTimeout: 0,
  });
  const watch = await openEgressWatch([address]);
  await watch.start();
  await untilKnown(watch, agent);
  const arrived = (): Promise<number> => arrivals(listener);
  const curl = (url: string): Promise<number> =>
    agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '3', url]);
  const restart = async (): Promise<void> => {
    await demand(engineSocket(), 'POST', `/containers/${agent.id}/restart?t=0`);
  };
  return {
    containers,
    agent,
    watch,
    address,
    arrived,
    restart,
    curl,
    async enforce() {
      await watch.rule(agent, {
        verdict: 'allow',
        target: 'allowed.test',
        local: true,
        protocol: 'tcp',
        port: 80,
      });
      await watch.mode(agent, 'enforce');
      await eventually(
        'it is guarded',
        async () => (await watch.view(agent)).coverage?.sight.state === 'seeing',
      );
      await delay(500);
    },
    async arriveInRestarts(times, signal) {
      const before = await arrived();
      for (let count = 0; count < times && signal?.aborted !== true; count += 1) {
        await restart();
        await eventually('the name works', async () => (await curl('http://allowed.test/')) === 0);
        await delay(300);
      }
      return (await arrived()) - before;
    },
    async close() {
      await watch.close();
      stopNames();
      await containers.removeAll();
      act.remove();
      await openOwnGate();
    },
  };
}

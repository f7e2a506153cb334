import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import {
  addressOf,
  attempt,
  eventually,
  openEgressWatch,
  openOwnGate,
  startNameServer,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

/** Instead of five minutes. */
const ttlSeconds = 5;

describeWith(['engine', 'debian-image', 'root'], 'The address of an allowed name', () => {
  let containers: TestContainers;
  let agents: readonly TestContainer[];
  let watch: EgressWatch;
  let stopNames: () => void;
  let address = '';

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const [server, ...others] = await Promise.all([
      containers.start({ args: web }),
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
    ]);
    agents = others;
    address = await addressOf(server);
    stopNames = await startNameServer(server, { 'allowed.test': address }, ['--local-ttl=3600']);
    watch = await openEgressWatch([address]);
    await watch.start({ ttlSeconds });
    for (const agent of agents) {
      await untilKnown(watch, agent);
      await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
      await watch.mode(agent, 'enforce');
      await eventually(
        'it sees',
        async () => (await watch.view(agent)).coverage?.sight.state === 'seeing',
      );
    }
  }, 240_000);

  afterAll(async () => {
    await watch.switchOff().catch(() => undefined);
    await watch.close();
    stopNames();
    await containers.removeAll();
    await openOwnGate();
  });

  const python = (agent: TestContainer | undefined, text: string): Promise<number> => {
    if (agent === undefined) throw new Error('There is no such container.');
    return agent.exec(['python3', '-c', `import socket,sys,time\n${text}`], 90_000);
  };

  test('stays while its name is asked as often as it has to be, and goes when it is asked no more; flows go on', async () => {
    // Connects twice a second for four times the time to live, and asks once before each is over.
    const asking = python(
      agents[0],
      `begin=time.time(); asked=-9
while time.time()-begin<${4 * ttlSeconds}:
  now=time.time()-begin
  if now-asked>=${ttlSeconds - 1}: address=socket.gethostbyname("allowed.test"); asked=now
  # Nobody listens there, which the server itself says.
  try: socket.create_connection((address,81),3); sys.exit(4)
  except ConnectionRefusedError: pass
  except OSError: sys.exit(10+int(now))
  time.sleep(0.5)`,
    );
    // Asks once. What it began then goes on, when nothing can be begun any more.
    const waiting = python(
      agents[1],
      `flow=socket.create_connection(("allowed.test",80)); flow.send(b"GET / HTTP/1.0\\r\\n")
def is_reached():
  ${attempt(address, 80).replaceAll('sys.exit(3)', 'return False').split('\n').slice(1).join('\n  ')}
  return True
if not is_reached(): sys.exit(4)
begin=time.time(); last=0
while time.time()-begin<${2 * ttlSeconds + 2}:
  flow.send(b"X: 1\\r\\n"); time.sleep(0.5)
if is_reached(): sys.exit(5)
flow.send(b"\\r\\n"); flow.settimeout(5)
text=b""
while True:
  part=flow.recv(4096)
  if not part: break
  text+=part
sys.exit(0 if text.endswith(b"hello\\n") else 6)`,
    );
    expect({ asking: await asking, waiting: await waiting }).toEqual({ asking: 0, waiting: 0 });
    const [, agent] = agents;
    expect(await python(agent, attempt('allowed.test', 80))).toBe(0);
  });
});

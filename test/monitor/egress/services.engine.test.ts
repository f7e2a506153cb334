import { readFileSync } from 'node:fs';
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
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

/**
 * Waits at the address of Docker's resolver, with a flow begun to every port that a question may come
 * from, so that the guard's own question is led there; answers it with an address of its choice.
 */
const posing = (name: string, address: string): string => `
import socket,struct,sys,time
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(("127.0.0.11",53)); s.settimeout(3)
for port in range(1024,65536):
  if port in (15353,15354,15355): continue
  try: s.sendto(b"x",("127.0.0.1",port))
  except OSError: pass
c=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
c.sendto(struct.pack(">6H",7,256,1,0,0,0)+bytes([${name.length}])+b"${name}"+struct.pack(">BHH",0,1,1),("127.0.0.1",15353))
try:
  q,asker=s.recvfrom(600)
  end=q.index(b"\\0",12)+5
  s.sendto(q[:2]+struct.pack(">5H",0x8180,1,1,0,0)+q[12:end]+struct.pack(">HHHIH",0xc00c,1,1,300,4)+socket.inet_aton("${address}"),asker)
except OSError: sys.exit(5)
time.sleep(1)`;

/** The ports of Docker's own resolver, to which it turns what is asked of port 53; proc(5). */
async function portsOfEngineResolver(
  container: TestContainer,
): Promise<{ udp: number; tcp: number }> {
  const { State: state } = await container.inspect();
  const [udp, tcp] = ['udp', 'tcp'].map((protocol) => {
    const sockets = readFileSync(`/proc/${state.Pid}/net/${protocol}`, 'utf8');
    const port = / 0B00007F:([0-9A-F]{4}) /.exec(sockets)?.[1];
    if (port === undefined) throw new Error(`Nothing listens on 127.0.0.11 over ${protocol}.`);
    return Number.parseInt(port, 16);
  });
  return { udp: udp ?? 0, tcp: tcp ?? 0 };
}

/** Asks for the name there, past every redirection. Ends with 3 when that is refused. */
const askDirectly = (
  kind: 'UDP' | 'TCP',
  port: number,
  name: string,
): string => `import socket,struct
q=struct.pack(">6H",7,256,1,0,0,0)+bytes([${name.length}])+b"${name}"+struct.pack(">BHH",0,1,1)
s=socket.socket(socket.AF_INET,socket.SOCK_${kind === 'UDP' ? 'DGRAM' : 'STREAM'}); s.settimeout(3)
try:
  s.connect(("127.0.0.11",${port})); s.send(q if "${kind}"=="UDP" else struct.pack(">H",len(q))+q); m=s.recv(512)
except TimeoutError: sys.exit(4)
except OSError: sys.exit(3)
sys.exit(0 if m[${kind === 'UDP' ? 3 : 5}]&15==0 else 5)`;

describeWith(['engine', 'debian-image', 'root'], 'Services beside a guarded container', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let watch: EgressWatch;
  let secretAddress = '';

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const network = 'sentra-services';
    await containers.createNetwork(network);
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const [, , secret] = await Promise.all([
      containers.start({ args: web, network, aliases: ['db'] }),
      containers.start({ args: web, network, aliases: ['cache'] }),
      containers.start({ args: web, network, aliases: ['secret'] }),
    ]);
    agent = await containers.start({ args: ['sleep', '10000'], image: 'debian', network });
    secretAddress = await addressOf(secret);
    watch = await openEgressWatch([]);
    await watch.start();
    await untilKnown(watch, agent);
    for (const target of ['db', 'cache']) {
      await watch.rule(agent, { verdict: 'allow', target, local: true });
    }
    await watch.mode(agent, 'enforce');
  }, 240_000);

  afterAll(async () => {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    await containers.removeAll();
    await openOwnGate();
  });

  const python = (text: string, uid = 0): Promise<number> =>
    agent.exec([
      ...(uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, '--clear-groups']),
      ...['python3', '-c', `import sys\n${text}`],
    ]);

  test('are reached by name where a rule says so, and not else', async () => {
    await eventually('the guard answers', async () => (await python(attempt('db', 80))) === 0);
    expect(await python(attempt('secret', 80))).toBe(3);
    expect(await python(attempt(secretAddress, 80))).toBe(3);
  });

  test('are heard of by name while it is only observed, each question once', async () => {
    await watch.mode(agent, 'observe');
    const counts = (name: string) => {
      const answer = watch.service().egressSeen({ target: agent.id, hours: 1 });
      const seen = answer.ok ? answer.value.names.find((each) => each.name === name) : undefined;
      const { asked = 0, answered = 0, refused = 0 } = seen ?? {};
      return { asked: asked - refused, answered };
    };
    const ask = (name: string) => python(`import socket; socket.gethostbyname("${name}")`);
    const before = counts('db').answered;
    await eventually('it is listened to', async () => {
      expect(await ask('db')).toBe(0);
      return counts('db').answered > before;
    });
    // Docker’s own resolver answers on the container’s loopback, from another port than it is asked at.
    expect(counts('secret')).toEqual({ asked: 0, answered: 0 });
    expect(await ask('secret')).toBe(0);
    await eventually('it is heard', () => counts('secret').answered > 0);
    expect(counts('secret')).toEqual({ asked: 1, answered: 1 });
    await watch.mode(agent, 'enforce');
    await eventually('the guard answers', async () => (await python(attempt('db', 80))) === 0);
  });

  test('are not named by Docker’s resolver at its own port, to which port 53 is turned', async () => {
    const ports = await portsOfEngineResolver(agent);
    const answers = async (): Promise<readonly number[]> => {
      const codes: number[] = [];
      for (const uid of [0, 65_534, 1000]) {
        codes.push(await python(askDirectly('UDP', ports.udp, 'secret'), uid));
        codes.push(await python(askDirectly('TCP', ports.tcp, 'secret'), uid));
      }
      return codes;
    };
    expect(await answers()).toEqual([3, 3, 3, 3, 3, 3]);
    // It is there, and would answer.
    await watch.mode(agent, 'off');
    expect(await answers()).toEqual([0, 0, 0, 0, 0, 0]);
    await watch.mode(agent, 'enforce');
    await eventually('the guard answers', async () => (await python(attempt('db', 80))) === 0);
  });

  test('are not named by an ordinary user who waits where Docker’s resolver is', async () => {
    // It is asked, and has answered.
    expect(await python(posing('cache', secretAddress), 1000)).toBe(0);
    expect(await python(attempt(secretAddress, 80))).toBe(3);
  });
});

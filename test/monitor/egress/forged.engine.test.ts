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

/** Asks for a name that is allowed, reads the guard's own question off the wire, and answers it first. */
const forging = (name: string, server: string, own: string, send: string): string => `
import socket,struct,sys,threading
tap=socket.socket(socket.AF_PACKET,socket.SOCK_DGRAM,socket.ntohs(3)); tap.settimeout(3)
asked=[]
def ask():
  try: asked.append(socket.gethostbyname("${name}"))
  except OSError: pass
t=threading.Thread(target=ask,daemon=True); t.start()
while True:
  p,info=tap.recvfrom(2000)
  if p[0]>>4!=4 or p[9]!=17 or socket.inet_ntoa(p[16:20])!="${server}": continue
  h=(p[0]&15)*4
  if struct.unpack(">H",p[h+2:h+4])[0]!=53: continue
  break
port=struct.unpack(">H",p[h:h+2])[0]; q=p[h+8:]
end=12
while q[end]: end+=1+q[end]
question=q[12:end+5]
a=q[:2]+struct.pack(">5H",0x8180,1,1,0,0)+question+struct.pack(">HHHIH",0xc00c,1,1,300,4)+socket.inet_aton("${server}")
u=struct.pack(">4H",53,port,8+len(a),0)+a
i=struct.pack(">BBHHHBBH",69,0,20+len(u),7,0,64,17,0)+socket.inet_aton("${server}")+socket.inet_aton("${own}")
def chk(b):
  s=sum(struct.unpack(">10H",b)); s=(s>>16)+(s&65535); return ~(s+(s>>16))&65535
i=i[:10]+struct.pack(">H",chk(i))+i[12:]
${send}
t.join(1); sys.exit(9 if asked else 0)`;

/** By what the answer is sent, and the allowed name that it is about. */
const ways = [
  [
    'a raw socket',
    'one.test',
    (own: string) =>
      `s=socket.socket(socket.AF_INET,socket.SOCK_RAW,socket.IPPROTO_RAW); s.sendto(i+u,("${own}",0))`,
  ],
  [
    'a frame on the loopback',
    'two.test',
    () =>
      `s=socket.socket(socket.AF_PACKET,socket.SOCK_DGRAM); s.sendto(i+u,("lo",0x0800,0,0,b"\\0"*6))`,
  ],
] as const;

describeWith(['engine', 'debian-image', 'root'], 'Answers that a container makes itself', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let other: TestContainer;
  let watch: EgressWatch;
  let stopNames: () => void;
  let [own, otherAddress] = ['', ''];

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    [agent, other] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      containers.start({ args: web }),
    ]);
    [own, otherAddress] = await Promise.all([addressOf(agent), addressOf(other)]);
    // A name server that is slow to answer, as those of the internet are beside the loopback.
    // What the proof of the wall asks about is answered.
    const proof = 'a.example';
    stopNames = await startNameServer(other, { [proof]: '192.0.2.9' }, [
      '--server=/test/192.0.2.77',
    ]);
    watch = await openEgressWatch([otherAddress]);
    await watch.start();
    await untilKnown(watch, agent);
    for (const name of [proof, ...ways.map(([, each]) => each)]) {
      await watch.rule(agent, { verdict: 'allow', target: name, local: true });
    }
    await watch.mode(agent, 'enforce');
  }, 240_000);

  afterAll(async () => {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    stopNames();
    await containers.removeAll();
    await openOwnGate();
  });

  const python = (text: string): Promise<number> => agent.exec(['python3', '-c', text]);

  test.each(ways)('lead nowhere, by %s', async (_, name, send) => {
    await eventually(
      'it is guarded',
      async () => (await watch.view(agent)).coverage?.sight.state === 'seeing',
    );
    expect.soft(await python(forging(name, otherAddress, own, send(own)))).toBe(0);
    expect(await python(`import sys\n${attempt(otherAddress, 80)}`)).toBe(3);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import { addressOf, eventually, inNetworkOf, openEgressWatch, untilKnown } from './egress-stage.ts';
import { startNameServer, type EgressWatch } from './egress-stage.ts';

/** As curl ends: with `--fail` by an answer of 400 and above, and by a port that nobody answers at. */
const [answered, closed] = [22, 7];

/** Linux's number for a host that an ICMP message says is not to be reached. */
const hostUnreachable = 113;

describeWith(['engine', 'debian-image', 'root'], 'What a wall refuses', () => {
  let containers: TestContainers;
  let [agent, neighbour, server] = [{}, {}, {}] as TestContainer[];
  let watch: EgressWatch;
  let stopNames: () => void;
  let address = '';

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    const idle = { args: ['sleep', '10000'], image: 'debian' } as const;
    [agent, neighbour, server] = await Promise.all([
      containers.start(idle),
      containers.start(idle),
      containers.start({ args: web }),
    ]);
    address = await addressOf(server);
    stopNames = await startNameServer(server, { test: address });
    await inNetworkOf(
      server,
      ['nft', '-f', '-'],
      'table inet count {\ncounter every { }\nchain in {\ntype filter hook input priority 0;\niifname != "lo" counter name every\n}\n}\n',
    );
    watch = await openEgressWatch([address]);
    await watch.start();
    for (const container of [agent, neighbour]) {
      await untilKnown(watch, container);
      await watch.rule(container, { verdict: 'allow', target: 'allowed.test', local: true });
      await watch.rule(container, { verdict: 'allow', target: '*.team.test', local: true });
      await watch.rule(container, { verdict: 'deny', target: 'denied.team.test' });
      const view = await watch.mode(container, 'enforce');
      expect(view.coverage?.sight).toMatchObject({ state: 'seeing' });
    }
  }, 240_000);

  afterAll(async () => {
    await watch.switchOff();
    await watch.close();
    stopNames();
    await containers.removeAll();
  });

  const curl = (url: string, from = agent, ...more: readonly string[]): Promise<number> =>
    from!.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', ...more, url]);

  const python = (text: string, from = agent): Promise<number> =>
    from!.exec(['python3', '-c', `import socket,sys,struct,time\n${text}`]);

  /** How many packets the server has got so far. */
  async function arrived(): Promise<number> {
    const text = await inNetworkOf(server!, ['nft', 'list', 'counter', 'inet', 'count', 'every']);
    return Number(/packets (\d+)/.exec(text)?.[1]);
  }

  /** Asks for the page, and looks for those texts in the answer as it came. */
  async function expectAnswer(url: string, ...texts: readonly string[]): Promise<void> {
    await agent!.exec(['sh', '-c', `curl -si --max-time 10 ${url} >/tmp/answer`]);
    for (const text of texts) {
      expect(await agent!.exec(['grep', '-qF', '--', text, '/tmp/answer']), text).toBe(0);
    }
  }

  test('is told over plain HTTP that it was refused, by whom, and what to do; nothing leaves', async () => {
    expect(await curl('http://allowed.test/')).toBe(0);
    const before = await arrived();
    await expectAnswer(
      'http://unknown.test/some/page',
      'HTTP/1.1 403 Forbidden',
      'Refused by Sentra: no rule lets this container reach unknown.test.',
      'The network is not broken',
      'allow it in Sentra',
    );
    await expectAnswer('http://denied.team.test/', '403 Forbidden', 'reach denied.team.test.');
    await expectAnswer('http://192.0.2.9/', '403 Forbidden', 'reach 192.0.2.9.');
    await expectAnswer('http://169.254.169.254/latest/meta-data/', 'reach 169.254.169.254.');
    expect(await arrived()).toBe(before);
    await eventually('a person sees it too', () =>
      watch.seen.some(({ names }) =>
        names.some(({ name, refused }) => name === 'unknown.test' && refused),
      ),
    );
    const flows = () => watch.seen.flatMap(({ destinations }) => destinations);
    await eventually('with its address where it has no name', () =>
      flows().some((each) => each.address === '169.254.169.254' && each.refusedPackets > 0),
    );
    // Where refused names are answered to is no destination.
    expect(flows().filter(({ address: to }) => to.startsWith('241.'))).toEqual([]);
  });

  test('over other ports it is refused at once, as not allowed; the name leads to an address that nobody has', async () => {
    const before = await arrived();
    const text = `assert socket.gethostbyname("unknown.test") == "241.0.0.1"
begin=time.monotonic()
for host,port in (("unknown.test",443),("denied.team.test",22),("192.0.2.9",8443)):
  try: socket.create_connection((host,port),20); sys.exit(4)
  except OSError as error: assert error.errno == ${hostUnreachable}, error
assert time.monotonic()-begin < 10`;
    expect(await python(text)).toBe(0);
    expect(await arrived()).toBe(before);
  });

  test('is asked of no name server, whatever is asked about it', async () => {
    const before = await arrived();
    const text = `s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(5)
def ask(name,kind):
  labels=b"".join(bytes([len(part)])+part.encode() for part in name.split("."))
  s.sendto(struct.pack(">6H",7,256,1,0,0,0)+labels+struct.pack(">BHH",0,kind,1),("127.0.0.11",53))
  answer=s.recv(4096)
  return answer[3]&15, struct.unpack(">H",answer[6:8])[0]
for name in ("unknown.test","secret-bytes.unknown.test","denied.team.test","db"):
  assert ask(name,1) == (0,1), name
  for kind in (2,15,16,28,33,65): assert ask(name,kind) == (0,0), (name,kind)
for name in ("4.3.2.1.in-addr.arpa","a.invalid","use-application-dns.net"): assert ask(name,1)[0] == 3, name`;
    expect(await python(text)).toBe(0);
    expect(await arrived()).toBe(before);
  });

  test('with a body, without one, and of any length is answered; what is no HTTP is cut off', async () => {
    const big = ['--data-binary', '@/usr/bin/python3', '-H', 'Expect:'];
    expect(await curl('http://unknown.test/', agent, ...big)).toBe(answered);
    expect(await curl('http://unknown.test/', agent, '--head')).toBe(answered);
    const text = `def say(data):
  s=socket.create_connection(("unknown.test",80),10); s.settimeout(15)
  try:
    for part in data: s.sendall(part); time.sleep(0.05)
    got=b""
    while True:
      more=s.recv(4096)
      if not more: return got
      got+=more
  except ConnectionResetError: return b"reset"
assert say([b"\\x16\\x03\\x01\\x02\\x00\\x01"]) == b"reset"
assert say([b"SSH-2.0-x\\r\\n"]) == b"reset"
assert say([b"PRI * HTTP/2.0\\r\\n\\r\\n"]) == b"reset"
assert say([b"GET /"+b"a"*9000]) == b"reset"
whole=say([b"GET / HT",b"TP/1.1\\r\\nA: b\\r\\nHO",b"ST: slow.test:80\\r\\n\\r\\n"])
assert b"reach slow.test:80." in whole, whole
long=say([b"GET / HTTP/1.1\\r\\nA: "+b"a"*9000])
assert b"403" in long or long == b"reset", long
for host in (b"<script>",b"a\\x1b[31m",b"a"*5000,b"",b"a b"):
  got=say([b"GET / HTTP/1.1\\r\\nHost: "+host+b"\\r\\n\\r\\n"])
  assert got == b"reset" or (b"403" in got and b"<" not in got and b"\\x1b" not in got and b"aaaa" not in got), (host,got)`;
    expect(await python(text)).toBe(0);
  });

  test('too often or too slowly, harms itself alone', async () => {
    const slow = python(
      `kept=[]
for i in range(600):
  try:
    s=socket.create_connection(("unknown.test",80),1); s.sendall(b"G"); kept.append(s)
  except OSError: pass
open("/tmp/kept","w").close()
time.sleep(6)`,
    );
    await eventually(
      'it holds what it can',
      async () => (await agent!.exec(['test', '-e', '/tmp/kept'])) === 0,
    );
    expect(await curl('http://unknown.test/', neighbour)).toBe(answered);
    expect(await slow).toBe(0);
    await eventually(
      'it is answered again',
      async () => (await curl('http://unknown.test/')) === answered,
    );
  });

  test('is read by a process that is nobody', () => {
    const explaining = readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sentra-explains';
      } catch {
        return false;
      }
    });
    const ours = explaining.filter((pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return (
        /^Uid:\t65534\t65534/m.test(status) &&
        /^CapEff:\t0+$/m.test(status) &&
        /^NoNewPrivs:\t1$/m.test(status)
      );
    });
    expect(ours.length).toBeGreaterThan(0);
    expect(explaining.length).toBe(2 * ours.length);
  });

  test('costs hardly anything, however much, slowly or oddly a container talks, and others are told meanwhile', async () => {
    /** Of this monitor's programs alone, seconds of CPU: others may run beside it. */
    const spent = (): number => {
      const all = readdirSync('/proc').flatMap((pid) => {
        try {
          const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split('(sentra-explains) ');
          const fields = rest?.split(' ').map(Number) ?? [];
          const [, parent = 0] = fields;
          const seconds = ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100;
          return rest === undefined ? [] : [{ pid: Number(pid), parent, seconds }];
        } catch {
          return [];
        }
      });
      const mine = new Set(
        all.filter(({ parent }) => parent === process.pid).map(({ pid }) => pid),
      );
      return all
        .filter(({ pid, parent }) => mine.has(pid) || mine.has(parent))
        .reduce((sum, { seconds }) => sum + seconds, 0);
    };
    const before = spent();
    // Bodies without an end, heads without one, what is no HTTP, and requests within requests.
    const noise = python(`import os,threading
end=time.monotonic()+3
def talk(first,rest):
  while time.monotonic()<end:
    try:
      s=socket.create_connection(("192.0.2.9",80),3); s.settimeout(1); s.sendall(first)
      while time.monotonic()<end: s.sendall(rest)
    except OSError: pass
post=b"POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\nContent-Length: 5\\r\\n\\r\\n"
for n in range(4):
  if os.fork()==0:
    talk(post,b"GET /admin HTTP/1.1\\r\\n\\r\\n"*50000); os._exit(0)
for n in range(30):
  first,rest=[(b"GET / HTTP/1.1\\r\\n",b"x"),(bytes(range(256)),b"x"*65536),(b"GET /",b"\\0"*65536)][n%3]
  threading.Thread(target=talk,args=(first,rest)).start()
for n in range(4): os.wait()`);
    await eventually('it is noisy', () => spent() > before, 10_000);
    await expectNeighbour(answered);
    expect(await noise).toBe(0);
    // 0.97 s where who sends byte by byte is read byte by byte.
    expect(spent() - before).toBeLessThan(0.3);
    await eventually(
      'the noisy one is told again',
      async () => (await curl('http://192.0.2.9/')) === answered,
    );
  });

  const expectNeighbour = async (code: number): Promise<void> => {
    expect(await curl('http://192.0.2.9/', neighbour)).toBe(code);
  };

  test('is refused without a word while Sentra is away, and told again after', async () => {
    const before = await arrived();
    await watch.stop();
    expect(await curl('http://unknown.test/')).toBe(closed);
    expect(await curl('http://192.0.2.9/')).toBe(closed);
    expect(await arrived()).toBe(before);
    await watch.start();
    await eventually(
      'it is told again',
      async () => (await curl('http://unknown.test/')) === answered,
    );
  });

  test('is told again after a restart of the container, and no more once the mode is observe', async () => {
    await demand(engineSocket(), 'POST', `/containers/${agent!.id}/restart?t=0`);
    await eventually(
      'it is told again',
      async () => (await curl('http://unknown.test/')) === answered,
    );
    expect(await curl('http://127.0.0.1:15355/')).toBe(answered);
    await watch.mode(agent!, 'observe');
    expect(await curl('http://127.0.0.1:15355/')).toBe(closed);
  });
});

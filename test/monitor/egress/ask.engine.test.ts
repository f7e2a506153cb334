import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keptSet, nameSet } from '../../../monitor/egress/wall/wall-sets.ts';
import type { HeldQuestion } from '../../../monitor/model/held.ts';
import { describeWith, engineSocket } from '../../engine/capabilities.ts';
import { run } from '../../engine/command.ts';
import { testContainers } from '../../engine/containers.ts';
import type { TestContainer, TestContainers } from '../../engine/containers.ts';
import { demand } from '../../engine/engine-http.ts';
import {
  addressOf,
  eventually,
  inNetworkOf,
  openEgressWatch,
  startNameServer,
  untilKnown,
} from './egress-stage.ts';
import type { EgressWatch } from './egress-stage.ts';

/** By the answer that says so. */
const refused = 22;
/** What curl ends with where it was not let in. */
const notLetIn = 7;
/** Linux's number for what an ICMP message of IPv6 says is not allowed. */
const notAllowed = 13;

const web = ['sh', '-c', 'echo hello >/www/index.html; exec httpd -f -p 80 -h /www'];

describeWith(['engine', 'debian-image', 'root'], 'A connection that no rule decides about', () => {
  let containers: TestContainers;
  let agent: TestContainer;
  let server: TestContainer;
  let watch: EgressWatch;
  let stopNames: () => void;
  let address = '';

  beforeAll(async () => {
    containers = testContainers(engineSocket());
    const binds = [`${process.execPath}:/usr/local/bin/node:ro`];
    [agent, server] = await Promise.all([
      containers.start({ args: ['sleep', '10000'], image: 'debian', binds }),
      containers.start({ args: web }),
    ]);
    address = await addressOf(server);
    // Every name below `.test` is known, so that each test has some of its own.
    stopNames = await startNameServer(server, { test: address });
    await inNetworkOf(
      server,
      ['nft', '-f', '-'],
      'table inet count {\ncounter asked { }\ncounter curl { }\ncounter denied { }\nchain in {\ntype filter hook input priority 0;\nth dport 53 counter name asked\nudp dport 53 @th,160,40 0x046375726c counter name curl\nudp dport 53 @th,160,56 0x0664656e696564 counter name denied\n}\n}\n',
    );
    watch = await openEgressWatch([address]);
    await watch.start();
    await untilKnown(watch, agent);
    const view = await watch.mode(agent, 'ask');
    expect(view.coverage?.sight).toMatchObject({ state: 'seeing' });
  }, 240_000);

  afterEach(async () => {
    for (const { id } of questions()) watch.service().egressHeldRefuse({ id });
    await watch.mode(agent, 'ask');
  });

  afterAll(async () => {
    await watch.mode(agent, 'off').catch(() => undefined);
    await watch.close();
    stopNames();
    await containers.removeAll();
  });

  const questions = (): readonly HeldQuestion[] => watch.service().egressHeld().questions;

  async function questionAbout(target: string): Promise<HeldQuestion> {
    const find = () =>
      questions().find(
        ({ name, address: to, state }) => (name ?? to) === target && state.kind === 'waiting',
      );
    await eventually(`${target} is asked about`, () => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error('It is asked about no more.');
    return found;
  }

  const untilGuarded = (container: TestContainer): Promise<void> =>
    eventually('its wall stands', async () => {
      const { coverage } = await watch.view(container);
      return coverage?.sight.state === 'seeing';
    });

  /** How many DNS packets the name server has got so far; of these, about names that begin so. */
  async function asked(what: 'asked' | 'curl' | 'denied' = 'asked'): Promise<number> {
    const text = await inNetworkOf(server, ['nft', 'list', 'counter', 'inet', 'count', what]);
    return Number(/packets (\d+)/.exec(text)?.[1]);
  }

  async function allow(question: HeldQuestion): Promise<void> {
    const [offer] = question.offers;
    if (offer === undefined) throw new Error('Nothing is offered.');
    const { verdict: _, ...rule } = offer.rule;
    // The server of these tests has a private address.
    const local = question.name === undefined ? {} : { local: true };
    const answer = await watch
      .service()
      .egressHeldAllow({ id: question.id, rule: { ...rule, ...local } });
    if (!answer.ok) throw new Error(answer.error.message);
  }

  const curl = (url: string): Promise<number> =>
    agent.exec(['curl', '-sSf', '-o', '/dev/null', '--max-time', '60', url], 90_000);
  const python = (name: string): Promise<number> =>
    agent.exec(
      [
        'python3',
        '-c',
        `import http.client\nc=http.client.HTTPConnection("${name}",80,timeout=60)\nc.connect()\nc.request("GET","/")\nassert c.getresponse().read()==b"hello\\n"`,
      ],
      90_000,
    );
  const nodeFetch = (name: string): Promise<number> =>
    agent.exec(
      [
        'node',
        '-e',
        `fetch("http://${name}/").then((r) => r.text()).then((t) => process.exit(t === "hello\\n" ? 0 : 1), () => process.exit(3))`,
      ],
      90_000,
    );

  test('is held, and the very same connection comes up once it is allowed', async () => {
    const before = await asked();
    const tries = [
      ['curl.test', curl('http://curl.test/')],
      ['python.test', python('python.test')],
      ['node.test', nodeFetch('node.test')],
    ] as const;
    const held = await Promise.all(tries.map(([name]) => questionAbout(name)));
    expect(held.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(
      Array(3).fill('tcp 80'),
    );
    await delay(2000);
    expect(await asked()).toBe(before);
    for (const question of held) await allow(question);
    expect(await Promise.all(tries.map(([, ended]) => ended))).toEqual([0, 0, 0]);
    expect(await asked('curl')).toBeGreaterThan(0);
    expect(questions()).toEqual([]);
    // From now on it is a rule like any other.
    expect(await curl('http://curl.test/')).toBe(0);
  });

  test('is refused at once when it is denied, and its name is unknown from then on', async () => {
    const trying = curl('http://denied.test/');
    const { id } = await questionAbout('denied.test');
    const rule = { target: 'denied.test' };
    const answer = await watch.service().egressHeldDeny({ id, rule });
    expect(answer).toMatchObject({ ok: true, value: { questions: [] } });
    expect(await trying).toBe(refused);
    expect(await curl('http://denied.test/')).toBe(refused);
    // The heartbeat may ask others meanwhile.
    expect(await asked('denied')).toBe(0);
  });

  test('refused once makes no rule, and is not asked about again at once', async () => {
    const rules = (await watch.view(agent)).rules;
    const trying = curl('http://once.test/');
    const { id } = await questionAbout('once.test');
    expect(watch.service().egressHeldRefuse({ id })).toMatchObject({ ok: true });
    expect(await trying).toBe(refused);
    expect(await curl('http://once.test/')).toBe(refused);
    expect(questions()).toEqual([]);
    expect((await watch.view(agent)).rules).toEqual(rules);
  });

  test('put off is refused, stays to be answered, and may be allowed later', async () => {
    const trying = curl('http://later.test/');
    const question = await questionAbout('later.test');
    watch.service().egressHeldDefer({ id: question.id });
    expect(await trying).toBe(refused);
    expect(questions()).toMatchObject([{ name: 'later.test', state: { kind: 'deferred' } }]);
    await allow(question);
    expect(questions()).toEqual([]);
    expect(await curl('http://later.test/')).toBe(0);
  });

  test('is asked about by address and port where no name leads there, over TCP and UDP', async () => {
    const nameless = await addressOf(await containers.start({ args: web }));
    const trying = curl(`http://${nameless}:80/`);
    const question = await questionAbout(nameless);
    expect(question).toMatchObject({ name: undefined, protocol: 'tcp', port: 80 });
    const { verdict: _, ...rule } = question.offers[0]?.rule ?? { verdict: 'allow', target: '' };
    await watch.service().egressHeldAllow({ id: question.id, rule });
    expect(await trying).toBe(0);
    const sending = agent.exec([
      'python3',
      '-c',
      `import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.settimeout(60)\ns.connect(("${nameless}",9))\nfor _ in range(2):\n  try: s.send(b"x")\n  except OSError: pass`,
    ]);
    expect(await sending).toBe(0);
    expect(await questionAbout(nameless)).toMatchObject({ protocol: 'udp', port: 9 });
  });

  test('is refused at once in a lock down, and when the mode becomes enforce', async () => {
    const locked = curl('http://locked.test/');
    await questionAbout('locked.test');
    expect(await watch.service().egressLockdown({})).toMatchObject({ ok: true });
    expect(await locked).toBe(refused);
    expect(questions()).toEqual([]);
    await watch.service().egressLift({});
    const enforced = curl('http://enforced.test/');
    await questionAbout('enforced.test');
    await watch.mode(agent, 'enforce');
    expect(await enforced).toBe(refused);
  });

  test('is held again after the program that holds has ended', async () => {
    const pids = (): readonly number[] =>
      readdirSync('/proc').flatMap((pid) => {
        try {
          const { 1: parent } = /^PPid:\t(\d+)$/m.exec(
            readFileSync(`/proc/${pid}/status`, 'utf8'),
          ) ?? { 1: '' };
          const isOurs = Number(parent) === process.pid;
          const path = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
          return isOurs && path.endsWith('sentra-holds') ? [Number(pid)] : [];
        } catch {
          return [];
        }
      });
    const [before] = pids();
    expect(before).toBeDefined();
    if (before !== undefined) process.kill(before, 'SIGKILL');
    await eventually('another one holds', () => pids().some((pid) => pid !== before));
    const trying = curl('http://again.test/');
    await allow(await questionAbout('again.test'));
    expect(await trying).toBe(0);
  });

  test('of IPv6 is refused at once and asked about; allowed, the next one passes', async () => {
    const open = [
      'sysctl',
      '-qw',
      'net.ipv6.conf.all.disable_ipv6=0',
      'net.ipv6.conf.eth0.disable_ipv6=0',
    ];
    for (const [container, last] of [
      [agent, '1'],
      [server, '2'],
    ] as const) {
      await inNetworkOf(container, open);
      await inNetworkOf(container, [
        'ip',
        '-6',
        'address',
        'add',
        `2001:2::${last}/64`,
        'dev',
        'eth0',
        'nodad',
      ]);
    }
    const [to, words] = ['2001:2::2', 'socket.AF_INET6,socket.SOCK_STREAM'];
    const attempt = `import socket,time
begin=time.monotonic()
s=socket.socket(${words}); s.settimeout(20)
code=s.connect_ex(("${to}",80))
assert time.monotonic()-begin < 5
raise SystemExit(code)`;
    const tries = (): Promise<number> => agent.exec(['python3', '-c', attempt]);
    expect(await tries()).toBe(notAllowed);
    const datagram = `import socket
s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); s.connect(("${to}",443))
try: s.send(b"x")
except OSError: pass`;
    await agent.exec(['python3', '-c', datagram]);
    const question = await questionAbout(to);
    expect(question).toMatchObject({ name: undefined, protocol: 'tcp', port: 80, isHeld: false });
    await eventually('QUIC is in the same question', () =>
      questions().some(({ others }) => others.some((each) => each.protocol === 'udp')),
    );
    await allow(question);
    expect(await tries()).toBe(0);
    expect(questions()).toMatchObject([{ address: to, protocol: 'udp', port: 443, others: [] }]);
  });

  test('to where its allowed name led once is refused when the name leads elsewhere by now', async () => {
    const moving = await addressOf(await containers.start({ args: web }));
    const lead = async (to: string): Promise<void> => {
      stopNames();
      stopNames = await startNameServer(server, { test: address, 'moving.test': to });
    };
    await lead(moving);
    await watch.rule(agent, { verdict: 'allow', target: 'moving.test', local: true });
    expect(await curl('http://moving.test/')).toBe(0);
    await lead('10.96.0.1');
    // As ten minutes later, when the kernel has forgotten the address; programs may remember it for days.
    const traffic = { protocol: undefined, port: undefined, local: true };
    for (const set of [nameSet(4, traffic), keptSet(4, traffic)]) {
      await inNetworkOf(agent, ['nft', 'flush', 'set', 'inet', 'sentra', set]);
    }
    const before = await asked();
    const get = ['curl', '-sSf', '-o', '/dev/null', '--max-time', '10', `http://${moving}/`];
    const ended = await agent.exec(get, 60_000);
    const questionsSent = (await asked()) - before;
    expect({ ended, isQuiet: questionsSent < 20, questionsSent }).toMatchObject({
      ended: refused,
      isQuiet: true,
    });
  });

  test('of two containers of a workload is one question, and one answer reaches both', async () => {
    const labels = { 'com.docker.compose.project': 'twins', 'com.docker.compose.service': 'one' };
    const twins = await Promise.all(
      ['1', '2'].map((number) =>
        containers.start({
          args: ['sleep', '10000'],
          image: 'debian',
          labels: { ...labels, 'com.docker.compose.container-number': number },
        }),
      ),
    );
    for (const twin of twins) await untilKnown(watch, twin);
    for (const twin of twins) await watch.mode(twin, 'ask');
    for (const twin of twins) await untilGuarded(twin);
    const get = ['curl', '-sSf', '-o', '/dev/null', '--max-time', '60', 'http://twins.test/'];
    const trying = twins.map((twin) => twin.exec(get, 90_000));
    const question = await questionAbout('twins.test');
    await eventually('both have tried', () => (questions()[0]?.attempts ?? 0) >= 2);
    expect(questions()).toHaveLength(1);
    // Two persons answer at once: the first one's word holds, and the second is told.
    const denying = watch
      .service()
      .egressHeldDeny({ id: question.id, rule: { target: 'no.test' } });
    const allowing = watch
      .service()
      .egressHeldAllow({ id: question.id, rule: { target: 'twins.test' } });
    expect((await denying).ok).toBe(true);
    expect((await allowing).ok).toBe(false);
    await allow(question);
    expect(await Promise.all(trying)).toEqual([0, 0]);
    for (const twin of twins) await watch.mode(twin, 'off');
  });

  test('is pushed out by no crowd to another place', async () => {
    const program = join(watch.folder, 'kept-crowd');
    const source = fileURLToPath(new URL('ask/kept-crowd.c', import.meta.url));
    await run('clang', ['-O1', '-Wall', '-Werror', source, '-o', program]);
    expect(await run(program, [])).toBe('1 128\n');
  });

  test('is asked about with few others in a crowd, stays held, and comes up within two seconds', async () => {
    const calm = curl('http://calm.test/');
    const question = await questionAbout('calm.test');
    // Thousands to one place, to thousands, at hundreds of ports of one, and by ten thousand names.
    const crowd = `import socket,resource,threading,time,random
hard=resource.getrlimit(resource.RLIMIT_NOFILE)[1]; resource.setrlimit(resource.RLIMIT_NOFILE,(hard,hard))
held=[]
def go(host,port):
  s=socket.socket(); s.setblocking(False); s.connect_ex((host,port)); held.append(s)
def names():
  u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.setblocking(False); u.connect(("127.0.0.1",53))
  for n in range(10000):
    name=b"".join(bytes([len(p)])+p for p in (b"n%d"%n,b"crowd",b"test"))
    try: u.send(n.to_bytes(2,"big")+b"\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0"+name+b"\\0\\0\\1\\0\\1")
    except OSError: time.sleep(0.01)
t=threading.Thread(target=names); t.start()
for n in range(min(2000,(hard-50)//3)):
  try:
    go("10.99.0.1",80); go("10.98.%d.%d"%(n>>8,n&255),80); go("10.97.0.1",1+n)
  except OSError: pass
t.join(); time.sleep(3)`;
    expect(await agent.exec(['python3', '-c', crowd], 90_000)).toBe(0);
    expect(questions().length).toBeGreaterThan(2);
    expect(questions().length).toBeLessThanOrEqual(20);
    expect(questions().filter(({ address: to }) => to === '10.97.0.1')).toHaveLength(1);
    await eventually('its badge says so', async () => {
      const { coverage } = await watch.view(agent);
      const sight = coverage?.sight;
      return sight?.state === 'partly' && sight.reason.includes('without a question');
    });
    const view = await watch.service().egress({ name: 'prove', target: agent.id });
    expect(view.ok && view.value.probes.filter(({ outcome }) => outcome === 'wrong')).toEqual([]);
    const begin = performance.now();
    await allow(question);
    expect(await calm).toBe(0);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  test('comes up or is forgotten, whatever becomes meanwhile of who waits', async () => {
    const guest = await containers.start({ args: ['sleep', '10000'], image: 'debian' });
    const { id } = guest;
    const post = (path: string, body?: object) =>
      demand(engineSocket(), 'POST', path, body === undefined ? {} : { body });
    await untilKnown(watch, guest);
    await watch.mode(guest, 'ask');
    await untilGuarded(guest);
    const get = (name: string, most: number): Promise<number> =>
      guest.exec(
        ['curl', '-sSf', '-o', '/dev/null', '--max-time', `${most}`, `http://${name}/`],
        90_000,
      );
    // Its program has given up: the answer is for the next one.
    const gaveUp = get('gave-up.test', 2);
    const first = await questionAbout('gave-up.test');
    expect(await gaveUp).toBe(28);
    await allow(first);
    expect(await get('gave-up.test', 20)).toBe(0);
    // It is paused while it is answered.
    const paused = get('paused.test', 60);
    const second = await questionAbout('paused.test');
    await post(`/containers/${id}/pause`);
    await allow(second);
    await post(`/containers/${id}/unpause`);
    expect(await paused).toBe(0);
    // It loses its network, and is given it back.
    const cut = get('cut.test', 3);
    const third = await questionAbout('cut.test');
    await post('/networks/bridge/disconnect', { Container: id, Force: true });
    await allow(third);
    expect(await cut).not.toBe(0);
    await post('/networks/bridge/connect', { Container: id });
    await eventually('it is reached again', async () => (await get('cut.test', 5)) === 0);
    // Sentra is restarted: what waits is held anew or refused, and asked about when it tries again.
    const waiting = get('restarted.test', 60);
    await questionAbout('restarted.test');
    await watch.stop();
    await watch.start();
    await untilKnown(watch, guest);
    await untilKnown(watch, agent);
    // By who answers in words, or by the wall itself as long as nobody does yet.
    expect([refused, notLetIn]).toContain(await waiting);
    const again = get('restarted.test', 60);
    await allow(await questionAbout('restarted.test'));
    expect(await again).toBe(0);
    expect(questions().filter(({ container }) => container === id)).toEqual([]);
  });

  test('is forgotten with its container', async () => {
    const guest = await containers.start({ args: ['sleep', '10000'], image: 'debian' });
    await untilKnown(watch, guest);
    await watch.mode(guest, 'ask');
    await untilGuarded(guest);
    const trying = guest.exec(['curl', '-sf', '--max-time', '30', 'http://guest.test/'], 90_000);
    await questionAbout('guest.test');
    await demand(engineSocket(), 'POST', `/containers/${guest.id}/kill`);
    await eventually('nothing is asked any more', () => questions().length === 0);
    await trying.catch(() => undefined);
  });
});

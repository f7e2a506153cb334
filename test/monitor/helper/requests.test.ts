import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileGate } from '../../../monitor/egress/gate/gate-ruleset.ts';
import { compileResolver } from '../../../monitor/egress/resolver/resolver-config.ts';
import { readRule } from '../../../monitor/egress/list/rule.ts';
import {
  compileRuleset,
  observingRuleset,
  removalRuleset,
} from '../../../monitor/egress/wall/ruleset.ts';
import { observingPlan, planWall, type WallPlan } from '../../../monitor/egress/wall/wall-plan.ts';
import { encodeRequest } from '../../../monitor/helper/helper-request.ts';
import { pointsAsLines } from '../../../monitor/pipeline/helper-tracing.ts';
import { tracePoints } from '../../../monitor/sensors/gvisor/trace-session.ts';
import { callNames } from '../../../monitor/sensors/syscalls/call-names.ts';
import { describeWith } from '../../engine/capabilities.ts';
import { startNativeHelper, startNativePortHelper, type NativeHelper } from './native-helper.ts';

/** No container has this id, so that what is in order fails there, and nothing is ever done. */
const container = 'ab'.repeat(32);
const place = { container, pid: 2 };
/** What is said when all but the container was in order. */
const inOrder = /^failed \d+\nThe container's main process/;

const rule = fc.record(
  {
    verdict: fc.constantFrom('allow' as const, 'deny' as const),
    target: fc.oneof(
      fc.domain(),
      fc.domain().map((name) => `*.${name}`),
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom('10.0.0.0/8', '2001:db8::/32'),
    ),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    port: fc.integer({ min: 1, max: 65_535 }),
    local: fc.boolean(),
  },
  { requiredKeys: ['verdict', 'target'] },
);

const plans = fc
  .tuple(
    fc.constantFrom('observe' as const, 'ask' as const, 'enforce' as const),
    fc.array(rule, { maxLength: 8 }),
  )
  .map(([mode, list]): WallPlan => {
    const rules = list.flatMap((each) => {
      const read = readRule(each);
      return read.ok ? [read.value] : [];
    });
    if (mode === 'observe') return observingPlan;
    const plan = planWall(mode, { rules }, ['192.0.2.53', '2001:db8::53'], ['team']);
    if (!plan.ok) throw new Error(plan.error);
    return plan.value;
  });

const doors = { socket: startNativeHelper, port: startNativePortHelper } as const;

describe.each(['socket', 'port'] as const)('By a %s,', (door) => {
  describeWith(['root', 'kernel-sensor'], 'what the helper is asked', () => {
    let helper: NativeHelper;
    let hierarchy: string;

    beforeAll(async () => {
      helper = await doors[door]();
      const hello = await helper.send(encodeRequest({ verb: 'hello' }));
      hierarchy = /"hierarchy":"([^"]*)"/.exec(hello)?.[1] ?? '';
    }, 120_000);

    afterAll(() => {
      const said = helper.said();
      helper.stop();
      // The sanitizers' reports, of the processes that serve requests too.
      expect(said).toBe('');
    });

    const rulesetOf = (plan: WallPlan): string =>
      plan.mode === 'observe'
        ? observingRuleset
        : compileRuleset(plan, {
            devices: ['eth0', 'eth1.20@if7'],
            cgroup: { path: `${hierarchy}sentra-egress/${container}`, level: 2 },
            mark: 0x1234_5678,
            known: [],
          });
    const apply = (ruleset: string): Promise<string> =>
      helper.send(encodeRequest({ verb: 'apply', place, ruleset }));
    const resolve = (configuration: string): Promise<string> =>
      helper.send(encodeRequest({ verb: 'resolve', place, configuration }));

    test('every wall that Sentra compiles is in its grammar, and its resolver too', async () => {
      await fc.assert(
        fc.asyncProperty(plans, fc.boolean(), async (plan, hasIpv6) => {
          expect(await apply(rulesetOf(plan))).toMatch(inOrder);
          expect(await resolve(compileResolver(plan, hasIpv6))).toMatch(inOrder);
        }),
        { numRuns: door === 'socket' ? 60 : 20 },
      );
      expect(await apply(removalRuleset)).toMatch(inOrder);
    });

    const hostileLines = [
      'include "/etc/passwd"',
      'flush ruleset',
      'define x = 1',
      'add table inet other',
      'delete table ip nat',
      'table ip nat {',
      'list ruleset',
      'add rule inet other chain accept',
      '} table inet other {',
      'chain x { type filter hook output priority 0; policy accept; } }',
      'queue num 0',
      'dup to 192.0.2.1',
      'log prefix "x"',
      'log group 1 snaplen 1500',
      'log group 15353 snaplen 1500 accept',
      'dnat ip to 192.0.2.1',
      'dnat ip to ip daddr map @other4',
      'dnat ip to ip daddr map @held4 accept',
      'map held4 { type ipv4_addr : verdict; }',
      'meta mark set $x',
      'ip daddr 192.0.2.1 snat to 192.0.2.2',
      'socket cgroupv2 level 1 "system.slice/evil" accept',
      'iifname "eth0\\" accept',
      '# a comment',
      'accept \\',
      'jump other',
      '\u0000',
      'é',
    ];

    test.each(hostileLines)('no wall holds the line %j, wherever it stands', async (line) => {
      const plan = fc.sample(plans, { numRuns: 1, seed: 7 })[0];
      if (plan === undefined) throw new Error('There is no plan.');
      const lines = rulesetOf({ ...plan, mode: 'enforce' }).split('\n');
      const places = [0, 1, 3, 4, Math.floor(lines.length / 2), lines.length - 2, lines.length];
      for (const at of door === 'socket' ? places : places.slice(3, 5)) {
        const answer = await apply([...lines.slice(0, at), line, ...lines.slice(at)].join('\n'));
        expect(answer).toMatch(/^failed \d+\n(?:The ruleset |A table of a wall )/);
      }
    });

    test('a gate is of its own two tables, and reaches no table of anybody else', async () => {
      const gate = (ruleset: string): Promise<string> =>
        helper.send(encodeRequest({ verb: 'gate', ruleset }));
      const site = { bridges: [], ports: [2, 3], open: [2] };
      expect(await gate(compileGate(site))).toMatch(/^(?:ok 0\n|failed \d+\n[^T])/);
      for (const line of hostileLines) {
        expect(await gate(`${line}\n${compileGate(site)}`)).toMatch(/^failed \d+\nThe ruleset /);
      }
      expect(await gate(removalRuleset)).toMatch(/^failed \d+\nThe ruleset /);
    });

    test.each([
      'conf-file=/etc/passwd',
      'conf-script=/bin/sh',
      'dhcp-script=/bin/sh',
      'addn-hosts=/etc/shadow',
      'user=root',
      'port=53',
      'listen-address=0.0.0.0',
      'interface=eth0',
      'log-facility=/etc/cron.d/x',
      'pid-file=/etc/x',
      'server=/example.com/1.2.3.4#53@eth0',
      'server=1.2.3.4',
      'server=127.0.0.1#53',
      'server=127.0.0.1#15354@eth0',
      'server=/example.com/127.0.0.1#15354',
      'nftset=/example.com/4#inet#filter#x',
      'nftset=/example.com/4#ip#nat#n4_x',
      'address=/example.com/1.2.3.4',
      'local=/../',
      'local=/A.example/',
      ' no-resolv',
    ])('no resolver is configured with %j', async (line) => {
      const plan = planWall('enforce', { rules: [] }, ['192.0.2.53'], []);
      if (!plan.ok) throw new Error(plan.error);
      const answer = await resolve(`${compileResolver(plan.value, true)}${line}\n`);
      expect(answer).toMatch(/^failed \d+\nThe resolver's configuration holds a line/);
    });

    test.each([
      ['another user', 'user=nobody\n'],
      ['the files of its machine', 'no-hosts\n'],
      ['every interface', 'bind-interfaces\n'],
    ])('no resolver runs that would have %s', async (_, line) => {
      const plan = planWall('enforce', { rules: [] }, ['192.0.2.53'], []);
      if (!plan.ok) throw new Error(plan.error);
      const configuration = compileResolver(plan.value, true).replace(line, '');
      expect(await resolve(configuration)).toMatch(
        /^failed \d+\nThe resolver's configuration lacks/,
      );
    });

    test.each([
      ['no verb of its own', 'sentra-helper 2 exec /bin/sh\n'],
      ['more than the verb takes', 'sentra-helper 2 holds 5\n'],
      ['a path for a container', 'sentra-helper 2 look ../../etc 5\n'],
      ['a short id', `sentra-helper 2 look ${container.slice(0, 12)} 5\n`],
      ['the first process', `sentra-helper 2 look ${container} 1\n`],
      ['a pid below zero', `sentra-helper 2 look ${container} -5\n`],
      ['a pid beyond all', `sentra-helper 2 look ${container} 99999999999999999999\n`],
      ['a pid in another spelling', `sentra-helper 2 look ${container} 05\n`],
      ['more words', `sentra-helper 2 look ${container} 5 x\n`],
      ['another protocol', 'sentra-helper 3 hello\n'],
      ['no greeting', 'GET / HTTP/1.1\n'],
      ['a text beyond all bounds', `sentra-helper 2 apply ${container} 5 99999999\n`],
      ['an empty text', `sentra-helper 2 apply ${container} 5 0\n`],
      ['a line without an end', 'x'.repeat(600)],
      ['a zero in it', 'sentra-helper 2 hello\0\n'],
    ])('%s is refused', async (_, text) => {
      expect(await helper.send(text)).toMatch(/^failed \d+\n[A-Z]/);
    });

    test('gVisor is asked for no point but those that Sentra knows, and never for an environment', async () => {
      const trace = (points: string): Promise<string> =>
        helper.send(encodeRequest({ verb: 'trace', place, points }));
      const all = pointsAsLines(tracePoints(callNames('x64')));
      const noSandbox = /^failed \d+\nThe container's main process is not there/;
      expect(await trace(all)).toMatch(noSandbox);
      expect(await trace('syscall/execve/exit - argv\n')).toMatch(noSandbox);
      for (const line of [
        'syscall/execve/exit - envv',
        'syscall/execve/exit - argv,envv',
        'syscall/execve/exit group_id,time -',
        'syscall/execve/exit , -',
        'syscall/execve/exit -',
        'syscall/execve/exit - - -',
        'sentry/execve - -',
        'syscall/sysno/-1/exit - -',
        'syscall/sysno/1024/exit - -',
        'syscall/sysno//exit - -',
        'syscall/openat/both - -',
        'syscall/"},"sinks":[]/exit - -',
        'syscall/OPENAT/exit - -',
        '../../etc/passwd - -',
        '',
        '\0',
      ]) {
        expect(await trace(`${line}\n${all}`)).toMatch(/^failed \d+\nThat is no point/);
        expect(await trace(`${all}${line}\n`)).toMatch(/^failed \d+\nThat is no point/);
      }
      expect(await trace('sentry/clone - -\n'.repeat(2049))).toMatch(
        /^failed \d+\nThat is no point/,
      );
      const ended = await helper.send(encodeRequest({ verb: 'untrace', place }));
      expect(ended).toMatch(noSandbox);
    });

    test('a proof tries no way but its own', async () => {
      const probe = (...ways: string[]): Promise<string> =>
        helper.send(encodeRequest({ verb: 'probe', place, uid: 0, ways }));
      expect(await probe('tcp-192.0.2.1-443', 'name-192.0.2.53-53-allowed.test')).toMatch(inOrder);
      for (const way of ['tcp-198.51.100.1-443', 'tcp-192.0.2.1-22', '--help', 'x', '', '\0']) {
        expect(await probe('udp-192.0.2.1-9', way)).toMatch(/^failed \d+\nThat is no way out/);
      }
      const name = 'name-192.0.2.53-53-';
      for (const bad of ['A.test', 'a b', 'a..b', '', 'a-\n', `${'a'.repeat(64)}.test`]) {
        expect(await probe(`${name}${bad}`)).toMatch(/^failed \d+\nThat is no way out/);
      }
      const many = Array.from({ length: 17 }, () => 'udp-192.0.2.1-9');
      expect(await probe(...many)).toMatch(/^failed \d+\nThat is no way out/);
    });

    const words = fc.array(
      fc.oneof(
        fc.constantFrom(
          ...[
            'hello',
            'places',
            'look',
            'walls',
            'holds',
            'apply',
            'remove',
            'resolve',
            'forget',
            'probe',
          ],
          ...[
            'gate',
            'trace',
            'untrace',
            'sentra-helper',
            '1',
            '2',
            '-1',
            '4194304',
            '65534',
            '17',
            container,
          ],
        ),
        fc.string({ maxLength: 20 }),
        fc.string({ unit: 'binary', maxLength: 80 }),
      ),
      { maxLength: 8 },
    );
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 700 }),
      words.map((list) => Buffer.from(`sentra-helper 2 ${list.join(' ')}\n`)),
      fc
        .tuple(
          fc.constantFrom('apply', 'resolve', 'trace'),
          fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        )
        .map(([verb, bytes]) =>
          Buffer.concat([
            Buffer.from(`sentra-helper 2 ${verb} ${container} 2 ${bytes.length}\n`),
            bytes,
          ]),
        ),
    );

    test('whatever comes is answered with a failure, or with what may be known', async () => {
      await fc.assert(
        fc.asyncProperty(frames, async (bytes) => {
          // Ended with a line end, so that nothing waits for more.
          const answer = await helper.send(Buffer.concat([bytes, Buffer.from('\n'.repeat(40))]));
          expect(answer).toMatch(/^(?:failed \d+\n|ok \d+\n|$)/);
          expect(helper.isAlive()).toBe(true);
        }),
        { numRuns: door === 'socket' ? 400 : 100 },
      );
      expect(await helper.send(encodeRequest({ verb: 'hello' }))).toContain('"protocol":2');
    }, 120_000);

    // By a port, port.test.ts shows it of those who greet slowly, too.
    if (door === 'port') return;
    test('who writes slowly is cut off, and holds nobody up', async () => {
      const slow = await helper.dial();
      slow.write('sentra-helper 2 apply ');
      slow.resume();
      slow.on('error', () => undefined);
      const closed = new Promise((resolved) => slow.once('close', resolved));
      const begin = performance.now();
      expect(await helper.send(encodeRequest({ verb: 'hello' }))).toContain('"protocol":2');
      expect(performance.now() - begin).toBeLessThan(4000);
      await closed;
    });
  });
});

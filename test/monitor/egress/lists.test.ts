import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBookFile } from '../../../monitor/egress/list/book-file.ts';
import type { ListEdit } from '../../../monitor/egress/list/edit.ts';
import { bookFor } from '../../../monitor/egress/list/effective-book.ts';
import { rulesOf } from '../../../monitor/egress/list/rule-book.ts';
import type { EgressSpan, WrittenEgressRule } from '../../../monitor/model/egress.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { failed } from '../../../monitor/runtime/result.ts';
import { fakeWorkload } from '../rpc/fake-service.ts';
import { openListStage, type ListStage } from './list-stage.ts';

let stage: ListStage;

beforeEach(() => {
  stage = openListStage();
});

afterEach(() => stage.close());

const allow = (target: string, rest: Partial<WrittenEgressRule> = {}): ListEdit => ({
  kind: 'rule',
  rule: { verdict: 'allow', target, ...rest },
});

async function edit(change: ListEdit): Promise<string | undefined> {
  const done = await stage.egress.edit(stage.workload, change, 'ada');
  return done.ok ? done.value : `FAILED ${done.error}`;
}

const list = () => stage.egress.list(stage.workload);
const inForce = (workload = stage.workload) =>
  stage.egress
    .inForce(workload)
    .map(({ target }) => ('name' in target ? target.name : target.range));

describe('A rule', () => {
  test('bears a note, who put it in and when, and all of it is in the file for the next monitor.', async () => {
    expect(await edit(allow('a.test', { port: 443, note: 'for the build' }))).toBeUndefined();
    const { rules } = list();
    expect(rules).toEqual([
      {
        verdict: 'allow',
        target: 'a.test',
        port: 443,
        note: 'for the build',
        by: 'ada',
        at: stage.now(),
      },
    ]);
    await stage.restart();
    expect(list().rules).toEqual(rules);
  });

  test('about a name in other letters is kept as it stands on the wire, and that is said.', async () => {
    expect(await edit(allow('gооgle.com'))).toContain('xn--');
    expect(stage.rules()).toEqual(['allow xn--ggle-55da.com']);
  });

  test.each([
    ...['224.0.0.0/4', '239.1.2.3', '224.0.0.0/24', '255.255.255.255', 'ff00::/8', 'ff02::fb'],
    '::ffff:239.1.2.3',
  ])(
    'that allows the group %s is kept, and it is said that it lets nothing out.',
    async (group) => {
      expect(await edit(allow(group))).toContain('Nothing gets out to groups');
      expect(list().rules).toHaveLength(1);
      await stage.restart();
      expect(list().rules).toHaveLength(1);
    },
  );

  test.each(['10.0.0.0/8', '0.0.0.0/0', '223.255.255.255', '::/0', 'fe80::/10', 'a.test'])(
    'that allows %s leaves nothing to be said.',
    async (target) => {
      expect(await edit(allow(target))).toBeUndefined();
    },
  );

  test('that denies a group leaves nothing to be said.', async () => {
    const rule = { verdict: 'deny', target: '224.0.0.0/4' } as const;
    expect(await edit({ kind: 'rule', rule })).toBeUndefined();
  });

  test.each([
    [
      'a note with a turn of direction',
      allow('a.test', { note: 'good\u202egnp' }),
      'turns of direction',
    ],
    ['a note with a line break', allow('a.test', { note: 'one\ntwo' }), 'line breaks'],
    ['a name with a control character', allow('a\u0007.test'), 'control characters'],
    ['a range beyond its family', allow('10.0.0.0/33'), 'prefix'],
  ])('with %s is refused, and nothing changes.', async (_, change, words) => {
    await edit(allow('kept.test'));
    const before = readFileSync(stage.file, 'utf8');
    expect(await edit(change)).toContain(words);
    expect(readFileSync(stage.file, 'utf8')).toBe(before);
  });

  test('is removed by its target, or by its port alone where others are to stay.', async () => {
    await edit(allow('a.test', { port: 443 }));
    await edit(allow('a.test', { port: 80 }));
    await edit(allow('b.test'));
    await edit({ kind: 'remove', subject: { target: 'A.test.', port: 80 } });
    expect(stage.rules()).toEqual(['allow a.test 443', 'allow b.test']);
    await edit({ kind: 'remove', subject: { target: 'a.test' } });
    expect(stage.rules()).toEqual(['allow b.test']);
    expect(await edit({ kind: 'remove', subject: { target: 'a.test' } })).toContain('no such rule');
  });
});

describe('A lifetime', () => {
  const withSpan = (lifetime: EgressSpan) => allow('a.test', { lifetime });

  test('of 15 minutes ends then, not before.', async () => {
    await edit(withSpan('15-minutes'));
    stage.pass(15 * 60_000 - 1);
    expect(inForce()).toEqual(['a.test']);
    stage.pass(1);
    expect(inForce()).toEqual([]);
    stage.egress.know(stage.workload);
    expect(stage.rules()).toEqual([]);
  });

  test('that ended while no monitor ran is over when the next one starts.', async () => {
    await edit(withSpan('15-minutes'));
    await stage.egress.stop();
    stage.pass(3_600_000);
    await stage.restart();
    expect(stage.rules()).toEqual([]);
  });

  test('until the container stops ends with that run of it, and holds for no other container.', async () => {
    await edit(withSpan('container'));
    expect(inForce()).toEqual(['a.test']);
    expect(inForce({ ...stage.workload, container: 'b'.repeat(64) })).toEqual([]);
    const again = { ...stage.workload, startedAt: stage.now() };
    expect(inForce(again)).toEqual([]);
    stage.egress.know(again);
    expect(stage.rules()).toEqual([]);
  });

  test('until the container stops cannot be had for one that does not run.', async () => {
    await stage.close();
    stage = openListStage({ state: 'exited' });
    expect(await edit(withSpan('container'))).toContain('does not run');
  });

  test('until the image changes holds for new containers of the image, and for no other image.', async () => {
    await edit(withSpan('image'));
    const next = { ...stage.workload, container: 'b'.repeat(64) };
    expect(inForce(next)).toEqual(['a.test']);
    expect(inForce({ ...next, imageId: 'sha256:two' })).toEqual([]);
  });

  test('until the image changes ends when only containers of another image are left.', async () => {
    await edit(withSpan('image'));
    stage.pass(61_000);
    stage.egress.know({ ...stage.workload, container: 'b'.repeat(64), imageId: 'sha256:two' });
    expect(stage.rules()).toEqual(['allow a.test']);
    stage.egress.gone(stage.workload.container);
    expect(stage.rules()).toEqual([]);
  });

  test('of one use ends when the use is over, and is not cut while it goes on.', async () => {
    await edit({ kind: 'mode', mode: 'enforce' });
    await edit(allow('api.anthropic.com', { lifetime: 'once' }));
    const look = async () => {
      stage.egress.know(stage.workload);
      await stage.egress.prove(stage.workload.container);
    };
    for (let step = 0; step < 10; step += 1) {
      stage.pass(5000);
      await look();
    }
    expect(stage.seen.at(-1)?.destinations[0]?.name).toBe('api.anthropic.com');
    expect(stage.rules()).toEqual(['allow api.anthropic.com']);
    stage.pass(30_000);
    expect(inForce()).toEqual([]);
  });

  test('of one use that nobody makes ends after an hour.', async () => {
    await edit(withSpan('once'));
    stage.pass(3_599_999);
    expect(inForce()).toEqual(['a.test']);
    stage.pass(1);
    expect(inForce()).toEqual([]);
  });
});

describe('A profile', () => {
  test('comes from a preset, is shared, and a change of it is one for all.', async () => {
    await edit({ kind: 'preset', name: 'pypi' });
    expect(list().profiles.map(({ name }) => name)).toEqual(['pypi']);
    expect(inForce()).toContain('pypi.org');
    const other = { ...stage.workload, key: 'another', container: 'c'.repeat(64) };
    stage.egress.know(other);
    await stage.egress.edit(other, { kind: 'preset', name: 'pypi' }, 'ada');
    const rules: WrittenEgressRule[] = [{ verdict: 'allow', target: 'mirror.test' }];
    await edit({ kind: 'profile', profile: { name: 'pypi', rules } });
    expect(inForce()).toEqual(['mirror.test']);
    expect(inForce(other)).toEqual(['mirror.test']);
  });

  test('gives way to the list where both speak of the same traffic.', async () => {
    await edit({ kind: 'preset', name: 'pypi' });
    await edit({ kind: 'rule', rule: { verdict: 'deny', target: 'pypi.org' } });
    const verdicts = stage.egress
      .inForce(stage.workload)
      .filter(({ target }) => 'name' in target && target.name === 'pypi.org')
      .map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['deny']);
  });

  test('that no preset or profile is called like is not used.', async () => {
    expect(await edit({ kind: 'preset', name: 'nothing' })).toContain('no preset or profile');
    expect(list().profiles).toEqual([]);
  });

  test('cannot hold rules that end, nor be changed so that a list could not be kept.', async () => {
    await edit({ kind: 'preset', name: 'pypi' });
    await edit(allow('x.test', { port: 80 }));
    const tied: WrittenEgressRule = { verdict: 'allow', target: 'a.test', lifetime: 'once' };
    expect(await edit({ kind: 'profile', profile: { name: 'pypi', rules: [tied] } })).toContain(
      'hold for ever',
    );
    const against: WrittenEgressRule = { verdict: 'allow', target: '*.x.test' };
    expect(await edit({ kind: 'profile', profile: { name: 'pypi', rules: [against] } })).toContain(
      'give both the same',
    );
    expect(inForce()).toContain('pypi.org');
  });
});

describe('Undo', () => {
  test('takes back changes one by one, the latest first, also after a restart.', async () => {
    await edit(allow('a.test'));
    await edit(allow('b.test', { note: 'two' }));
    await edit({ kind: 'remove', subject: { target: 'b.test' } });
    await edit({ kind: 'mode', mode: 'off' });
    await edit({ kind: 'preset', name: 'pypi' });
    await stage.restart();
    const undo = async () => {
      const done = await stage.egress.undo(stage.workload);
      return done.ok ? done.value : done.error;
    };
    expect(list().undo).toBe('profile pypi used');
    await undo();
    expect(list().profiles).toEqual([]);
    expect(stage.egress.profiles()).toEqual([]);
    expect(await undo()).toBe('Taken back: mode off.');
    expect(list().mode).toBe('observe');
    await undo();
    expect(list().rules).toMatchObject([{ target: 'a.test' }, { target: 'b.test', note: 'two' }]);
    await undo();
    await undo();
    expect(stage.rules()).toEqual([]);
    expect(await undo()).toContain('no change');
  });

  test('of a change that is not the latest any more changes nothing.', async () => {
    await edit({ kind: 'mode', mode: 'enforce' });
    await edit(allow('a.test'));
    const done = await stage.egress.undo(stage.workload, 'mode enforce');
    expect(done).toEqual(failed('The latest change is another by now: allow a.test.'));
    expect(stage.rules()).toEqual(['allow a.test']);
    expect(list()).toMatchObject({ mode: 'enforce', undo: 'allow a.test' });
    expect((await stage.egress.undo(stage.workload, 'allow a.test')).ok).toBe(true);
    expect(stage.rules()).toEqual([]);
  });

  test('of a deny that took the place of an allow brings the allow back.', async () => {
    await edit(allow('a.test', { port: 443 }));
    await edit({ kind: 'rule', rule: { verdict: 'deny', target: 'a.test' } });
    await stage.egress.undo(stage.workload);
    expect(stage.rules()).toEqual(['allow a.test 443']);
  });

  test('of a profile throws away nothing of what was changed in it since, for another workload.', async () => {
    const profile = (...rules: WrittenEgressRule[]): ListEdit => ({
      kind: 'profile',
      profile: { name: 'p', rules },
    });
    const first = { verdict: 'allow', target: 'a.test' } as const;
    await edit(profile(first));
    await edit(profile(first, { verdict: 'allow', target: 'b.test' }));
    const web = fakeWorkload('web', 'b2');
    stage.egress.know(web);
    await stage.egress.edit(web, profile({ verdict: 'deny', target: 'a.test' }), 'bob');
    const undone = await stage.egress.undo(stage.workload);
    expect(!undone.ok && undone.error).toContain('was changed since');
    const rules = stage.egress.profiles()[0]?.rules;
    expect(rules).toMatchObject([{ verdict: 'deny', target: 'a.test' }]);
  });
});

describe('A rule about addresses', () => {
  test('is about the same range however its first address is written.', async () => {
    await edit(allow('10.0.0.0/8'));
    await edit({ kind: 'rule', rule: { verdict: 'deny', target: '10.0.0.7/8' } });
    expect(stage.rules()).toEqual(['deny 10.0.0.0/8']);
  });

  test('is about IPv4 where an IPv4 address stands in the form of IPv6, for as that it is sent.', async () => {
    await edit({ kind: 'rule', rule: { verdict: 'deny', target: '::ffff:203.0.113.5' } });
    await edit(allow('::ffff:198.51.100.7/120'));
    await edit(allow('2001:DB8:0::7/32'));
    expect(stage.rules()).toEqual([
      'deny 203.0.113.5/32',
      'allow 198.51.100.0/24',
      'allow 2001:db8::/32',
    ]);
  });
});

describe('A whole list', () => {
  const save = (basedOn: string, rules: WrittenEgressRule[]): ListEdit => ({
    kind: 'save',
    basedOn,
    profiles: [],
    rules,
  });

  test('is saved at once; rules that stay keep who put them in.', async () => {
    await edit(allow('a.test'));
    const first = stage.now();
    stage.pass(1000);
    const { version, rules } = list();
    await edit(save(version, [...rules, { verdict: 'deny', target: '10.0.0.0/8' }]));
    expect(list().rules.map(({ at }) => at)).toEqual([first, stage.now()]);
  });

  test('that was edited from an older one is refused.', async () => {
    const { version } = list();
    await edit(allow('a.test'));
    expect(await edit(save(version, []))).toContain('changed meanwhile');
    expect(stage.rules()).toEqual(['allow a.test']);
  });

  test('with a rule that is none, or there twice, says which, and changes nothing.', async () => {
    const bad = save(list().version, [
      { verdict: 'allow', target: 'a.test' },
      { verdict: 'allow', target: 'a b' },
      { verdict: 'deny', target: 'A.TEST' },
    ]);
    const words = await edit(bad);
    expect(words).toContain('Rule 2: "a b" is no name');
    expect(words).toContain('Rule 3: Rule 1 is about the same traffic already.');
    expect(stage.rules()).toEqual([]);
  });

  test('of 10,000 rules is kept, found in force, exported and taken in again.', async () => {
    const rules: WrittenEgressRule[] = Array.from({ length: 10_000 }, (_, index) => ({
      verdict: 'allow',
      target: index % 2 === 0 ? `host-${index}.example.com` : `10.${index >> 8}.${index & 255}.1`,
      protocol: 'tcp',
      port: 443,
    }));
    expect(await edit(save(list().version, rules))).toBeUndefined();
    expect(inForce()).toHaveLength(10_000);
    const text = stage.egress.document(stage.workload.key);
    const before = list().rules;
    await edit(save(list().version, []));
    expect(await edit({ kind: 'import', text })).toBeUndefined();
    expect(list().rules).toEqual(before);
  });
});

describe('A rule for a quarter of an hour', () => {
  const minute = 60_000;

  test('lasts so long and no longer when the clock is set back, also across a restart.', async () => {
    await edit(allow('a.test', { lifetime: '15-minutes' }));
    expect(inForce()).toEqual(['a.test']);
    stage.pass(5 * minute);
    stage.setClock(-60 * minute);
    stage.pass(9 * minute);
    expect(inForce()).toEqual(['a.test']);
    await stage.restart();
    expect(inForce()).toEqual(['a.test']);
    stage.pass(minute - 1);
    expect(inForce()).toEqual(['a.test']);
    stage.pass(1);
    expect(inForce()).toEqual([]);
    stage.setClock(-60 * minute);
    expect(inForce()).toEqual([]);
    // One that is made after it has its whole time.
    await edit(allow('b.test', { lifetime: '15-minutes' }));
    stage.pass(14 * minute);
    expect(inForce()).toEqual(['b.test']);
    stage.pass(minute);
    expect(inForce()).toEqual([]);
  });

  test('makes no other list of what holds as long as it holds: what is made of a long one is kept.', async () => {
    await edit(allow('a.test', { lifetime: '15-minutes' }));
    await edit(allow('b.test'));
    const rules = stage.egress.inForce(stage.workload);
    stage.pass(14 * minute);
    expect(stage.egress.inForce(stage.workload)).toBe(rules);
    stage.pass(minute);
    expect(inForce()).toEqual(['b.test']);
  });

  test('ends when the clock says so, where it was set forth.', async () => {
    await edit(allow('a.test', { lifetime: '15-minutes' }));
    stage.setClock(16 * minute);
    expect(inForce()).toEqual([]);
  });
});

describe('A file of the lists that cannot be read', () => {
  test('is set aside when the next change is written, and who makes it is told where.', async () => {
    await edit(allow('a.test'));
    writeFileSync(stage.file, '{ half an edit');
    expect(await edit(allow('b.test'))).toBe(
      `What stood in ${stage.file} could not be read, and is kept in ${stage.file}.not-read.`,
    );
    writeFileSync(stage.file, '{ another');
    expect(await edit(allow('239.0.0.1'))).toMatch(/^Nothing gets out .*not-read\.2\.$/);
    writeFileSync(stage.file, '{ a third');
    const undone = await stage.egress.undo(stage.workload);
    expect(undone.ok && undone.value).toMatch(/^Taken back: .*not-read\.3\.$/);
  });
});

describe('A file in place of the list', () => {
  const file = (rest: string) => edit({ kind: 'import', text: `sentra-egress: 1\n${rest}` });

  test('brings its profiles along, and says how many of its rules were over already.', async () => {
    const words = await file(`use: [team]
profiles:
  - name: team
    rules: [{ verdict: allow, target: team.test }]
rules:
  - { verdict: allow, target: a.test, lifetime: { kind: until, at: 1 } }
  - { verdict: allow, target: b.test, lifetime: 15-minutes }
`);
    expect(words).toBe('1 of the rules was over already and is left out.');
    expect(inForce()).toEqual(['b.test', 'team.test']);
  });

  test('may allow groups; it is read all the same, and said what that is worth.', async () => {
    const words = await file(`rules:
  - { verdict: allow, target: 224.0.0.251, protocol: udp, port: 5353 }
  - { verdict: allow, target: 'ff02::/16' }
  - { verdict: allow, target: b.test, lifetime: { kind: until, at: 1 } }
`);
    expect(words).toBe(
      '1 of the rules was over already and is left out. Nothing gets out to groups (multicast and broadcast): 2 of the rules, which allow some, let nothing through.',
    );
    expect(list().rules).toHaveLength(2);
  });

  test.each([
    [
      'a name that is none',
      'rules:\n  - { verdict: allow, target: a.test }\n  - { verdict: allow, target: "a b" }',
      'Line 4:',
    ],
    [
      'a rule about the same twice',
      'rules:\n  - { verdict: allow, target: a.test }\n  - { verdict: deny, target: a.test }',
      'Line 4:',
    ],
    [
      'names that cannot be held apart',
      'rules:\n  - { verdict: allow, target: "*.a.test" }\n  - { verdict: allow, target: a.test, port: 1 }',
      'Line 4:',
    ],
    ['a profile that nobody knows', 'use: [nothing]', 'no profile "nothing"'],
    [
      'a profile of another one’s name',
      'use: [pypi]\nprofiles:\n  - { name: pypi, rules: [{ verdict: allow, target: other.test }] }',
      'another profile pypi',
    ],
    [
      'a rule of a profile that ends',
      'profiles:\n  - name: p\n    rules:\n      - { verdict: allow, target: a.test, lifetime: once }',
      'Line 5:',
    ],
  ])('with %s is refused as a whole, with the place.', async (_, rest, words) => {
    await edit({ kind: 'preset', name: 'pypi' });
    await edit(allow('kept.test'));
    const before = readFileSync(stage.file, 'utf8');
    expect(await file(rest)).toContain(words);
    expect(readFileSync(stage.file, 'utf8')).toBe(before);
  });
});

describe('A rule that nothing falls under', () => {
  test('for weeks, while there was traffic, is told as idle; one that is used is not.', async () => {
    await edit({ kind: 'mode', mode: 'enforce' });
    await edit(allow('api.anthropic.com'));
    await edit(allow('unused.test'));
    const idle = () => list().uses.map(({ isIdle }) => isIdle);
    for (let day = 0; day < 14; day += 1) {
      for (let look = 0; look < 2; look += 1) {
        stage.egress.know(stage.workload);
        await stage.egress.prove(stage.workload.container);
      }
      expect(idle()).toEqual([false, false]);
      stage.pass(86_400_000);
    }
    expect(idle()).toEqual([false, true]);
    await stage.restart();
    expect(idle()).toEqual([false, true]);
    expect(list().uses[0]?.count).toBeGreaterThan(10);
  });

  test('is used when it denies a name that is asked, and is never told as idle: nobody knows who asks while Sentra is away.', async () => {
    await edit({ kind: 'mode', mode: 'enforce' });
    await edit(allow('*.example.net'));
    for (const target of ['telemetry.example.net', 'never.example.net', '10.9.0.0/16']) {
      await edit({ kind: 'rule', rule: { verdict: 'deny', target } });
    }
    for (let day = 0; day < 14; day += 1) {
      for (let look = 0; look < 4; look += 1) {
        stage.egress.know(stage.workload);
        await stage.egress.prove(stage.workload.container);
      }
      stage.pass(86_400_000);
    }
    const [, tried, never, range] = list().uses;
    expect(tried).toMatchObject({ isIdle: false });
    expect(tried?.count).toBeGreaterThan(10);
    expect(tried?.lastAt).toBeGreaterThan(stage.now() - 2 * 86_400_000);
    expect(never).toEqual({ count: 0, lastAt: undefined, isIdle: false });
    // What is denied by its address is counted by the kernel, also while Sentra is away.
    expect(range).toMatchObject({ count: 0, isIdle: true });
  });

  test('is not told as idle when nothing at all was seen of the workload.', async () => {
    await edit(allow('unused.test'));
    stage.pass(60 * 86_400_000);
    expect(list().uses.map(({ isIdle }) => isIdle)).toEqual([false]);
  });
});

describe('A lock down', () => {
  /** As a guard of the container sees it. */
  const guarded = () => {
    const file = openBookFile(stage.file, silentLogger);
    const { workload } = stage;
    return rulesOf(
      bookFor(
        file,
        workload.key,
        () => workload,
        (at) => stage.now() >= at,
      ).book(),
      workload.key,
    );
  };

  test('closes every container whatever its list says, and changes none; lifted, the lists hold.', async () => {
    await edit(allow('a.test'));
    await edit({ kind: 'mode', mode: 'observe' });
    expect(guarded()).toMatchObject({ mode: 'observe', rules: [{ target: { name: 'a.test' } }] });
    const begun = stage.now();
    expect((await stage.egress.lockdown.set(true, 'ada')).ok).toBe(true);
    expect(guarded()).toEqual({ mode: 'enforce', rules: [], profiles: [] });
    expect(list().mode).toBe('observe');
    expect(inForce()).toEqual(['a.test']);
    stage.pass(60_000);
    await stage.egress.lockdown.set(true, 'bob');
    expect(stage.egress.lockdown.state()).toEqual({ since: begun, by: 'ada' });
    await stage.egress.lockdown.set(false, 'ada');
    expect(stage.egress.lockdown.state()).toBeUndefined();
    expect(guarded()).toMatchObject({ mode: 'observe', rules: [{ target: { name: 'a.test' } }] });
  });

  test('holds on after a restart, through changes of lists, and for those that have none.', async () => {
    await stage.egress.lockdown.set(true, 'ada');
    await stage.restart();
    await edit(allow('a.test'));
    await edit({ kind: 'mode', mode: 'off' });
    await stage.egress.undo(stage.workload);
    expect(stage.egress.lockdown.state()).toMatchObject({ by: 'ada' });
    expect(guarded()).toEqual({ mode: 'enforce', rules: [], profiles: [] });
    const file = openBookFile(stage.file, silentLogger);
    const other = { ...stage.workload, key: 'another' };
    const seen = rulesOf(
      bookFor(
        file,
        'another',
        () => other,
        (at) => stage.now() >= at,
      ).book(),
      'another',
    );
    expect(seen.mode).toBe('enforce');
  });

  test('holds though the disk is full, and is lifted again.', async () => {
    await edit(allow('a.test'));
    mkdirSync(join(`${stage.file}.${process.pid}.new`, 'full'), { recursive: true });
    expect(await edit(allow('b.test'))).toContain('could not be written');
    expect((await stage.egress.lockdown.set(true, 'ada')).ok).toBe(true);
    expect(stage.egress.lockdown.state()).toMatchObject({ by: 'ada' });
    expect(stage.egress.lockdown.warning()).toContain('would not outlast');
    expect((await stage.egress.lockdown.set(false, 'ada')).ok).toBe(true);
    expect(stage.egress.lockdown.state()).toBeUndefined();
    expect(stage.rules()).toEqual(['allow a.test']);
  });

  test('that is in the file is no other by a second one while the disk is full: to lift it fails, and says so.', async () => {
    await stage.egress.lockdown.set(true, 'ada');
    mkdirSync(join(`${stage.file}.${process.pid}.new`, 'full'), { recursive: true });
    expect((await stage.egress.lockdown.set(true, 'bob')).ok).toBe(true);
    expect(stage.egress.lockdown.warning()).toBeUndefined();
    const lifted = await stage.egress.lockdown.set(false, 'ada');
    expect(!lifted.ok && lifted.error).toContain('could not be written');
    expect(stage.egress.lockdown.state()).toMatchObject({ by: 'ada' });
  });

  test('is not begun, and that is said, where the file of lists cannot be read.', async () => {
    await edit(allow('a.test'));
    writeFileSync(stage.file, '{');
    await stage.restart();
    const answer = await stage.egress.lockdown.set(true, 'ada');
    expect(answer).toMatchObject({
      ok: false,
      error: expect.stringContaining('not read') as string,
    });
    expect(stage.egress.lockdown.state()).toBeUndefined();
  });
});

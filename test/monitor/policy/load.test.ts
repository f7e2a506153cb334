import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../../monitor/policy/load.ts';
import type { Result } from '../../../monitor/runtime/result.ts';

/** `line:column` of each problem and the beginning of its message. */
function problemsIn(text: string): readonly string[] {
  const loaded = loadPolicy(text);
  return loaded.ok
    ? []
    : loaded.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** A policy with one rule that is in order but for the given lines, which begin on line 4. */
function withRule(...lines: readonly string[]): string {
  const given = lines.map((line) => `    ${line}\n`).join('');
  const missing = [
    ...(/^ {4}when:/m.test(given) ? [] : ['    when: true\n']),
    ...(/^ {4}do:/m.test(given) ? [] : ['    do: [notify]\n']),
  ].join('');
  return `version: 1\nrules:\n  - name: a\n${given}${missing}`;
}

describe('a policy in order', () => {
  it('comes with its defaults', () => {
    const loaded = loadPolicy(withRule());
    expect(loaded).toMatchObject({
      ok: true,
      value: {
        policy: {
          version: 1,
          mode: 'observe',
          limits: { actionsPerMinute: 6 },
          rules: [{ name: 'a', line: 3, mode: 'observe', hold: 0, cooldown: 600_000 }],
        },
        warnings: [],
      },
    });
  });

  it('is a Result like any other', () => {
    const loaded: Result<unknown, unknown> = loadPolicy('');
    expect(loaded.ok).toBe(false);
  });

  it('takes every key', () => {
    const loaded = loadPolicy(`
version: 1
mode: enforce
protect: {names: ["db-*"], labels: {keep: true}}
limits: {actionsPerMinute: 30}
rules:
  - name: every key of a rule
    mode: observe
    for:
      images: [node, "python:3.*"]
      composeProjects: [shop]
      labels: {team: "b?ue"}
      exclude: {names: [web]}
    when: finding.severity in [high, critical] && finding.kind in ["fork-bomb"]
    hold: 1.5s
    do: [notify, pause, kill, quarantine, {stop: {grace: 1500ms}},
         {limit: {cpus: 0.5, memory: 512MB, pids: 100}}]
    cooldown: 1h
`);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    const { policy } = loaded.value;
    expect(policy.protect).toMatchObject({ names: ['db-*'], labels: { keep: true } });
    expect(policy.rules[0]).toMatchObject({
      mode: 'observe',
      hold: 1500,
      cooldown: 3_600_000,
      workloads: { images: ['node', 'python:3.*'], exclude: { names: ['web'] } },
      actions: [
        { kind: 'notify' },
        { kind: 'pause' },
        { kind: 'kill' },
        { kind: 'quarantine' },
        { kind: 'stop', graceSeconds: 2 },
        { kind: 'limit', cpus: 0.5, memoryBytes: 512_000_000, pids: 100 },
      ],
    });
  });

  it('is warned about when it tells nobody', () => {
    expect(loadPolicy('version: 1\nrules: []\n')).toMatchObject({
      ok: true,
      value: { warnings: [{ line: 2, column: 1 }] },
    });
    expect(loadPolicy(withRule('do: [pause]'))).toMatchObject({
      ok: true,
      value: { warnings: [{ line: 4, column: 9 }] },
    });
  });
});

describe('a policy not in order says where and what', () => {
  it.each<[string, string, readonly string[]]>([
    ['nothing', '', ['1:1 A policy begins with version: 1']],
    ['a text', 'hello', ['1:1 A policy begins with version: 1']],
    ['a list', '- a\n', ['1:1 A policy begins with version: 1']],
    ['no keys', '{}', ['1:1 "version" is missing.', '1:1 "rules" is missing.']],
    ['version 2', 'version: 2\nrules: []\n', ['1:10 This Sentra reads version 1']],
    [
      'an unknown key, likely another',
      'version: 1\nrulse: []\n',
      ['1:1 "rules" is missing.', '2:1 There is no key "rulse" here. Did you mean "rules"?'],
    ],
    [
      'an unknown key, like none',
      'version: 1\nrules: []\nzzzzzz: 1\n',
      ['3:1 There is no key "zzzzzz" here. Known here: version, mode'],
    ],
    [
      'a word close to a mode',
      'version: 1\nmode: enforced\nrules: []\n',
      ['2:7 This is one of observe, enforce. Did you mean "enforce"?'],
    ],
    [
      'a key twice',
      'version: 1\nrules: []\nversion: 1\n',
      ['3:1 The key "version" is given twice.'],
    ],
    ['broken YAML', 'version: 1\nrules: [\n', ['2:9 This is not valid YAML']],
    ['a tab', 'version: 1\nrules:\n\t- name: a\n', ['3:1 This is not valid YAML']],
    ['a tag', 'version: !!int 1\nrules: []\n', ['1:16 Tags (!) are not used']],
    ['an unknown tag', withRule('when: !finding'), ['4:11 This is not valid YAML']],
    [
      'an anchor and an alias',
      'version: 1\nrules: &a []\nlimits: *a\n',
      ['2:11 Anchors (&)', '3:9 Anchors (&)'],
    ],
    ['a second document', 'version: 1\nrules: []\n---\na: 1\n', ['3:1 A policy is one document']],
    ['too deep a nest', `a: ${'['.repeat(40)}${']'.repeat(40)}`, ['1:20 This is nested deeper']],
    ['far too deep a nest', '['.repeat(5000), ['1:']],
    ['a key that is a list', 'version: 1\n[a]: 1\n', ['2:1 A key has to be a plain word.']],
    ['the key __proto__', 'version: 1\n__proto__: 1\n', ['2:1 A key has to be a plain word.']],
    ['a rule that is nothing', 'version: 1\nrules:\n  -\n', ['3:4 This wants keys with values.']],
    [
      'two rules of one name',
      `${withRule()}  - name: a\n    when: true\n    do: [notify]\n`,
      ['6:11 Another rule is called "a" already.'],
    ],
    [
      'a name with a control character',
      'version: 1\nrules: [{name: "a\\e", when: true, do: [notify]}]',
      ['2:16 A rule’s name'],
    ],
    ['no unit', withRule('hold: 2'), ['4:11 2 is not a duration']],
    ['a wrong unit', withRule('hold: 2 sec'), ['4:11 "2 sec" is not a duration']],
    ['too long a hold', withRule('hold: 25h'), ['4:11 "25h" is too much: at most 24h.']],
    ['too short a cool-down', withRule('cooldown: 0s'), ['4:15 "0s" is too little: at least 1s.']],
    ['no list of actions', withRule('do: pause'), ['4:9 This wants a list']],
    ['no action', withRule('do: []'), ['4:9 A rule without an action']],
    [
      'an action misspelt',
      withRule('do: [notify, pase]'),
      ['4:18 There is no action "pase". Did you mean "pause"?'],
    ],
    ['an action twice', withRule('do: [pause, notify, pause]'), ['4:25 "pause" is given twice.']],
    ['settings for pause', withRule('do: [{pause: {for: 1s}}]'), ['4:10 "pause" has no settings.']],
    [
      'two names in one action',
      withRule('do: [{stop: {}, limit: {}}]'),
      ['4:10 An action has one name.'],
    ],
    [
      'a limit of nothing',
      withRule('do: [{limit: {}}]'),
      ['4:18 A limit wants cpus, memory or pids.'],
    ],
    ['a limit without settings', withRule('do: [limit]'), ['4:10 A limit wants settings']],
    ['a size without a unit', withRule('do: [{limit: {memory: 512}}]'), ['4:27 512 is not a size']],
    [
      'an unknown setting',
      withRule('do: [{limit: {cpu: 1}}]'),
      ['4:18 A limit wants', '4:19 There is no key "cpu" here. Did you mean "cpus"?'],
    ],
    ['a selector of nothing', withRule('for: {}'), ['4:10 This names nothing.']],
    ['a pattern that is a number', withRule('for: {names: [1]}'), ['4:19 A pattern is a text']],
    [
      'a label that is a number',
      withRule('for: {labels: {a: 1}}'),
      ['4:23 A label wants a pattern'],
    ],
    [
      'a protection of nothing',
      'version: 1\nprotect: {}\nrules: []\n',
      ['2:10 This names nothing.'],
    ],
    [
      'no actions a minute',
      'version: 1\nlimits: {actionsPerMinute: 0}\nrules: []\n',
      ['2:28 At least 1.'],
    ],
    ['an empty condition', withRule('when: ""'), ['4:11 The condition cannot be read']],
    [
      'a condition cut short',
      withRule('when: finding.severity >='),
      ['4:30 The condition cannot be read'],
    ],
    [
      'a field misspelt',
      withRule('when: finding.knd == "drift"'),
      ['4:19 There is no field "knd". Did you mean "kind"?'],
    ],
    [
      'a name misspelt',
      withRule('when: workloda.name == "a"'),
      ['4:11 Nothing is called "workloda" here. Did you mean "workload"?'],
    ],
    [
      'a condition that is no truth',
      withRule('when: finding.severity'),
      ['4:11 The condition must come to true or false'],
    ],
    [
      'a severity in quotes',
      withRule('when: finding.severity >= "high"'),
      ['4:11 The condition does not fit together: no such overload: int >= string. Severities are'],
    ],
    [
      'a kind that is none',
      withRule('when: finding.kind == "fork-bom"'),
      ['4:27 finding.kind is never "fork-bom". Did you mean "fork-bomb"?'],
    ],
    [
      'a kind that is none, in a list',
      withRule('when: finding.kind in ["drift", "x"]'),
      ['4:37 finding.kind is never "x". It is one of'],
    ],
    [
      'a network that is none',
      withRule(`when: '"bridge" != workload.network'`),
      ['4:12 workload.network is never "bridge". It is one of own, host'],
    ],
    [
      'a regular expression',
      withRule('when: workload.name.matches("(a+)+$")'),
      ['4:11 There is no function "matches"'],
    ],
    [
      'a loop',
      withRule('when: finding.series.exists(s, s == "cpu")'),
      ['4:11 There is no function "exists"'],
    ],
    [
      'a condition in quotes',
      withRule(`when: 'finding.knd == "x"'`),
      ['4:20 There is no field "knd"'],
    ],
    [
      'a condition over lines',
      withRule('when: |', '  true &&', '    finding.knd == "x"'),
      ['6:17 There is no field "knd"'],
    ],
    [
      'a folded condition',
      withRule('when: >-', '  true &&', '  finding.knd == "x"'),
      ['4:11 There is no field "knd"'],
    ],
    [
      'a condition with quotes at its start',
      withRule('when: "a" in workload.labels'),
      ['4:15 This is not valid YAML'],
    ],
    [
      'a condition too long',
      withRule(`when: ${'true && '.repeat(300)}true`),
      ['4:11 The condition is longer'],
    ],
    [
      'a condition too deep',
      withRule(`when: ${'('.repeat(100)}true${')'.repeat(100)}`),
      ['4:35 The condition cannot be read'],
    ],
  ])('%s', (_, text, expected) => {
    const problems = problemsIn(text);
    expect(problems.map((problem, index) => problem.slice(0, expected[index]?.length))).toEqual(
      expected,
    );
  });

  it('says everything at once, in the order of the lines', () => {
    const text = withRule('mode: off', 'when: finding.knd == "x"', 'hold: long', 'do: [x]', 'y: 1');
    expect(problemsIn(text).map((problem) => problem.split(':')[0])).toEqual([
      '4',
      '5',
      '6',
      '7',
      '8',
    ]);
  });

  it('says at most fifty problems and how many there are', () => {
    const problems = problemsIn(`version: 1\n${'x: 1\n'.repeat(1000)}`);
    expect(problems).toHaveLength(50);
    expect(problems.at(-1)).toMatch(/And 949 more problems after this one\.$/);
    const last = problemsIn(`version: 1\n${'x: 1\n'.repeat(52)}`).at(-1);
    expect(last).toMatch(/And 1 more problem after this one\.$/);
  });

  it('takes 200 rules and no more, 256 KB and no more', () => {
    const rules = (count: number): string =>
      `version: 1\nrules:\n${Array.from({ length: count }, (_, index) => `  - {name: r${index}, when: true, do: [notify]}\n`).join('')}`;
    expect(problemsIn(rules(200))).toEqual([]);
    expect(problemsIn(rules(201))).toEqual(['3:3 A policy has at most 200 rules.']);
    const padded = (bytes: number): string => `${withRule()}#${'é'.repeat(bytes / 2)}`;
    expect(problemsIn(padded(250 * 1024))).toEqual([]);
    expect(problemsIn(padded(256 * 1024))[0]).toMatch(/longer than 256 KB/);
  });

  it('takes a text with a byte order mark and Windows line ends', () => {
    expect(problemsIn(`\ufeff${withRule().replaceAll('\n', '\r\n')}`)).toEqual([]);
    expect(problemsIn(withRule('hold: 2').replaceAll('\n', '\r\n'))[0]).toMatch(/^4:11 /);
  });
});

describe('whatever the text', () => {
  function check(text: string): void {
    const loaded = loadPolicy(text);
    if (loaded.ok) {
      expect(loaded.value.policy.version).toBe(1);
      return;
    }
    expect(loaded.error.length).toBeGreaterThan(0);
    const lines = text.split('\n');
    for (const { line, column, message } of loaded.error) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
      expect(message).not.toBe('');
    }
  }

  it('gives a policy, or problems with places inside the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check));
  });

  it('does so for texts that look like policies', () => {
    const piece = fc.constantFrom(
      ...[
        'version: 1\n',
        'rules:\n',
        '  - name: a\n',
        '    when: ',
        'true',
        '|\n      ',
        '\n',
        ' ',
      ],
      ...[
        'finding.kind',
        ' == ',
        '"drift"',
        'finding.severity >= high',
        '!',
        '&a ',
        '*a',
        '[',
        ']',
      ],
      ...[
        '    do: [notify]\n',
        '    do: [pause, {stop: {grace: 5s}}]\n',
        '    hold: 2s\n',
        '{',
        '}',
      ],
      ...[
        'mode: enforce\n',
        '---\n',
        '"',
        "'",
        '#',
        ': ',
        '\t',
        '\r\n',
        '>-\n',
        'protect: ',
        '?',
        '%',
      ],
    );
    const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    fc.assert(fc.property(texts, check), { numRuns: 500 });
  });

  it('does so for a policy with a few characters changed', () => {
    const good = withRule('for: {labels: {a: "b*"}}', 'when: finding.age > 1', 'hold: 2s');
    const change = fc.tuple(fc.nat(good.length), fc.nat(3), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        let text = good;
        for (const [at, cut, put] of changes) text = text.slice(0, at) + put + text.slice(at + cut);
        check(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['brackets', '['.repeat(250_000)],
    ['keys', Array.from({ length: 25_000 }, (_, index) => `k${index}: 1`).join('\n')],
    ['aliases', `a: &a [x]\nb: [${'*a,'.repeat(60_000)}]`],
  ])('reads 256 KB of %s in seconds', (_, text) => check(text), 60_000);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readListDocument, writeDocument } from '../../../../monitor/egress/list/list-document.ts';
import { readRule, writeRule, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import { emptyBook } from '../../../../monitor/egress/list/rule-book.ts';
import type { WrittenEgressRule } from '../../../../monitor/model/egress.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
const moment = fc.integer({ min: 0, max: 4e12 });

/** Rules as the monitor keeps them; what it would refuse is left out. */
const rule: fc.Arbitrary<EgressRule> = fc
  .record<WrittenEgressRule>(
    {
      verdict: fc.constantFrom('allow', 'deny'),
      target: fc.oneof(
        fc.tuple(fc.constantFrom('', '*.'), label, label).map(([star, a, b]) => `${star}${a}.${b}`),
        fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([a, b]) => `${a}/${b}`),
        fc.ipV6(),
      ),
      protocol: fc.constantFrom('tcp', 'udp'),
      port: fc.integer({ min: 1, max: 65_535 }),
      local: fc.boolean(),
      lifetime: fc.oneof(
        fc.record({ kind: fc.constant('until' as const), at: moment }),
        fc.record({ kind: fc.constant('once' as const), since: moment }),
        fc.record({ kind: fc.constant('image' as const), image: fc.constant('sha256:x') }),
      ),
      note: text,
      by: text,
      at: moment,
    },
    { requiredKeys: ['verdict', 'target'] },
  )
  .map((written) => readRule(written))
  .filter((read) => read.ok)
  .map(({ value }) => value);

function read(document: string) {
  const result = readListDocument(document);
  return result.ok ? result.value : result.error;
}

test('What is written is read again with nothing lost, whatever is in the rules.', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 8 }),
      fc.array(rule, { maxLength: 4 }),
      (own, shared) => {
        const profile = { name: 'team', note: 'ours: # "yes"', rules: shared };
        const book = { ...emptyBook, profiles: new Map([['team', profile]]) };
        const document = writeDocument(book, { mode: 'enforce', rules: own, profiles: ['team'] });
        expect(read(document)).toMatchObject({
          use: ['team'],
          rules: own.map(writeRule),
          profiles: [{ name: 'team', note: profile.note, rules: shared.map(writeRule) }],
        });
      },
    ),
    { numRuns: 200 },
  );
});

test('YAML as a person writes it is read too.', () => {
  const document = `
sentra-egress: 1
use: [npm]
rules:
  - verdict: allow
    target: "*.example.com"
    port: 443
  - { verdict: deny, target: 10.0.0.0/8, note: "the office: keep out" }
`;
  expect(read(document)).toMatchObject({
    use: ['npm'],
    rules: [
      { verdict: 'allow', target: '*.example.com', port: 443 },
      { verdict: 'deny', target: '10.0.0.0/8', note: 'the office: keep out' },
    ],
  });
});

describe('A file that is none says where and why', () => {
  test.each([
    ['no list at all', 'hello', undefined, 'expected object'],
    ['YAML that is broken', 'sentra-egress: 1\nrules: [', 2, 'not valid YAML'],
    ['a key given twice', 'sentra-egress: 1\nuse: []\nuse: []\n', 3, 'unique'],
    ['another version', 'sentra-egress: 2\n', 1, 'sentra-egress'],
    ['a member that is unknown', 'sentra-egress: 1\nmode: off\n', 1, 'mode'],
    [
      'a port out of range',
      'sentra-egress: 1\nrules:\n  - verdict: allow\n    target: a.test\n    port: 70000\n',
      5,
      'rules.0.port',
    ],
    ['the same in JSON', '{"sentra-egress":1,\n"rules":[\n{"verdict":"allow"}]}', 3, 'target'],
    ['a tag', 'sentra-egress: 1\nuse: !danger []\n', 2, 'tag'],
  ])('%s', (_, document, line, words) => {
    const problems = read(document) as readonly { line?: number; message: string }[];
    expect(problems[0]?.message).toContain(words);
    if (line !== undefined) expect(problems[0]?.line).toBe(line);
  });

  test('a bomb of aliases is not unfolded.', () => {
    const bomb = `sentra-egress: 1\nuse: &a [x]\nrules: [*a, *a, *a]\n`;
    expect(JSON.stringify(read(bomb))).toContain('read as YAML');
  });

  test('YAML too long to be read quickly, and a file too long at all.', () => {
    const long = `sentra-egress: 1\n# ${'x'.repeat(300 * 1024)}\n`;
    expect(JSON.stringify(read(long))).toContain('up to 256 KB');
    expect(JSON.stringify(read('x'.repeat(3 * 1024 * 1024 + 1)))).toContain('3 MB');
  });
});

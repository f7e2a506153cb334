import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBookFile } from '../../../../monitor/egress/list/book-file.ts';
import {
  emptyBook,
  rulesOf,
  withRule,
  withRules,
} from '../../../../monitor/egress/list/rule-book.ts';
import { readRule, targetText, type EgressRule } from '../../../../monitor/egress/list/rule.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-book-'));
  path = join(folder, 'egress.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function rule(verdict: 'allow' | 'deny', target: string, port?: number): EgressRule {
  const read = readRule({ verdict, target, port });
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

function put(book: ReturnType<typeof openBookFile>, added: EgressRule): void {
  const list = { ...withRule(rulesOf(book.book(), 'agent'), added), mode: 'enforce' } as const;
  const next = withRules(book.book(), 'agent', list);
  if (!next.ok) throw new Error(next.error);
  expect(book.replace(next.value).ok).toBe(true);
}

const targets = (book: ReturnType<typeof openBookFile>): string[] =>
  rulesOf(book.book(), 'agent').rules.map(
    ({ verdict, target }) => `${verdict} ${targetText(target)}`,
  );

test('What was written is there for the next one who opens it.', () => {
  put(openBookFile(path, silentLogger), rule('allow', 'a.test', 443));
  const again = openBookFile(path, silentLogger);
  expect(targets(again)).toEqual(['allow a.test']);
  expect(rulesOf(again.book(), 'agent').mode).toBe('enforce');
  expect(rulesOf(again.book(), 'another')).toEqual({ mode: 'observe', rules: [], profiles: [] });
});

test.each([
  ['no JSON', '{'],
  ['another form', '{"version":3,"workloads":[]}'],
  [
    'a rule that is none',
    '{"version":1,"workloads":[{"workload":"agent","mode":"off","rules":[{"verdict":"allow","target":"a b"}]}]}',
  ],
  [
    'names that cannot be held apart',
    '{"version":1,"workloads":[{"workload":"agent","mode":"off","rules":[{"verdict":"allow","target":"a.test","port":1},{"verdict":"allow","target":"*.a.test"}]}]}',
  ],
])('With %s in the file the list of before stays in force, and that is told.', (_, text) => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  writeFileSync(path, text);
  expect(book.refresh()).toBe(false);
  expect(targets(book)).toEqual(['allow a.test']);
  expect(book.problem()).toContain(path);
});

test('What somebody else wrote meanwhile is not written over; read, it is what is edited.', () => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  put(openBookFile(path, silentLogger), rule('deny', 'b.test'));
  const answer = book.replace(emptyBook);
  expect(!answer.ok && answer.error).toContain('changed by something else');
  expect(targets(openBookFile(path, silentLogger))).toEqual(['allow a.test', 'deny b.test']);
  book.refresh();
  put(book, rule('allow', 'c.test'));
  expect(targets(book)).toEqual(['allow a.test', 'deny b.test', 'allow c.test']);
});

test('What cannot be read is set aside before the next list takes its place.', () => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  writeFileSync(path, '{ "half": "an edit" ');
  book.refresh();
  put(book, rule('allow', 'b.test'));
  expect(targets(openBookFile(path, silentLogger))).toEqual(['allow a.test', 'allow b.test']);
  expect(readFileSync(`${path}.not-read`, 'utf8')).toBe('{ "half": "an edit" ');
});

/** Has each text stand in the file in place of the list, and another list written after it. */
function spoil(texts: readonly string[]): readonly (string | undefined)[] {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  return texts.map((text, index) => {
    writeFileSync(path, text);
    book.refresh();
    const list = { ...book.book(), lockdown: { since: index, by: 'ada' } };
    const written = book.replace(list);
    if (!written.ok) throw new Error(written.error);
    return written.value;
  });
}

const asides = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.includes('.not-read'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .sort();

test('What is set aside later takes no earlier one’s place, and it is told where it is.', () => {
  const told = spoil(['{ "one', '{ "two', '{ "three']);
  expect(asides()).toEqual(['{ "one', '{ "three', '{ "two']);
  for (const [index, name] of ['', '.2', '.3'].entries()) {
    expect(told[index]).toContain(`kept in ${path}.not-read${name}.`);
  }
});

test('What is set aside again is kept once.', () => {
  const told = spoil(['{ "one', '{ "two', '{ "one']);
  expect(asides()).toEqual(['{ "one', '{ "two']);
  expect(told[2]).toContain(`kept in ${path}.not-read.`);
});

test('Nine are kept, the newest; the oldest gives way.', () => {
  const texts = Array.from({ length: 12 }, (_, index) => `{ "${String(index).padStart(2, '0')}`);
  const book = texts.map((text, index) => {
    const [told] = spoil([text]);
    // Copies of one millisecond would have no order.
    const name = /kept in (.*)\.$/.exec(told ?? '')?.[1] ?? '';
    utimesSync(name, index + 1, index + 1);
    return name;
  });
  expect(new Set(book).size).toBe(9);
  expect(asides()).toEqual(texts.slice(3));
});

test('What cannot be read and not be set aside stays as it is.', () => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  writeFileSync(path, '{ "half": "an edit" ');
  book.refresh();
  mkdirSync(`${path}.not-read`);
  const answer = book.replace(emptyBook);
  expect(!answer.ok && answer.error).toContain('could not be set aside');
  expect(readFileSync(path, 'utf8')).toBe('{ "half": "an edit" ');
  expect(targets(book)).toEqual(['allow a.test']);
});

test('A file that cannot even be looked at leaves the list of before in force, and a lock down possible.', () => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  rmSync(path);
  symlinkSync(path, path);
  expect(book.refresh()).toBe(false);
  expect(book.problem()).toContain(path);
  expect(targets(book)).toEqual(['allow a.test']);
  const lockdown = { since: 1, by: 'ada' };
  expect(book.replace({ ...book.book(), lockdown }).ok).toBe(false);
  book.force(lockdown);
  book.refresh();
  expect(book.book().lockdown).toEqual(lockdown);
});

test('A lock down that cannot be written holds all the same, says so, and is written when that can be done.', () => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  const text = readFileSync(path, 'utf8');
  // Where the next one would be written there is a folder: nothing can be written.
  const beside = `${path}.${process.pid}.new`;
  mkdirSync(join(beside, 'full'), { recursive: true });
  const lockdown = { since: 1, by: 'ada' };
  expect(book.replace({ ...book.book(), lockdown }).ok).toBe(false);
  expect(book.force(lockdown)).toBe(false);
  expect(book.book()).toMatchObject({ lockdown });
  expect(targets(book)).toEqual(['allow a.test']);
  expect(book.problem()).toContain('would not outlast');
  book.refresh();
  expect(book.book().lockdown).toEqual(lockdown);
  // What somebody else writes meanwhile takes nothing of it away.
  writeFileSync(path, text.replace('a.test', 'bb.test'));
  book.refresh();
  expect(book.book().lockdown).toEqual(lockdown);
  expect(targets(book)).toEqual(['allow bb.test']);
  rmSync(beside, { recursive: true });
  book.refresh();
  expect(book.problem()).toBeUndefined();
  expect(openBookFile(path, silentLogger).book().lockdown).toEqual(lockdown);
});

test('A list that vanishes is no wish to open everything.', () => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test'));
  rmSync(path);
  expect(book.refresh()).toBe(false);
  expect(rulesOf(book.book(), 'agent').mode).toBe('enforce');
  expect(book.problem()).toContain('gone');
});

test('A file that was bad from the start says nothing, and is not written over.', () => {
  writeFileSync(path, 'nonsense');
  const book = openBookFile(path, silentLogger);
  expect(book.isKnown()).toBe(false);
  expect(book.replace(emptyBook).ok).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('nonsense');
});

test('A book that the next one who opens it could not read is not written.', () => {
  const book = openBookFile(path, silentLogger);
  const list = { mode: 'enforce', rules: [], profiles: [] } as const;
  const full = new Map(Array.from({ length: 1000 }, (_, index) => [`agent-${index}`, list]));
  expect(book.replace({ ...emptyBook, workloads: full }).ok).toBe(true);
  const more = withRules(book.book(), 'one-more', list);
  expect(!more.ok && more.error).toContain('At most 1000');

  const rules = Array.from({ length: 20_000 }, (_, index) => ({
    ...rule('deny', `n${index}.test`),
    note: 'x'.repeat(500),
  }));
  const long = { mode: 'enforce', rules, profiles: [] } as const;
  const both = new Map([
    ['a', long],
    ['b', long],
  ]);
  const answer = book.replace({ ...emptyBook, workloads: both });
  expect(!answer.ok && answer.error).toContain('16 MB');
  expect(openBookFile(path, silentLogger).book().workloads.size).toBe(1000);
});

test('A list that says nothing takes no place in the book.', () => {
  const book = openBookFile(path, silentLogger);
  const none = { mode: 'observe', rules: [], profiles: [] } as const;
  const many = new Map(Array.from({ length: 1001 }, (_, index) => [`agent-${index}`, none]));
  const next = withRules({ ...emptyBook, workloads: many }, 'agent', { ...none, mode: 'enforce' });
  if (!next.ok) throw new Error(next.error);
  expect(book.replace(next.value).ok).toBe(true);
  expect([...openBookFile(path, silentLogger).book().workloads.keys()]).toEqual(['agent']);
});

test('To leave a workload untouched is written down, also where there is no rule.', () => {
  const off = { mode: 'off', rules: [], profiles: [] } as const;
  const book = openBookFile(path, silentLogger);
  expect(book.replace({ ...emptyBook, workloads: new Map([['agent', off]]) }).ok).toBe(true);
  expect(rulesOf(openBookFile(path, silentLogger).book(), 'agent')).toEqual(off);
});

test('A rule takes the place of what said otherwise about the same traffic.', () => {
  const book = openBookFile(path, silentLogger);
  put(book, rule('allow', 'a.test', 443));
  put(book, rule('allow', 'a.test', 80));
  expect(targets(book)).toEqual(['allow a.test', 'allow a.test']);
  put(book, rule('deny', 'a.test'));
  expect(targets(book)).toEqual(['deny a.test']);
  put(book, rule('allow', '10.0.0.0/8'));
  put(book, rule('deny', '10.0.0.0/8'));
  expect(targets(book)).toEqual(['deny a.test', 'deny 10.0.0.0/8']);
});

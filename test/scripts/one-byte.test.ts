import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const load = async (name: string): Promise<unknown> =>
  import(pathToFileURL(join(root, 'scripts', name)).href);
// The scripts are plain JavaScript, which no project of TypeScript takes in.
const { bundle } = (await load('build.mjs')) as {
  readonly bundle: (entry: string, file: string) => Promise<void>;
};
const { toOneByte } = (await load('one-byte.mjs')) as {
  readonly toOneByte: (
    code: string,
    mappings: string,
  ) => { readonly code: string; readonly mappings: string };
};

const folder = mkdtempSync(join(tmpdir(), 'sentra-one-byte-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program whose every part lies behind text beyond ASCII, and which fails in line 8, column 9. */
const program = String.raw`import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
const texts = ['it’s …', '\\’', '😀', ${'`'}a’${'${1}'}→${'`'}, /^[’😀]$/u.test('😀'), /\’/.test('’')];
const loaded = process.moduleLoadList.filter((name) => /undici|webcrypto/.test(name));
const größe = createHash('sha256').update('ö').digest('hex');
console.log(JSON.stringify({ texts, größe, loaded, server: typeof createServer }));
export function fail(why: string) {
  throw new Error('’’’’' + why);
}
fail('→');
`;

test('A program in one byte a character says the same, is in ASCII alone, and fails where its source does.', async () => {
  const source = join(folder, 'program.ts');
  writeFileSync(source, program);
  const file = join(folder, 'out', 'program.mjs');
  await bundle(source, file);
  expect(readFileSync(file, 'utf8')).toMatch(/^\p{ASCII}*$/u);

  const run = promisify(execFile)(process.execPath, ['--enable-source-maps', file]);
  const { stdout, stderr } = (await run.catch((error: unknown) => error)) as {
    readonly stdout: string;
    readonly stderr: string;
  };
  const said = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  expect(said['texts']).toEqual(['it’s …', '\\’', '😀', 'a’1→', true, true]);
  expect(said['größe']).toMatch(/^6dbd11fd/);
  expect(stderr).toMatch(/program\.ts:8:9/);
  // The bundle takes Node's modules by name: by import, Node would load what nobody uses.
  expect(said['loaded']).toEqual([]);
});

test('What has nothing beyond ASCII stays as it is, and columns before a character do not move.', () => {
  expect(toOneByte('a();b()', 'AAAA,IAAI')).toEqual({ code: 'a();b()', mappings: 'AAAA,IAAI' });
  const moved = toOneByte("a('’');b()", 'AAAA,OAAO');
  // `b` stands five columns further on.
  expect(moved).toEqual({ code: String.raw`a('\u2019');b()`, mappings: 'AAAA,YAAO' });
});

test.each([
  ['a template with a tag', 'console.log(String.raw`it’s`);', 'must be in ASCII alone: it’s'],
  ['a name beyond sixteen bits', 'export const 𝒳 = 1;', 'could not be built'],
])('%s, which would mean something else then, is not built.', async (_, text, sentence) => {
  const source = join(folder, 'refused.ts');
  writeFileSync(source, text);
  await expect(bundle(source, join(folder, 'refused', 'program.mjs'))).rejects.toThrow(sentence);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classOfCall } from '../../../monitor/detect/syscalls/call-class.ts';
import { run } from '../detect.bench.ts';
import { callGroups } from './shil-choice.ts';

let data: string;
let out: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'sentra-sets-'));
  out = mkdtempSync(join(tmpdir(), 'sentra-scores-'));
});
afterEach(() => {
  for (const folder of [data, out]) rmSync(folder, { recursive: true, force: true });
});

async function detect(signal: AbortSignal, short = true) {
  const { results } = await run({ data, out, short, signal, say: () => undefined });
  return (name: string): number => results.find((each) => each.name === name)?.value ?? Number.NaN;
}

/** What could not be measured, and that nothing was. */
async function problemsOf(signal: AbortSignal): Promise<string> {
  const { results, problems } = await run({ data, out, short: true, signal, say: () => undefined });
  expect(results).toEqual([]);
  return problems.join('\n');
}

function put(path: string, text: string): void {
  const file = join(data, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, path.endsWith('.gz') ? gzipSync(text) : text);
}

describe('the system calls of containers under attack', () => {
  const names = ['read', 'write', 'execve', 'connect'];

  /** Rows of 100 ms with the same reads and writes, and what else the rows say. */
  function trace(rows: number, more: Readonly<Record<number, string>> = {}): string {
    return Array.from({ length: rows }, (_, row) => {
      const cells = ['0:10 1:5', more[row]].filter((cell) => cell !== undefined);
      return `${100 * row}\t${cells.join(' ')}\n`;
    }).join('');
  }

  function label(application: string, start: number, success: number) {
    const rows = { attack_start: start, attack_success: success, test_rows: 1000 };
    return { application, containers: { '1': rows } };
  }

  /** One attack connects two seconds before it succeeds; another does nothing that is new, after two slips. */
  function putTraces(): void {
    put('shil-syscalls/syscalls.json', JSON.stringify(names));
    const labels = { 'CVE-1': label('web', 580, 620), 'CVE-2': label('mail', 800, 850) };
    put('shil-syscalls/dev/labels.json', JSON.stringify(labels));
    for (const cve of ['CVE-1', 'CVE-2']) {
      put(`shil-syscalls/dev/${cve}/c1.train.tsv.gz`, trace(200));
    }
    put('shil-syscalls/dev/CVE-1/c1.test.tsv.gz', trace(1000, { 600: '3:5' }));
    put('shil-syscalls/dev/CVE-2/c1.test.tsv.gz', trace(1000, { 100: '2:3', 300: '3:2' }));
  }

  it('give the figures that can be told by hand', async ({ signal }) => {
    putTraces();
    const value = await detect(signal);
    expect(value('shil dev: attacks detected')).toBe(50);
    expect(value('shil dev: traces quiet before the attack')).toBe(50);
    // Two of 800 rows in one of two traces; two episodes in 138 seconds.
    expect(value('shil dev: false rows')).toBeCloseTo(0.125, 9);
    expect(value('shil dev: false episodes')).toBeCloseTo((2 * 3600) / 138, 9);
    expect(value('shil dev: lead before success')).toBeCloseTo(1, 9);
    const alarms = readFileSync(join(out, 'shil-syscalls/CVE-1/c1.txt'), 'utf8').trim().split('\n');
    expect(alarms.flatMap((alarm, row) => (alarm === '1' ? [row] : []))).toEqual([600]);
    expect(alarms).toHaveLength(1000);
  });

  it('may be attacked beyond the end of what was recorded', async ({ signal }) => {
    putTraces();
    const ends = { 'CVE-1': label('web', 580, 1200), 'CVE-2': label('base', 1300, 1400) };
    put('shil-syscalls/dev/labels.json', JSON.stringify(ends));
    const value = await detect(signal);
    expect(value('shil dev: attacks detected')).toBe(50);
    expect(value('shil dev: lead before success')).toBeCloseTo(30, 9);
    // Two of the 1000 rows that there are before the other attack; two episodes in 158 seconds.
    expect(value('shil dev: false rows')).toBeCloseTo(0.1, 9);
    expect(value('shil dev: false episodes')).toBeCloseTo((2 * 3600) / 158, 9);
  });

  it('may be attacked without success', async ({ signal }) => {
    putTraces();
    const ends = { 'CVE-1': label('web', 580, -1), 'CVE-2': label('base', 800, 900) };
    put('shil-syscalls/dev/labels.json', JSON.stringify(ends));
    const value = await detect(signal);
    expect(value('shil dev: attacks detected')).toBe(0);
  });

  it('are judged with bar and list of other applications as well', async ({ signal }) => {
    putTraces();
    const value = await detect(signal, false);
    const leftOut = 'shil dev, bar and list of other applications';
    expect(value(`${leftOut}: attacks detected`)).toBe(50);
    expect(value(`${leftOut}: traces quiet before the attack`)).toBe(50);
    // Of one application alone there is nothing to choose by.
    const alone = { 'CVE-1': label('web', 580, 620), 'CVE-2': label('web', 800, 850) };
    put('shil-syscalls/dev/labels.json', JSON.stringify(alone));
    expect((await detect(signal, false))(`${leftOut}: attacks detected`)).toBeNaN();
  });

  it('are left out by groups that are those of the product', () => {
    for (const [group, calls] of Object.entries(callGroups)) {
      for (const name of calls.split(' ')) {
        expect(classOfCall(name) === 'internal', name).toBe(group !== 'identity');
      }
    }
  });

  it('end in an error that names what is wrong with them', async ({ signal }) => {
    const test = 'shil-syscalls/dev/CVE-1/c1.test.tsv.gz';
    const wrong = async (path: string, text: string | undefined, message: RegExp) => {
      putTraces();
      if (text === undefined) rmSync(join(data, path));
      else put(path, text);
      expect(await problemsOf(signal)).toMatch(message);
    };
    await wrong(test, undefined, /CVE-1\/c1\.test\.tsv\.gz cannot be read: ENOENT/);
    await wrong(test, '', /c1\.test\.tsv\.gz has no rows/);
    await wrong(test, trace(40), /has 40 rows; labels\.json says 1000/);
    await wrong(test, trace(1000, { 41: '3:many' }), /line 42: "many" is no number/);
    await wrong(test, trace(1000, { 41: 'connect' }), /line 42: "connect" is no count of a call/);
    await wrong(test, trace(1000, { 41: '99:1' }), /line 42: "99:1" is no count of a call/);
    await wrong(test, trace(1000).replace('4100\t', '\t'), /line 42: "" is no number/);
    await wrong('shil-syscalls/syscalls.json', undefined, /syscalls\.json cannot be read: ENOENT/);
    await wrong(
      'shil-syscalls/dev/labels.json',
      '{"CVE-1":',
      /labels\.json is not as it should be: .*JSON/,
    );
    await wrong('shil-syscalls/dev/labels.json', '{}', /labels\.json names no traces/);
    putTraces();
    writeFileSync(join(data, test), 'not packed');
    expect(await problemsOf(signal)).toMatch(/c1\.test\.tsv\.gz cannot be read/);
  });
});

/** Forty letters that spell nothing, others for each number. */
function noise(seed: number): string {
  return Array.from({ length: 40 }, (_, at) => 'qxz7k3vj9w2p'[(at * at + seed * 7 + at) % 12]).join(
    '',
  );
}

describe('single names asked of DNS', () => {
  const heading = 'id\tlabel\ttype\tqname\n';
  const normals = Array.from(
    { length: 100 },
    (_, at) => `n${at}\tnormal\tnormal\twww.example.com\n`,
  );
  const attack = (id: number, tool: string, name: string) => `a${id}\tattack\t${tool}\t${name}\n`;

  it('give the area and the share that can be told by hand', async ({ signal }) => {
    const attacks = [
      attack(1, 'one', `${noise(1)}.evil.net`),
      attack(2, 'one', `${noise(2)}.evil.net`),
      attack(3, 'other', 'www.example.com'),
    ];
    put('dns-queries/dev/queries.tsv', heading + [...normals, ...attacks].join(''));
    const value = await detect(signal);
    // A tie with every normal counts half.
    expect(value('dns queries dev: area under the curve')).toBeCloseTo(2.5 / 3, 12);
    expect(value('dns queries dev: found at 1 % false alarms')).toBeCloseTo(2 / 3, 12);
    expect(value('dns queries, one left out: area under the curve')).toBe(1);
    expect(value('dns queries, other left out: area under the curve')).toBe(0.5);
    expect(readFileSync(join(out, 'dns-queries/dev.tsv'), 'utf8').trim().split('\n')).toHaveLength(
      103,
    );
  });

  it('may ask for the root, and name no tool', async ({ signal }) => {
    const evil = `${noise(1)}.evil.net`;
    const root = ['n101\tnormal\t\t\n', 'a2\tattack\t\t\n'];
    const rows = [...normals, attack(1, 'one', evil), ...root];
    put('dns-queries/dev/queries.tsv', heading + rows.join(''));
    // One attack is above all 101, the other like the root alone.
    const name = 'dns queries dev: area under the curve';
    expect((await detect(signal))(name)).toBeCloseTo(101.5 / 202, 12);
    const untold = ['r1\tnormal\t\n', 'n1\tnormal\twww.example.com\n', `a1\tattack\t${evil}\n`];
    put('dns-queries/dev/queries.tsv', `id\tlabel\tqname\n${untold.join('')}`);
    expect((await detect(signal))(name)).toBe(1);
  });

  it('end in an error that names what is wrong with them', async ({ signal }) => {
    for (const [text, message] of [
      ['', /queries\.tsv has no column "id"/],
      [heading, /queries\.tsv has no rows/],
      ['id\tlabel\ttype\nn1\tnormal\tnormal\n', /has no column "qname"/],
      [`${heading}n1\tnormal\tnormal\twww.example.com\nn2\tnormal\n`, /line 3: no query with id/],
      [heading + normals.join(''), /dev holds no attacks/],
    ] as const) {
      put('dns-queries/dev/queries.tsv', text);
      expect(await problemsOf(signal)).toMatch(message);
    }
  });
});

describe('captures of DNS', () => {
  const manifest = 'name\tlabel\n';
  const capture = (nameOf: (query: number) => string) =>
    `at_s\tqname\n${Array.from({ length: 600 }, (_, query) => `${query}\t${nameOf(query)}\n`).join('')}`;
  const ordinary = capture(() => 'www.example.com');

  function putCaptures(tunnel = capture((query) => `${noise(query)}.evil.net`)): void {
    const rows = 'quiet\tnormal\nloud\ttunnel\ndisguised\ttunnel\n';
    put('dns-graphtunnel/dev/manifest.tsv', manifest + rows);
    put('dns-graphtunnel/dev/quiet.tsv.gz', ordinary);
    put('dns-graphtunnel/dev/loud.tsv.gz', tunnel);
    put('dns-graphtunnel/dev/disguised.tsv.gz', ordinary);
  }

  it('give the area that can be told by hand', async ({ signal }) => {
    putCaptures();
    const value = await detect(signal);
    const name = 'dns tunnels dev, 1 of 100 queries';
    // Six windows each: one tunnel is told from all that is normal, the other from nothing.
    expect(value(`${name}: area under the curve`)).toBe(0.75);
    expect(value(`${name}: found at 1 % false alarms`)).toBe(0.5);
    expect(value('dns tunnels dev: normal domains told of')).toBe(0);
    const all = await detect(signal, false);
    expect(all('dns tunnels, 1 of 100 queries, loud left out: area')).toBe(1);
    expect(all('dns tunnels, 1 of 100 queries, disguised left out: area')).toBe(0.5);
  });

  it('end in an error that names what is wrong with them', async ({ signal }) => {
    const wrong = async (path: string, text: string | undefined, message: RegExp) => {
      putCaptures();
      if (text === undefined) rmSync(join(data, 'dns-graphtunnel/dev', path));
      else put(`dns-graphtunnel/dev/${path}`, text);
      expect(await problemsOf(signal)).toMatch(message);
    };
    await wrong('manifest.tsv', manifest, /manifest\.tsv has no rows/);
    await wrong('manifest.tsv', `${manifest}quiet\todd\n`, /line 2: no capture that is tunnel or/);
    await wrong('loud.tsv.gz', undefined, /loud\.tsv\.gz cannot be read: ENOENT/);
    await wrong('loud.tsv.gz', '', /loud\.tsv\.gz has no rows/);
    await wrong(
      'loud.tsv.gz',
      'at_s\tqname\nsoon\twww.example.com\n',
      /line 2: "soon" is no number/,
    );
    await wrong('loud.tsv.gz', 'at_s\tqname\n1\ta.example\n2\n', /line 3: no name/);
    await wrong('manifest.tsv', `${manifest}quiet\tnormal\n`, /dev holds no tunnels/);
  });
});

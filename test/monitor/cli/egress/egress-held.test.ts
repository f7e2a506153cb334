import { expect, test } from 'vitest';
import { parseCommand } from '../../../../monitor/cli/arguments.ts';
import type { Context } from '../../../../monitor/cli/context.ts';
import { runEgress } from '../../../../monitor/cli/egress/egress.ts';
import { questionLines } from '../../../../monitor/cli/egress/held-words.ts';
import { offersFor } from '../../../../monitor/egress/ask/offers.ts';
import type { HeldQuestion } from '../../../../monitor/model/held.ts';
import { createMonitorClient } from '../../../../monitor/rpc/client.ts';
import { serveMonitor } from '../../../../monitor/rpc/server.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { fakeQuestion } from '../../rpc/fake-egress-service.ts';
import { createFakeService } from '../../rpc/fake-service.ts';
import { createPortPair } from '../../rpc/port-pair.ts';
import { createMemoryTerminal, hostileNames, steeringCharacters } from '../memory-terminal.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Runs `sentra egress …` against a monitor that holds these. */
async function run(line: string, questions: readonly HeldQuestion[] = [fakeQuestion()]) {
  const ports = createPortPair();
  const fake = Object.assign(createFakeService(), { egressHeld: () => ({ questions }) });
  serveMonitor(fake, ports.server, { program: '1', engineId: 'E', logger: silentLogger });
  const client = await createMonitorClient(ports.client, { program: '1' });
  if (!client.ok) throw new Error(client.error);
  const terminal = createMemoryTerminal();
  const parsed = parseCommand(['egress', ...line.split(' ')]);
  if (!parsed.ok) throw new Error(parsed.error.message);
  if (parsed.value.name !== 'egress') throw new Error(parsed.value.name);
  const context = { terminal, workingFolder: '/' } as unknown as Context;
  const code = await runEgress(parsed.value, client.value, context);
  client.value.close();
  return { code, out: terminal.written, complaints: terminal.complaints.join('\n') };
}

test('Each question says who wants to reach what, for how long it is held, and what would decide.', () => {
  const question = fakeQuestion({
    offers: [
      { rule: { verdict: 'allow', target: 'api.test', protocol: 'tcp', port: 443 }, matched: 7 },
      { rule: { verdict: 'allow', target: '*.test' }, matched: 40 },
      { rule: { verdict: 'deny', target: 'api.test' }, matched: 0 },
    ],
    destinations: 412,
  });
  const lines = questionLines(question, 30_000).map((line) =>
    line.replace(/\d\d:\d\d:\d\d/, 'hh:mm:ss'),
  );
  expect(lines).toEqual([
    'a1a1a1a1  agent (agent:1) wants to reach api.test, TCP port 443',
    '  since hh:mm:ss, tried 3 times; held for 90 s more; nothing is on record yet',
    '  allow 1  api.test, TCP port 443  [would have matched 7 of the 412 destinations of the past day]',
    '  allow 2  *.test  [would have matched 40 of the 412 destinations of the past day]',
    '  deny 1  api.test  [would have matched 0 of the 412 destinations of the past day]',
  ]);
});

test.each<[Partial<HeldQuestion>, string]>([
  [{ lastVisit: 20 * day - 3 * day, recordedSince: day }, 'was there 3 days ago'],
  [{ lastVisit: 20 * day - 3 * hour, recordedSince: day }, 'was there 3 h ago'],
  [{ recordedSince: 8 * day }, 'not in the 12 days on record'],
  [{}, 'nothing is on record yet'],
  [{ state: { kind: 'deferred' } }, 'put off: refused until somebody answers'],
  [{ state: { kind: 'unanswered', quietUntil: 20 * day + 240_000 } }, 'not asked again for 4 min'],
  [{ state: { kind: 'unanswered', quietUntil: 20 * day } }, 'asked again when it tries again'],
  [{ name: undefined, address: '192.0.2.7' }, 'wants to reach 192.0.2.7, TCP port 443'],
])('What is known of it is said: %j', (change, words) => {
  expect(questionLines(fakeQuestion(change), 20 * day).join('\n')).toContain(words);
});

test('All that is held is listed with how to answer; where nothing is, that is said.', async () => {
  const { code, out } = await run('held');
  expect(code).toBe(0);
  expect(out).toContain('agent (agent:1) wants to reach api.test');
  expect(out).toContain('sentra egress held ID allow|deny [N], refuse or defer');
  expect(await run('held', [])).toMatchObject({
    code: 0,
    out: expect.stringContaining('Nothing is held.') as string,
  });
});

test.each([
  ['allow', 'allow {"target":"api.test","protocol":"tcp","port":443}'],
  ['allow 2 --for 15m', 'allow {"target":"api.test","lifetime":"15-minutes"}'],
  ['allow 2 --local --note build', 'allow {"target":"api.test","local":true,"note":"build"}'],
  ['deny', 'deny {"target":"api.test"}'],
  ['deny 1 --for container', 'deny {"target":"api.test","lifetime":"container"}'],
  ['refuse', `refuse ${'a1'.repeat(8)}`],
  ['defer', `defer ${'a1'.repeat(8)}`],
])('"held ID %s" has the monitor do just that.', async (words, request) => {
  for (const id of ['a', 'a1'.repeat(8)]) {
    const { code, out, complaints } = await run(`held ${id} ${words}`);
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
    expect(out).toContain(`\n${request}\n`);
    expect(out).toMatch(/^agent: /);
  }
});

test.each([
  ['b allow', 'Nothing is held whose ID begins with b'],
  ['a1 allow', 'Several IDs begin with a1'],
  ['a1a allow 3', 'There is no rule 3 to allow it: 2 are offered'],
  ['a1a deny 2', 'There is no rule 2 to deny it: 1 is offered'],
])('"held %s" fails, and says why.', async (words, complaint) => {
  const other = fakeQuestion({ id: 'a1b'.padEnd(16, '0'), name: 'other.test' });
  const { code, complaints, out } = await run(`held ${words}`, [fakeQuestion(), other]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(complaints).toContain(complaint);
  expect(complaints.includes('Several')).toBe(complaints.includes('other.test, TCP port 443'));
});

test.each([
  ['held web allow', 'digits and the letters a to f'],
  ['held a1', 'allow, deny, refuse or defer'],
  ['held a1 keep', 'allow, deny, refuse or defer'],
  ['held a1 allow 0', 'one number of an offered rule'],
  ['held a1 allow 1 2', 'one number of an offered rule'],
  ['held a1 refuse 1', 'takes nothing more'],
  ['held a1 refuse --for 15m', 'refuse makes none'],
  ['held a1 deny --local', '--local belongs to allow'],
  ['held a1 allow --for days', '--for is one of once, 15m'],
  ['held a1 allow --port 1', '--port belongs to'],
  ['held --for 15m', 'belong to an answer'],
])('"%s" is not understood, and says what would be.', (line, words) => {
  const parsed = parseCommand(['egress', ...line.split(' ')]);
  expect(parsed.ok).toBe(false);
  expect(JSON.stringify(parsed)).toContain(words);
});

test('A number stands for the rule that was read, or for none: the container may try more meanwhile.', async () => {
  const web = { protocol: 'tcp', port: 443 } as const;
  const about = (...others: HeldQuestion['others']): HeldQuestion => {
    const question = fakeQuestion({ others });
    return { ...question, offers: offersFor(question, []) };
  };
  const alone = about();
  const both = about({ ...web, protocol: 'udp' });
  const more = about({ ...web, protocol: 'udp' }, { ...web, port: 22 });
  const idOf = (question: HeldQuestion) => questionLines(question, 0)[0]?.split(' ')[0] ?? '';
  for (const [seen, now] of [
    [alone, both],
    [both, more],
    [both, alone],
  ] as const) {
    const { code, out, complaints } = await run(`held ${idOf(seen)} allow`, [now]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(complaints).toContain('asks for something else');
    expect(complaints).toContain(idOf(now));
    // It is refused all the same.
    expect((await run(`held ${idOf(seen)} refuse`, [now])).code).toBe(0);
  }
  const { code, out } = await run(`held ${idOf(both)} allow`, [both]);
  expect({ code, out }).toMatchObject({
    code: 0,
    out: expect.stringContaining('port 443') as string,
  });
  expect((await run(`held ${both.id} allow`, [both])).code).toBe(0);
});

test('The list and every answer have their JSON.', async () => {
  for (const line of ['held', 'held a allow', 'held a deny', 'held a refuse', 'held a defer']) {
    const { out } = await run(`${line} --json`);
    expect(JSON.parse(out), line).toMatchObject({ type: 'egress-held', held: {} });
  }
});

test('Nothing that a container chose steers the terminal.', async () => {
  for (const hostile of hostileNames) {
    const question = fakeQuestion({ containerName: hostile, image: hostile, name: hostile });
    const other = { ...question, id: 'a2'.repeat(8) };
    for (const line of ['held', 'held --json', 'held a1 defer', 'held a allow']) {
      const { out, complaints } = await run(line, [question, other]);
      expect(`${out}${complaints}`.replaceAll('\n', '')).not.toMatch(steeringCharacters);
    }
  }
});

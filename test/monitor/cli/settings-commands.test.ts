import { expect, test } from 'vitest';
import { runAcknowledge } from '../../../monitor/cli/acknowledge.ts';
import { parseCommand } from '../../../monitor/cli/arguments.ts';
import { applyEvent, createBoard } from '../../../monitor/cli/watch/board.ts';
import { runBudget } from '../../../monitor/cli/budget.ts';
import type { Context } from '../../../monitor/cli/context.ts';
import { eventLine } from '../../../monitor/cli/watch/event-line.ts';
import { runRetention } from '../../../monitor/cli/retention.ts';
import { createMonitorClient } from '../../../monitor/rpc/client.ts';
import { serveMonitor } from '../../../monitor/rpc/server.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { ok } from '../../../monitor/runtime/result.ts';
import {
  createFakeService,
  fakeFinding,
  fakeView,
  fakeWorkload,
  type FakeService,
} from '../rpc/fake-service.ts';
import { createPortPair } from '../rpc/port-pair.ts';
import { createMemoryTerminal, hostileNames, steeringCharacters } from './memory-terminal.ts';

/** Runs a command against a monitor at the other end of a port. */
async function run(
  line: string,
  service: FakeService,
): Promise<{ code: number; out: string; complaints: string }> {
  const ports = createPortPair();
  serveMonitor(service, ports.server, { program: '1', engineId: 'E', logger: silentLogger });
  const client = await createMonitorClient(ports.client, { program: '1' });
  if (!client.ok) throw new Error(client.error);
  const terminal = createMemoryTerminal();
  const context = { terminal } as unknown as Context;
  const parsed = parseCommand(line.split(' '));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const command = parsed.value;
  const code =
    command.name === 'acknowledge'
      ? await runAcknowledge(command, client.value, context)
      : command.name === 'retention'
        ? await runRetention(command, client.value, context)
        : command.name === 'budget'
          ? await runBudget(command, client.value, context)
          : Number.NaN;
  client.value.close();
  return { code, out: terminal.written, complaints: terminal.complaints.join('\n') };
}

const builder = fakeWorkload('builder', 'b0b0');
const web = fakeWorkload('web', 'cafe');
const cpu = fakeFinding(builder, { id: 'f-cpu' });
const drift = fakeFinding(builder, { id: 'f-drift', kind: 'drift', sentence: 'Grows slowly.' });
const upload = fakeFinding(web, { id: 'f-up', kind: 'sustained-upload', sentence: 'Sends much.' });

function serviceWith(...findings: FakeService['knownFindings']): FakeService {
  const service = createFakeService([fakeView(builder), fakeView(web)]);
  service.knownFindings = findings;
  return service;
}

test('An upload that is over is acknowledged where no open finding is meant, the latest of them.', async () => {
  const over = { ...upload, id: 'over-2', status: 'closed' } as const;
  const service = serviceWith(cpu, over, { ...over, id: 'over-1' }, { ...cpu, status: 'closed' });
  const asked: string[] = [];
  const { words } = service.snapshot().triage;
  service.acknowledge = ({ finding }) => {
    asked.push(finding);
    // Nothing stands of one that is over: it is learned at once.
    const said = { says: 'normal', finding, at: 5 } as const;
    return ok({ words: finding === 'over-2' ? words : [said], mutes: [] });
  };
  const { code, out } = await run('acknowledge web', service);
  expect(code).toBe(0);
  expect(out).toMatch(/^Acknowledged; what it showed is learned as normal: /);
  await run('acknowledge builder', service);
  expect(asked).toEqual(['over-2', 'f-cpu']);
});

test.each([
  ['web', 'f-up'],
  ['web/sustained-upload', 'f-up'],
  ['builder/drift', 'f-drift'],
  ['f-cpu', 'f-cpu'],
])('"%s" acknowledges the one finding that it means.', async (word, id) => {
  const service = serviceWith(cpu, drift, upload);
  const json = await run(`acknowledge ${word} --json`, service);
  expect(json.code).toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({
    type: 'triage',
    finding: id,
    triage: { words: [{ says: 'normal', finding: id }] },
  });
  const said = await run(`acknowledge ${word}`, service);
  expect(said.out).toMatch(/^Acknowledged; what it shows is learned as normal from now on: /);
  const undone = await run(`acknowledge ${word} --undo --json`, service);
  expect(JSON.parse(undone.out)).toMatchObject({ triage: { words: [] } });
});

test('A word that fits several findings, or none, changes nothing and names what may be meant.', async () => {
  const service = serviceWith(cpu, drift, upload);
  const several = await run('acknowledge builder', service);
  expect(several).toMatchObject({ code: 1, out: '' });
  expect(several.complaints).toContain('"builder" fits 2 open findings.');
  expect(several.complaints).toContain('builder/drift  f-drift');
  expect(several.complaints).not.toContain('web/');
  const none = await run('acknowledge db', service);
  expect(none.complaints).toContain('No open finding fits "db".');
  expect(none.complaints).toContain('web/sustained-upload');
  const idle = await run('acknowledge db', serviceWith());
  expect(idle.complaints).toBe(
    'No open finding fits "db".\nNone is open. Those that are over: sentra findings --all',
  );
});

test.each(['shop', 'shop/sustained-upload', 'x/shop', 'x/shop/sustained-upload', 'cafe', 'CAFE00'])(
  '"%s" is a container for acknowledge too: a compose service, or the digits of an id.',
  async (word) => {
    const shop = fakeWorkload('web', 'cafe', { composeProject: 'x', composeService: 'shop' });
    const service = createFakeService([fakeView(builder), fakeView(shop)]);
    service.knownFindings = [cpu, { ...upload, container: shop.container }];
    const { code, out } = await run(`acknowledge ${word}`, service);
    expect(code).toBe(0);
    expect(out).toContain('web: Sends much.');
  },
);

test.each(['acknowledge cafe', 'acknowledge cafe/sustained-upload', 'acknowledge --false cafe'])(
  '"%s" is refused where it is the name of one container and fits another one too.',
  async (line) => {
    const posing = fakeWorkload('cafe', 'd0d0');
    const service = createFakeService([fakeView(web), fakeView(posing)]);
    service.knownFindings = [{ ...upload, container: posing.container }];
    const { code, complaints } = await run(line, service);
    expect(code).toBe(1);
    expect(complaints).toContain('fits several containers');
    expect(complaints).toContain('cafe/sustained-upload  f-up');
    expect(service.state.triage.words).toEqual([]);
  },
);

test('What the monitor refuses is said with what to do, and ends with 1.', async () => {
  const { code, complaints } = await run(
    'acknowledge nothing',
    serviceWith(fakeFinding(builder, { id: 'nothing' })),
  );
  expect(code).toBe(1);
  expect(complaints).toBe('There is none.\nLook.');
});

test('What containers are called never steers the terminal.', async () => {
  for (const name of hostileNames) {
    const workload = fakeWorkload(name, 'd0d0');
    const service = createFakeService([fakeView(workload)]);
    const findings = [fakeFinding(workload, { id: 'one' }), fakeFinding(workload, { id: 'two' })];
    service.knownFindings = findings;
    const several = await run('acknowledge none', service);
    const one = await run('acknowledge one', service);
    for (const text of [several.out, several.complaints, one.out, one.complaints]) {
      expect(text.replaceAll('\n', '')).not.toMatch(steeringCharacters);
    }
  }
});

test('Retention is shown; what is given is set and the rest stays.', async () => {
  const service = serviceWith();
  const shown = await run('retention', service);
  expect(shown.out).toBe(
    'Keeps what happened for 180 days, in at most 256 MB.\nThe record has 1.5 MB: /state/record.db\n',
  );
  expect((await run('retention --days 1', service)).out).toContain('for 1 day, in');
  expect((await run('retention --days 30', service)).out).toContain('30 days, in at most 256 MB');
  const json = await run('retention --megabytes 64 --json', service);
  expect(JSON.parse(json.out)).toMatchObject({
    type: 'retention',
    retention: { days: 30, megabytes: 64 },
  });
});

test('What is simulated is marked.', async () => {
  const service = serviceWith(cpu);
  service.state = { ...service.state, simulated: true };
  expect((await run('retention', service)).out).toMatch(/^SIMULATED /);
  expect((await run('acknowledge f-cpu', service)).out).toMatch(/^SIMULATED /);
});

test.each([
  ['acknowledge', 'acknowledge takes one finding.'],
  ['acknowledge a b', 'acknowledge takes one finding, not 2.'],
  ['retention --days 0', '--days does not take "0".'],
  ['retention --days 1.5', '--days does not take "1.5".'],
  ['retention --megabytes 901', '--megabytes does not take "901".'],
  ['retention --days', 'argument missing'],
])('"%s" is answered with what is wrong.', (line, message) => {
  const parsed = parseCommand(line.split(' '));
  expect(parsed.ok ? '' : parsed.error.message).toContain(message);
});

test('A watch tells of what a person said of findings in one line.', () => {
  const service = serviceWith();
  const board = createBoard(service.state, [], []);
  const at = service.state.at;
  const words = [
    { says: 'normal', finding: 'f-cpu', at },
    { says: 'false-alarm', finding: 'f-up', at },
  ] as const;
  const triage = { words, mutes: [] };
  const event = { kind: 'triage', at, triage } as const;
  expect(eventLine(board, event)).toMatch(
    /triage {2}1 acknowledged finding, 1 false alarm, 0 mutes$/,
  );
  applyEvent(board, event);
  expect(board.snapshot.triage).toEqual(triage);
});

test('The budget of false alarms is shown with what it comes to, and set to the side it goes.', async () => {
  const service = serviceWith();
  const shown = await run('budget', service);
  expect(shown.code).toBe(0);
  expect(shown.out).toContain('At most 1 alarm a day of one container that prove false.');
  expect(shown.out).toContain('builder: expected 0.25 a day, too new to say what it is; 2 alarms');
  expect(shown.out).toContain('1 called false');
  expect(shown.out).toContain('What goes 4.0 times beyond all that it has done is told.');
  expect((await run('budget 0.2', service)).out).toContain('At most 0.2 alarms a day');
  expect((await run('budget 5', service)).out).toContain('At most 5 alarms a day');
  expect(service.alarms().alarmsPerDay).toBe(5);
  const json = JSON.parse((await run('budget --json', service)).out) as Record<string, unknown>;
  expect(json).toMatchObject({ type: 'alarms', alarms: { alarmsPerDay: 5 } });
});

test('The budget takes a number from a hundredth to a hundred.', () => {
  for (const word of ['0', '-1', '101', 'one', '1e1', '0.001']) {
    expect(parseCommand(['budget', '--', word]).ok).toBe(false);
  }
  expect(parseCommand(['budget', '1', '2']).ok).toBe(false);
  expect(parseCommand(['budget', '0.5'])).toMatchObject({ value: { alarmsPerDay: 0.5 } });
});

test('A false alarm is marked by its container and kind, though it is over; the latest is meant.', async () => {
  const shift = { kind: 'level-shift', status: 'closed' } as const;
  const service = serviceWith(
    fakeFinding(builder, { id: 'new', ...shift }),
    fakeFinding(builder, { id: 'old', ...shift }),
  );
  const marked = await run('acknowledge --false builder/level-shift', service);
  expect(marked.code).toBe(0);
  expect(marked.out).toContain('Counted as a false alarm: ');
  const words = [{ says: 'false-alarm', finding: 'new', at: 6 }] as const;
  expect(service.markFalse({ finding: 'new' })).toMatchObject({ value: { words } });
  expect(parseCommand(['acknowledge', 'x', '--false', '--undo']).ok).toBe(false);
  // Taken back though it is over; the one that was not marked is not meant.
  service.state = { ...service.state, triage: { words, mutes: [] } };
  const undone = await run('acknowledge --undo builder/level-shift', service);
  expect(undone.out).toContain(
    'Not counted as a false alarm any more; what it shows is not learned',
  );
  expect(service.acknowledge({ finding: 'x' })).toMatchObject({
    value: { words: [{ finding: 'x' }] },
  });
});

import { expect, test } from 'vitest';
import { applyEvent, createBoard } from '../../../../monitor/cli/watch/board.ts';
import type { Board } from '../../../../monitor/cli/watch/board.ts';
import { createPaint } from '../../../../monitor/cli/terminal/colour.ts';
import { frameLines } from '../../../../monitor/cli/watch/frame.ts';
import { openScreen } from '../../../../monitor/cli/terminal/screen.ts';
import { displayWidth } from '../../../../monitor/cli/terminal/width.ts';
import { sensorNames } from '../../../../monitor/model/coverage.ts';
import type { HeldQuestion } from '../../../../monitor/model/held.ts';
import type { MonitorSnapshot } from '../../../../monitor/rpc/service/service.ts';
import { fakeQuestion } from '../../rpc/fake-egress-service.ts';
import {
  fakeAction,
  fakeFinding,
  fakeReading,
  fakeSnapshot,
  fakeView,
  fakeWorkload,
  scriptTime,
} from '../../rpc/fake-service.ts';
import { createMemoryTerminal, hostileNames, steeringCharacters } from '../memory-terminal.ts';

const bare = createPaint(false);
const since = scriptTime - 60_000;

function exampleBoard(change: Partial<MonitorSnapshot> = {}): Board {
  const miner = fakeWorkload('research-agent-1', 'feed');
  const held = fakeWorkload('shop-web-1', 'cafe', { state: 'paused' });
  const blind = fakeWorkload('quiet', 'b11d');
  const fresh = fakeWorkload('docs-writer', 'd0c5', {
    limits: { memoryBytes: undefined, cpus: undefined, pids: undefined },
  });
  return createBoard(
    fakeSnapshot(
      [
        fakeView(fakeWorkload('builder', 'b0b0')),
        fakeView(fresh, {
          learning: { state: 'learning', until: scriptTime + 60_000 },
          resource: fakeReading(fresh, { memoryLimited: false, network: undefined }),
        }),
        fakeView(miner, {
          findings: { open: 2, worst: 'high' },
          resource: fakeReading(miner, { cpuCores: 7.97, pids: 64 }),
        }),
        fakeView(held, {
          containment: {
            container: held.container,
            workload: held.key,
            name: held.name,
            depth: 'frozen',
            since,
            undo: {
              pausedBySentra: true,
              networks: [],
              restartPolicy: undefined,
              limits: undefined,
            },
            holes: [],
          },
          resource: fakeReading(held, { at: since }),
        }),
        fakeView(blind, {
          coverage: [
            {
              sensor: 'resource',
              sight: { state: 'partly', reason: 'CPU time advances, nothing else does' },
              since,
              dropped: 0,
            },
            {
              sensor: 'lifecycle',
              sight: { state: 'blind', reason: 'no event for 60 s while its processes changed' },
              since,
              dropped: 3,
            },
            { sensor: 'process', sight: { state: 'starting' }, since, dropped: 0 },
          ],
        }),
        fakeView(fakeWorkload('job', '10b0', { state: 'exited' }), { resource: undefined }),
      ],
      change,
    ),
    [fakeFinding(miner)],
    [fakeAction(held, { requester: { kind: 'policy', decision: 'd', rule: 'contain runaways' } })],
  );
}

const draw = (board: Board, columns: number, rows = 24): readonly string[] =>
  // Times of day are those of the machine's zone.
  frameLines(board, { columns, rows }, bare).map((line) =>
    line.replace(/\d\d:\d\d:\d\d/, 'hh:mm:ss').trimEnd(),
  );

test('At 80 columns the whole table is there.', () => {
  expect(draw(exampleBoard(), 80)).toMatchInlineSnapshot(`
    [
      "Sentra  workshop  Docker 27.3.1  unix:///var/run/docker.sock            hh:mm:ss",
      "observe  6 containers  Sentra 0.4% CPU 71M  policy built in",
      "",
      "STATE      NAME               CPU   MEM LIMIT  PIDS  IN/s OUT/s SEES  OPEN",
      "finding    research-agent-1  797%  128M   25%    64  2.0K  512B RL.   2 high",
      "contained  shop-web-1           -     -     -     -     -     - RL.",
      "blind      quiet              12%  128M   25%    17  2.0K  512B r!?",
      "learning   docs-writer        12%  128M     -    17     -     - RL.",
      "calm       builder            12%  128M   25%    17  2.0K  512B RL.",
      "exited     job                  -     -     -     -     -     -",
      "quiet: the resource sensor sees only in part: CPU time advances, nothing else d…",
      "quiet: the lifecycle sensor is blind: no event for 60 s while its processes cha…",
      "SEES Res Life Proc Sys Egress; small partly ! blind - nobody . asked ? not yet",
      "",
      "hh:mm:ss  high      research-agent-1: Has used 1.97 cores for 5 s; up to 0.20 is",
      "                    normal for it. (T1496 Resource Hijacking)",
      "hh:mm:ss  action    paused shop-web-1: The engine says it is paused, and it used",
      "                    no CPU time. [rule contain runaways]",
    ]
  `);
});

test('At 120 columns it has air.', () => {
  expect(draw(exampleBoard({ simulated: true }), 120)).toMatchInlineSnapshot(`
    [
      "SIMULATED  workshop  Docker 27.3.1  unix:///var/run/docker.sock                                                 hh:mm:ss",
      "observe  6 containers  Sentra 0.4% CPU 71M  policy built in",
      "",
      "STATE       NAME                                               CPU    MEM  LIMIT   PIDS   IN/s  OUT/s  SEES   OPEN",
      "finding     research-agent-1                                  797%   128M    25%     64   2.0K   512B  RL.    2 high",
      "contained   shop-web-1                                           -      -      -      -      -      -  RL.",
      "blind       quiet                                              12%   128M    25%     17   2.0K   512B  r!?",
      "learning    docs-writer                                        12%   128M      -     17      -      -  RL.",
      "calm        builder                                            12%   128M    25%     17   2.0K   512B  RL.",
      "exited      job                                                  -      -      -      -      -      -",
      "quiet: the resource sensor sees only in part: CPU time advances, nothing else does",
      "quiet: the lifecycle sensor is blind: no event for 60 s while its processes changed",
      "SEES Res Life Proc Sys Egress; small partly ! blind - nobody . asked ? not yet",
      "",
      "hh:mm:ss  high      research-agent-1: Has used 1.97 cores for 5 s; up to 0.20 is normal for it. (T1496 Resource",
      "                    Hijacking)",
      "hh:mm:ss  action    paused shop-web-1: The engine says it is paused, and it used no CPU time. [rule contain runaways]",
    ]
  `);
});

test('At 50 columns what matters least has gone.', () => {
  expect(draw(exampleBoard(), 50)).toMatchInlineSnapshot(`
    [
      "Sentra  workshop  Docker 27.3.1  unix:/…  hh:mm:ss",
      "observe  6 containers  Sentra 0.4% CPU 71M  polic…",
      "",
      "STATE      NAME         CPU   MEM SEES  OPEN",
      "finding    research-…  797%  128M RL.   2 high",
      "contained  shop-web-1     -     - RL.",
      "blind      quiet        12%  128M r!?",
      "learning   docs-writ…   12%  128M RL.",
      "calm       builder      12%  128M RL.",
      "exited     job            -     -",
      "quiet: the resource sensor sees only in part: CPU…",
      "quiet: the lifecycle sensor is blind: no event fo…",
      "SEES Res Life Proc Sys Egress; small partly ! bli…",
      "",
      "hh:mm:ss  high      research-agent-1: Has used",
      "                    1.97 cores for 5 s; up to 0.2…",
      "hh:mm:ss  action    paused shop-web-1: The engine",
      "                    says it is paused, and it use…",
    ]
  `);
});

test('Each sensor that there is has its letter, at any width.', () => {
  const views = [true, false].map((isSeeing) =>
    fakeView(fakeWorkload(isSeeing ? 'seen' : 'unseen', isSeeing ? 'feed' : 'cafe'), {
      coverage: sensorNames.map((sensor) => ({
        ...{ sensor, since, dropped: 0 },
        sight: isSeeing ? { state: 'seeing' } : { state: 'blind', reason: 'x', lasting: true },
      })),
    }),
  );
  for (const columns of [50, 80, 120]) {
    const text = draw(createBoard(fakeSnapshot(views), [], []), columns).join('\n');
    expect(text).toMatch(/ RLPSE$/m);
    expect(text).toMatch(/ -----$/m);
  }
});

test('An open finding stands at the time at which it began, however often it is told again.', () => {
  const workload = fakeWorkload('builder', 'feed');
  const began = (minute: number) => Date.UTC(2026, 0, 1, 12, minute);
  const finding = (minute: number) =>
    fakeFinding(workload, {
      ...{ id: `f${minute}`, onsetAt: began(minute), at: began(59), sentence: `No. ${minute}.` },
    });
  // The oldest was told last.
  const findings = [10, 11, 12, 13, 14, 15, 16].map(finding);
  const board = createBoard(fakeSnapshot([fakeView(workload)]), findings, []);
  const told = frameLines(board, { columns: 80, rows: 24 }, bare).slice(-6);
  expect(told.map((line) => line.replace(/^\d\d:(\d\d:\d\d) .*: /, '$1 '))).toEqual(
    [11, 12, 13, 14, 15, 16].map(
      (minute) => `${minute}:00 No. ${minute}. (T1496 Resource Hijacking)`,
    ),
  );
});

test('A lost connection, a broken policy and losses stand at the top.', () => {
  const board = exampleBoard({
    connection: {
      state: 'reconnecting',
      since: scriptTime - 12_000,
      error: 'The engine closed the connection.',
    },
    losses: [
      { what: 'engine events', count: 7 },
      { what: 'records', count: 0 },
    ],
    policy: {
      source: 'policy.yaml',
      mode: 'enforce',
      problems: [
        { severity: 'error', line: 4, column: 3, message: 'There is no action "freeze".' },
      ],
      loadedAt: since,
    },
  });
  expect(draw(board, 80).slice(1, 6)).toMatchInlineSnapshot(`
    [
      "enforce  6 containers  Sentra 0.4% CPU 71M  policy policy.yaml",
      "NOT CONNECTED for 12 seconds: The engine closed the connection.",
      "The policy file is broken, the last good one stays: line 4: There is no action",
      "  "freeze".",
      "Lost: engine events (7)",
    ]
  `);
});

test('The heading says how many containers are not watched.', () => {
  expect(draw(exampleBoard({ leftOut: 2 }), 80)[1]).toContain('6 containers (2 not watched)');
});

test('The heading says how many connections wait for an answer.', () => {
  const waiting = fakeQuestion();
  const deferred = fakeQuestion({ id: 'd', state: { kind: 'deferred' } });
  const heading = (held: readonly HeldQuestion[]) => draw(exampleBoard({ held }), 80).join('\n');
  expect(heading([waiting, deferred])).toContain(
    '1 connection is held until somebody answers: sentra egress held',
  );
  expect(heading([waiting, waiting])).toContain('2 connections are held until');
  expect(heading([deferred])).not.toContain('until somebody answers');
});

test('With more containers than rows the urgent ones stay, and the rest is counted.', () => {
  const views = Array.from({ length: 300 }, (_, index) =>
    fakeView(
      fakeWorkload(`agent-${index}`, index.toString(16).padStart(4, '0')),
      index === 250 ? { findings: { open: 1, worst: 'critical' } } : {},
    ),
  );
  const lines = draw(createBoard(fakeSnapshot(views), [], []), 80);
  expect(lines).toHaveLength(24);
  expect(lines[4]).toContain('agent-250');
  expect(lines.join('\n')).toMatch(/… and 282 containers more: 282 calm/);
});

test('No frame is wider or higher than the terminal, whatever containers are called.', () => {
  for (const name of hostileNames) {
    const workload = fakeWorkload(name, 'feed', { image: name, key: name });
    const view = fakeView(workload, {
      findings: { open: 1, worst: 'low' },
      coverage: [
        { sensor: 'resource', sight: { state: 'blind', reason: name }, since, dropped: 0 },
      ],
    });
    const policy = {
      source: name,
      mode: 'observe',
      problems: [{ severity: 'error', line: 1, column: 1, message: name }],
      loadedAt: 0,
    } as const;
    const losses = [{ what: name, count: 1 }];
    const connection = { state: 'reconnecting', since, error: name } as const;
    const finding = fakeFinding(workload, { sentence: `${name} `.repeat(40) });
    const action = fakeAction(workload, {
      outcome: { state: 'partly', proof: name, holes: [name] },
    });
    const board = createBoard(
      fakeSnapshot([view], { policy, losses, connection }),
      [finding],
      [action],
    );
    for (const columns of [40, 57, 80, 120, 200]) {
      const lines = frameLines(board, { columns, rows: 24 }, bare);
      expect(lines.length).toBeLessThanOrEqual(24);
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(steeringCharacters);
      }
    }
  }
});

test('Only the lines that changed are written again.', () => {
  const terminal = createMemoryTerminal({ isLive: true });
  const screen = openScreen(terminal);
  screen.draw(['one', 'two', 'three']);
  terminal.written = '';
  screen.draw(['one', 'TWO']);
  expect(terminal.written).toBe(
    '\u001b[?2026h\u001b[2;1H\u001b[2KTWO\u001b[3;1H\u001b[2K\u001b[?2026l',
  );
  terminal.written = '';
  screen.draw(['one', 'TWO']);
  expect(terminal.written).toBe('');
  screen.close();
  expect(terminal.written).toBe('\u001b[?25h\u001b[?1049l');
});

test('Events bring the board up to date.', () => {
  const board = exampleBoard();
  const view = [...board.workloads.values()].find(({ workload }) => workload.name === 'builder')!;
  const { workload } = view;
  const at = scriptTime + 1000;
  const of = { at, workload: workload.key, container: workload.container };
  applyEvent(board, {
    kind: 'observations',
    leftOut: 2,
    at,
    observations: [fakeReading(workload, { at, cpuCores: 3 })],
    cost: { cpuCores: 0.01, residentBytes: 1 },
  });
  applyEvent(board, {
    ...of,
    kind: 'coverage',
    coverage: {
      sensor: 'lifecycle',
      sight: { state: 'blind', reason: 'x' },
      since: at,
      dropped: 0,
    },
  });
  const updated = board.workloads.get(workload.container)!;
  expect(updated.resource?.cpuCores).toBe(3);
  expect(updated.coverage.map(({ sight }) => sight.state)).toEqual([
    'seeing',
    'blind',
    'on-demand',
  ]);
  const started = fakeAction(workload, { id: 'a2', outcome: { state: 'started' } });
  applyEvent(board, { kind: 'action', at, action: started });
  applyEvent(board, {
    kind: 'action',
    at,
    action: { ...started, outcome: { state: 'proved', proof: 'x' } },
  });
  expect(board.seen.actions).toBe(1);
  applyEvent(board, { kind: 'workload', at, change: 'gone', view });
  expect(board.workloads.has(workload.container)).toBe(false);
  expect(board.snapshot.at).toBe(at);
});

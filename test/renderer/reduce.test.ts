import { describe, expect, test } from 'vitest';
import { reduce, type Message } from '../../renderer/state/reduce.ts';
import {
  initialState,
  mostFindings,
  type Note,
  type ViewState,
} from '../../renderer/state/view-state.ts';
import { action, decision, finding, idOf, noon, reading, snapshot, view } from './fixtures.ts';

const after = (...messages: readonly Message[]): ViewState =>
  messages.reduce<ViewState>(reduce, initialState);

const first: Message = { kind: 'snapshot', snapshot: snapshot([view(1), view(2)]) };

type Event = Extract<Message, { readonly kind: 'event' }>['event'];
const event = (told: Event): Message => ({ kind: 'event', event: told });

const batch = (at: number, ...numbers: readonly number[]): Message =>
  event({
    kind: 'observations',
    at,
    observations: numbers.map((number) => reading(number, at, 0.9)),
    cost: { cpuCores: 0.01, residentBytes: 1 },
    leftOut: 5,
  });

describe('What the monitor tells', () => {
  test('Before the first snapshot nothing is shown of it.', () => {
    expect(after(batch(noon, 1))).toEqual(initialState);
  });

  test('A batch of readings changes the containers that were read, and the cost.', () => {
    const state = after(first, batch(noon + 1000, 1));
    expect(state.workloads.get(idOf(1))?.resource?.cpuCores).toBe(0.9);
    expect(state.workloads.get(idOf(2))?.resource?.cpuCores).toBe(0.04);
    expect(state.monitor).toMatchObject({ at: noon + 1000, leftOut: 5, cost: { cpuCores: 0.01 } });
    expect(state.tick).toBe(1);
  });

  test('A reading of a container that is not known makes none.', () => {
    expect(after(first, batch(noon, 9)).workloads.has(idOf(9))).toBe(false);
  });

  test('A container appears, changes and goes.', () => {
    const told = (change: 'appeared' | 'changed' | 'gone', number: number) =>
      event({ kind: 'workload', at: noon, change, view: view(number) });
    expect([...after(first, told('appeared', 3)).workloads.keys()]).toContain(idOf(3));
    expect([...after(first, told('gone', 2)).workloads.keys()]).toEqual([idOf(1)]);
  });

  test('A change of a container does not bring an older reading back.', () => {
    const changed = event({ kind: 'workload', at: noon + 2000, change: 'changed', view: view(1) });
    const state = after(first, batch(noon + 1000, 1), changed);
    expect(state.workloads.get(idOf(1))?.resource?.at).toBe(noon + 1000);
  });

  test('A sensor that goes blind keeps its place among the badges.', () => {
    const [resource] = view(1).coverage;
    const blind = { ...resource!, sight: { state: 'blind', reason: 'Gone.' } as const };
    const state = after(
      first,
      event({
        kind: 'coverage',
        at: noon,
        workload: view(1).workload.key,
        container: idOf(1),
        coverage: blind,
      }),
    );
    expect(state.workloads.get(idOf(1))?.coverage.map(({ sensor }) => sensor)).toEqual([
      'resource',
      'lifecycle',
      'process',
    ]);
    expect(state.workloads.get(idOf(1))?.coverage[0]).toEqual(blind);
  });

  test('A sensor that comes later stands behind the others.', () => {
    const { key } = view(1).workload;
    const late = { sensor: 'egress', sight: { state: 'seeing' }, since: noon, dropped: 0 } as const;
    const state = after(
      first,
      event({ kind: 'coverage', at: noon, workload: key, container: idOf(1), coverage: late }),
    );
    expect(state.workloads.get(idOf(1))?.coverage.map(({ sensor }) => sensor)).toEqual([
      'resource',
      'lifecycle',
      'process',
      'egress',
    ]);
  });

  test('The engine is lost and comes back.', () => {
    const connection = { state: 'reconnecting', since: noon, error: 'Refused.' } as const;
    const state = after(first, event({ kind: 'connection', at: noon, connection }));
    expect(state.monitor?.connection).toEqual(connection);
  });
});

describe('Findings and what was done', () => {
  test('A finding told again takes the place of what was told before; an older one does not.', () => {
    const told = (at: number, severity: 'low' | 'high') =>
      event({ kind: 'finding', at, finding: finding(1, { at, severity }) });
    expect(after(first, told(2, 'high'), told(1, 'low')).findings.get('finding-1')?.severity).toBe(
      'high',
    );
    expect(after(first, told(1, 'low'), told(2, 'high')).findings.size).toBe(1);
  });

  test('Beyond the bound a finding that is over goes first, however young.', () => {
    const findings = Array.from({ length: mostFindings }, (_, number) =>
      finding(number, { at: number + 1 }),
    );
    const closed = finding(mostFindings - 1, { status: 'closed', at: mostFindings });
    const state = after(
      first,
      { kind: 'findings', findings: [...findings.slice(0, -1), closed] },
      event({ kind: 'finding', at: noon, finding: finding(mostFindings) }),
    );
    expect(state.findings.size).toBe(mostFindings);
    expect(state.findings.has(closed.id)).toBe(false);
    expect(state.findings.has('finding-0')).toBe(true);
  });

  test('Of findings that are read the latest version counts, and beyond the bound the open ones stay.', () => {
    const open = finding(0, { at: 1 });
    const over = Array.from({ length: mostFindings }, (_, number) =>
      finding(number + 1, { status: 'closed', at: number + 2 }),
    );
    const { findings } = after(first, {
      kind: 'findings',
      findings: [open, finding(5, { at: 1 }), ...over],
    });
    expect(findings.size).toBe(mostFindings);
    expect(findings.get(open.id)).toBe(open);
    expect(findings.has('finding-1')).toBe(false);
    expect(findings.get('finding-5')?.status).toBe('closed');
  });

  test('That no finding is known is another thing than that there is none.', () => {
    expect(after(first).hasFindings).toBe(false);
    expect(after(first, { kind: 'findings', findings: [] }).hasFindings).toBe(true);
  });

  test('An action that ends is the one that began.', () => {
    const begun = action(1, { outcome: { state: 'started' } });
    const state = after(
      first,
      event({ kind: 'action', at: noon, action: begun }),
      event({ kind: 'action', at: noon, action: action(2) }),
      event({ kind: 'action', at: noon, action: action(1) }),
    );
    expect(state.actions.map(({ id, outcome }) => [id, outcome.state])).toEqual([
      ['action-2', 'proved'],
      ['action-1', 'proved'],
    ]);
  });

  test('Decisions are kept until another monitor answers.', () => {
    const told = event({ kind: 'decision', at: noon, decision: decision(1) });
    expect(after(first, told, first).decisions).toHaveLength(1);
    const other: Message = { kind: 'snapshot', snapshot: snapshot([], { startedAt: noon }) };
    expect(after(first, told, other).decisions).toEqual([]);
  });
});

describe('Where the person is', () => {
  test('Back leads the way they came, and ends where they began.', () => {
    const state = after(
      { kind: 'go', route: { screen: 'policy' } },
      { kind: 'go', route: { screen: 'settings' } },
      { kind: 'go', route: { screen: 'settings' } },
      { kind: 'back' },
    );
    expect(state.route).toEqual({ screen: 'policy' });
    expect(reduce(reduce(state, { kind: 'back' }), { kind: 'back' }).route).toEqual({
      screen: 'overview',
    });
  });

  test('A notification leads to its finding.', () => {
    const state = after({ kind: 'place', place: { screen: 'finding', finding: 'finding-7' } });
    expect(state.route).toEqual({ screen: 'findings', finding: 'finding-7' });
  });

  test('What must be asked is asked on the page of its container, and not done.', () => {
    const place = { screen: 'confirm', action: 'release', container: idOf(1) } as const;
    const state = after(first, { kind: 'place', place });
    expect(state.route).toEqual({ screen: 'container', container: idOf(1) });
    expect(state.question).toEqual({ action: 'release', container: idOf(1) });
    expect(state.pending.size).toBe(0);
  });

  test('A lock down is shown while it lasts; from the tray the window asks whether to lift it.', () => {
    const lockdown = { since: noon, by: 'ada' };
    const told = after(first, event({ kind: 'lockdown', at: noon, lockdown }));
    expect(told.monitor?.lockdown).toEqual(lockdown);
    expect(told.asksToLift).toBe(false);
    const asked = reduce(told, { kind: 'place', place: { screen: 'egress', asks: 'lift' } });
    expect(asked).toMatchObject({ asksToLift: true, monitor: { lockdown } });
    const lifted = reduce(asked, event({ kind: 'lockdown', at: noon }));
    expect(lifted.monitor?.lockdown).toBeUndefined();
  });

  test('A policy that is being edited is kept when its screen is left.', () => {
    const state = after(
      { kind: 'draft', draft: { text: 'version: 1', basedOn: null } },
      { kind: 'go', route: { screen: 'overview' } },
    );
    expect(state.draft).toEqual({ text: 'version: 1', basedOn: null });
  });
});

describe('Answers to what the person did', () => {
  const note = (tone: Note['tone'], id: number): Message => ({
    kind: 'note',
    note: { id, tone, text: tone },
  });

  test('No good one takes the place of an alarm.', () => {
    const tones = ['alarm', 'good', 'warning', 'good', 'good', 'good'] as const;
    expect(after(...tones.map(note)).notes.map(({ id }) => id)).toEqual([0, 2, 3, 4, 5]);
  });

  test('Alarms end somewhere, too: the oldest goes.', () => {
    const alarms = Array.from({ length: 10 }, (_, id) => note('alarm', id));
    expect(after(...alarms).notes.map(({ id }) => id)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

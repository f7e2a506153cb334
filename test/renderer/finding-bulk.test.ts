import { describe, expect, test } from 'vitest';
import {
  carryOutBulk,
  planAcknowledge,
  planMute,
  undoBulk,
  type BulkStep,
} from '../../renderer/state/finding-bulk.ts';
import { createStore } from '../../renderer/state/store.ts';
import { createFakeBridge, type Replies } from './fake-bridge.ts';
import { finding, noon } from './fixtures.ts';

const hour = 3_600_000;
const nothingSaid = { words: [], mutes: [] };
const [web, queue, past] = [finding(1), finding(2), finding(3, { status: 'closed' })];

function standWith(replies: Replies = {}) {
  const fake = createFakeBridge(replies);
  return { store: createStore(fake.bridge), calls: fake.calls };
}
const ignore = () => undefined;
const never = () => false;
const refuse = (kind: 'finding-closed' | 'not-recorded' | 'closed', message: string) => ({
  ok: false as const,
  error: { kind, message, advice: '' },
});
const accept = () => ({ ok: true as const, value: nothingSaid });

describe('Several findings are acknowledged', () => {
  test('where they are open, and nothing was said of them', () => {
    const triage = {
      ...nothingSaid,
      words: [{ finding: queue.id, at: noon, says: 'normal' as const }],
    };
    expect(planAcknowledge([web, queue, past], triage)).toEqual({
      steps: [{ kind: 'acknowledge', finding: web.id }],
      over: 1,
      already: 1,
    });
  });

  test('and one undo takes all of it back, and nothing else', async () => {
    const { store, calls } = standWith();
    const { steps } = planAcknowledge([web, queue], nothingSaid);
    const { done } = await carryOutBulk(store, steps, ignore, never);
    expect(done).toEqual(steps);
    await undoBulk(store, done, noon, ignore, never);
    expect(calls).toEqual([
      { name: 'acknowledge', params: { finding: web.id } },
      { name: 'acknowledge', params: { finding: queue.id } },
      { name: 'unacknowledge', params: { finding: queue.id } },
      { name: 'unacknowledge', params: { finding: web.id } },
    ]);
  });

  test('one that closed meanwhile is told, and the others are done', async () => {
    const { store } = standWith({
      acknowledge: ({ finding: id }: { readonly finding: string }) =>
        id === web.id ? refuse('finding-closed', 'It is over.') : accept(),
    });
    const heard: number[] = [];
    const { steps } = planAcknowledge([web, queue], nothingSaid);
    const outcome = await carryOutBulk(store, steps, (through) => heard.push(through), never);
    expect(outcome).toEqual({
      done: [{ kind: 'acknowledge', finding: queue.id }],
      refused: [{ message: 'It is over.', count: 1 }],
      untried: 0,
      left: [],
    });
    expect(heard).toEqual([1, 2]);
  });

  test('what holds for all of them ends it, and says how many were not tried', async () => {
    const { store, calls } = standWith({
      acknowledge: () => refuse('not-recorded', 'The disk is full.'),
    });
    const { steps } = planAcknowledge([web, queue], nothingSaid);
    expect(await carryOutBulk(store, steps, ignore, never)).toEqual({
      done: [],
      refused: [{ message: 'The disk is full.', count: 1 }],
      untried: 1,
      left: steps,
    });
    expect(calls).toHaveLength(1);
  });

  test('until it is stopped; what was done by then can be taken back', async () => {
    const { store } = standWith();
    const { steps } = planAcknowledge([web, queue], nothingSaid);
    let through = 0;
    const outcome = await carryOutBulk(
      store,
      steps,
      (count) => (through = count),
      () => through > 0,
    );
    expect(outcome).toMatchObject({ done: [steps[0]], untried: 1 });
  });
});

describe('To take back', () => {
  const steps: readonly BulkStep[] = ['1', '2', '3'].map((id) => ({
    kind: 'acknowledge',
    finding: id,
  }));

  test('can be stopped, says how far it is, and what is left can be taken back later', async () => {
    const { store, calls } = standWith();
    const heard: number[] = [];
    const outcome = await undoBulk(
      store,
      steps,
      noon,
      (through) => heard.push(through),
      () => heard.length === 1,
    );
    expect(heard).toEqual([1]);
    expect(calls).toEqual([{ name: 'unacknowledge', params: { finding: '3' } }]);
    expect(outcome).toMatchObject({ refused: [], untried: 2, left: steps.slice(0, 2) });
  });

  test('leaves what a monitor that is away kept from being taken back', async () => {
    const { store } = standWith({
      unacknowledge: ({ finding: id }: { readonly finding: string }) =>
        id === '3' ? accept() : refuse('closed', 'No monitor is running.'),
    });
    expect(await undoBulk(store, steps, noon, ignore, never)).toMatchObject({
      refused: [{ message: 'No monitor is running.', count: 1 }],
      untried: 1,
      left: steps.slice(0, 2),
    });
  });
});

describe('Several findings are muted', () => {
  const { workload, kind } = web;

  test('once for each kind about each workload', () => {
    const again = { ...web, id: 'another of the same' };
    expect(planMute([web, again, past], nothingSaid, hour, noon).steps).toEqual([
      { kind: 'mute', of: { workload, kind }, forMs: hour, before: undefined },
      {
        kind: 'mute',
        of: { workload: past.workload, kind: past.kind },
        forMs: hour,
        before: undefined,
      },
    ]);
  });

  test('but one that is muted for longer stays so', () => {
    const muted = (until: number) => ({
      ...nothingSaid,
      mutes: [{ workload, kind, since: noon - hour, until }],
    });
    expect(planMute([web], muted(noon + 2 * hour), hour, noon)).toMatchObject({
      steps: [],
      already: 1,
    });
    expect(planMute([web], muted(noon + 1000), hour, noon).steps).toMatchObject([
      { before: noon + 1000 },
    ]);
  });

  test('and one undo gives back what there was: nothing, or what is left of an earlier mute', async () => {
    const { store, calls } = standWith();
    const of = { workload, kind };
    const step = (before: number | undefined): BulkStep => ({
      kind: 'mute',
      of,
      forMs: 8 * hour,
      before,
    });
    const steps = [step(undefined), step(noon + hour), step(noon + 1000)];
    await undoBulk(store, steps, noon, ignore, never);
    expect(calls).toEqual([
      { name: 'unmute', params: of },
      { name: 'mute', params: { ...of, forMs: hour } },
      { name: 'unmute', params: of },
    ]);
  });
});

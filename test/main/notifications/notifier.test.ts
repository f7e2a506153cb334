import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createNotifier, pace } from '../../../main/notifications/notifier.ts';
import type { NoticeDeed } from '../../../main/notifications/notice.ts';
import { applyEvent } from '../../../main/picture/picture.ts';
import type { Picture } from '../../../main/picture/picture.ts';
import type { ElectronApi } from '../../../main/electron.ts';
import type { MonitorEvent } from '../../../monitor/rpc/service/service.ts';
import { createHostNotification } from '../../host/notification.ts';
import { action, decision, finding, id, noon, pictureOf, view } from '../examples.ts';

let picture: Picture;
let deeds: NoticeDeed[];
let desk: ReturnType<typeof createHostNotification>;
let notifier: ReturnType<typeof createNotifier>;

beforeEach(() => {
  vi.useFakeTimers();
  picture = pictureOf([view('agent')]);
  deeds = [];
  desk = createHostNotification(() => true);
  notifier = createNotifier({
    electron: { Notification: desk.Notification } as ElectronApi,
    platform: 'linux',
    clock: { monotonic: () => Date.now(), now: () => Date.now() },
    askAbout: () => Promise.resolve(undefined),
    onDeed: (deed) => deeds.push(deed),
  });
});

afterEach(() => {
  notifier.stop();
  vi.useRealTimers();
});

function tell(event: MonitorEvent): void {
  applyEvent(picture, event);
  notifier.onEvent(event, picture);
}

/** A rule tells of a finding about a container. */
function found(
  container: string,
  name: string,
  changes: Parameters<typeof decision>[0] = {},
): void {
  const of = `finding ${container}`;
  picture.names.set(container, name);
  tell({ kind: 'finding', at: noon, finding: finding({ id: of, container }) });
  const made = decision({ id: `decision ${container}`, finding: of, container, ...changes });
  tell({ kind: 'decision', at: noon, decision: made });
  const requester = { kind: 'policy', decision: made.id, rule: made.rule } as const;
  tell({ kind: 'action', at: noon, action: action({ container, requester }) });
}

const shown = (): string[] =>
  desk.notifications.filter((each) => each.isShown()).map(({ title }) => title);

describe('A notification', () => {
  test('tells the finding and what was done for it at once.', () => {
    found(id('a'), 'agent', { mode: 'enforce' });
    const requester = { kind: 'policy', decision: `decision ${id('a')}`, rule: 'r' } as const;
    const outcome = { state: 'proved', proof: 'Read back: paused.' } as const;
    tell({ kind: 'action', at: noon, action: action({ name: 'pause', requester, outcome }) });
    vi.advanceTimersByTime(pace.gatherMs);
    expect(desk.notifications).toHaveLength(1);
    expect(desk.notifications[0]).toMatchObject({
      title: 'agent is frozen',
      body: 'Processes multiply. It is frozen: Read back: paused.',
      buttons: ['Kill …', 'Open'],
    });
  });

  test('is not shown again for the same container until it has rested.', () => {
    for (let round = 0; round < 5; round += 1) {
      found(id('a'), 'agent');
      vi.advanceTimersByTime(2000);
    }
    expect(desk.notifications).toHaveLength(1);
    vi.advanceTimersByTime(pace.restMs);
    expect(desk.notifications).toHaveLength(2);
    expect(shown()).toHaveLength(1);
  });

  test('becomes a number where there would be too many.', () => {
    for (const digit of '0123456789') found(id(digit), `agent-${digit}`);
    vi.advanceTimersByTime(pace.gatherMs);
    expect(shown()).toHaveLength(pace.most + 1);
    expect(shown().at(-1)).toBe('5 containers need a look');
    // The same number once more says nothing, until there was time to look.
    const all = desk.notifications.length;
    const fails = (): void => {
      const outcome = { state: 'failed', reason: 'The engine does not answer.' } as const;
      const again = action({
        container: id('9'),
        requester: { kind: 'upkeep', reason: '' },
        outcome,
      });
      tell({ kind: 'action', at: noon, action: again });
      vi.advanceTimersByTime(pace.gatherMs);
    };
    for (let round = 0; round < 5; round += 1) fails();
    expect(desk.notifications).toHaveLength(all);
    found(id('a'), 'agent-a');
    vi.advanceTimersByTime(pace.gatherMs);
    expect(shown().at(-1)).toBe('6 containers need a look');
  });

  test('is not shown for a decision that is muted.', () => {
    found(id('a'), 'agent', { muted: true });
    vi.advanceTimersByTime(60_000);
    expect(desk.notifications).toHaveLength(0);
  });

  test('freezes by its button; Kill leads to the question, a click to the finding.', () => {
    found(id('a'), 'agent');
    vi.advanceTimersByTime(pace.gatherMs);
    desk.notifications[0]?.press('Freeze');
    expect(deeds).toEqual([{ kind: 'freeze', container: id('a'), name: 'agent' }]);
    found(id('b'), 'other');
    vi.advanceTimersByTime(pace.gatherMs);
    desk.notifications[1]?.press('Kill …');
    const kill = { screen: 'confirm', action: 'kill', container: id('b') };
    expect(deeds[1]).toEqual({ kind: 'open', place: kill });
    found(id('c'), 'third');
    vi.advanceTimersByTime(pace.gatherMs);
    desk.notifications[2]?.click();
    expect(deeds[2]).toEqual({
      kind: 'open',
      place: { screen: 'finding', finding: `finding ${id('c')}` },
    });
  });

  test('decides nothing when it is closed.', () => {
    found(id('a'), 'agent');
    vi.advanceTimersByTime(pace.gatherMs);
    desk.notifications[0]?.dismiss();
    vi.advanceTimersByTime(60_000);
    expect(deeds).toEqual([]);
  });

  test('shows the marks of a name as text.', () => {
    found(id('a'), '<b>agent</b>\u202e');
    const requester = { kind: 'person' } as const;
    const outcome = { state: 'failed', reason: '<img src=x onerror=alert(1)>' } as const;
    tell({ kind: 'action', at: noon, action: action({ name: 'pause', requester, outcome }) });
    vi.advanceTimersByTime(pace.gatherMs);
    expect(desk.notifications[0]?.title).toContain('\\u{202e}');
    expect(desk.notifications[0]?.body).toContain('&lt;img');
    expect(desk.notifications[0]?.body).not.toContain('<img');
  });
});

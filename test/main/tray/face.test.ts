import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { trayFace } from '../../../main/tray/face.ts';
import { iconFile } from '../../../main/tray/icon-file.ts';
import type { MenuEntry, TrayCommand } from '../../../main/tray/menu.ts';
import { moods } from '../../../main/tray/mood.ts';
import { tightens } from '../../../monitor/model/action.ts';
import type { MonitorState } from '../../../preload/shell.ts';
import { fakeQuestion } from '../../monitor/rpc/fake-egress-service.ts';
import { held, id, noon, pictureOf, running, view } from '../examples.ts';

const loose = { findings: { open: 1, worst: 'high' } } as const;
const learning = { learning: { state: 'learning', until: noon } } as const;
const blind = {
  coverage: [
    { sensor: 'resource', sight: { state: 'blind', reason: 'why' }, since: noon, dropped: 0 },
  ],
} as const;

/** Nobody gave Sentra the means. */
const neverSeen = {
  coverage: [
    {
      sensor: 'syscalls',
      since: noon,
      dropped: 0,
      sight: { state: 'blind', lasting: true, reason: 'why' },
    },
  ],
} as const;

function moodWith(...views: ReturnType<typeof view>[]): string {
  return trayFace(running, pictureOf(views)).mood;
}

/** Every command of a menu with the labels that lead to it. */
function commandsOf(entries: readonly MenuEntry[]): { label: string; command: TrayCommand }[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'command') return [{ label: entry.label, command: entry.command }];
    return entry.kind === 'submenu' ? commandsOf(entry.entries) : [];
  });
}

describe('The icon', () => {
  test('shows the most urgent of what holds.', () => {
    expect(moodWith(view('calm'))).toBe('calm');
    expect(moodWith(view('calm'), view('new', learning))).toBe('learning');
    expect(moodWith(view('new', learning), view('unseen', blind))).toBe('blind');
    expect(moodWith(view('calls', neverSeen))).toBe('calm');
    expect(moodWith(view('unseen', blind), view('held', { containment: held('frozen') }))).toBe(
      'contained',
    );
    expect(moodWith(view('held', { containment: held('frozen') }), view('loose', loose))).toBe(
      'finding',
    );
  });

  test('takes a finding about a container that is held for contained.', () => {
    expect(moodWith(view('held', { ...loose, containment: held('frozen') }))).toBe('contained');
  });

  test('does not cry for what is recorded only.', () => {
    expect(moodWith(view('noted', { findings: { open: 1, worst: 'info' } }))).toBe('calm');
  });

  test('says before all else that nobody watches.', () => {
    const stopped: MonitorState = { state: 'stopped', since: noon, reason: '', advice: '' };
    const picture = pictureOf([view('loose', loose)]);
    expect(trayFace(stopped, picture)).toMatchObject({
      mood: 'not-watching',
      tooltip: expect.stringContaining('NOT WATCHING') as string,
    });
    const gone = pictureOf([], { connection: { state: 'reconnecting', since: noon, error: '' } });
    expect(trayFace(running, gone).mood).toBe('no-engine');
    const shut: MonitorState = {
      ...{ state: 'waiting', cause: 'no-permission', since: noon },
      ...{ reason: '', advice: '', nextAt: noon },
    };
    expect(trayFace(shut, undefined)).toMatchObject({
      mood: 'no-engine',
      tooltip: expect.stringContaining('does not let Sentra in') as string,
    });
  });

  test('has its files for every mood on every platform.', () => {
    const folder = join(import.meta.dirname, '../../../build/icons/tray');
    for (const mood of moods) {
      for (const platform of ['linux', 'win32', 'darwin'] as const) {
        expect(existsSync(iconFile(folder, mood, platform)), `${mood} ${platform}`).toBe(true);
      }
    }
  });
});

describe('The menu', () => {
  test('switches to enforce at once; to observe it leads to a question in the window.', () => {
    const views = [view('web')];
    const modeOf = (mode: 'observe' | 'enforce') => {
      const picture = pictureOf(views);
      const policy = { ...picture.policy, mode };
      return commandsOf(trayFace(running, { ...picture, policy }).menu);
    };
    const observing = modeOf('observe');
    expect(observing.map(({ command }) => command)).toContainEqual({ kind: 'enforce-all' });
    const enforcing = modeOf('enforce').map(({ command }) => command);
    expect(enforcing).not.toContainEqual({ kind: 'enforce-all' });
    const place = { screen: 'policy', asks: 'observe' };
    expect(enforcing).toContainEqual({ kind: 'open', place });
  });

  test('locks down at once, also with no container; to lift it is asked in the window.', () => {
    const picture = pictureOf([]);
    const open = trayFace(running, picture);
    expect(commandsOf(open.menu).map(({ command }) => command)).toContainEqual({
      kind: 'lock-down',
    });
    const lockdown = { since: noon, by: 'ada' };
    const standing = { ...picture.standing, lockdown };
    const locked = trayFace(running, { ...picture, standing });
    expect(locked).toMatchObject({
      mood: 'contained',
      tooltip: expect.stringContaining('LOCKED DOWN') as string,
    });
    const commands = commandsOf(locked.menu).map(({ command }) => command);
    expect(commands).not.toContainEqual({ kind: 'lock-down' });
    expect(commands).toContainEqual({ kind: 'open', place: { screen: 'egress', asks: 'lift' } });
  });

  test('says what is held for an answer, which is given in the window.', () => {
    const picture = pictureOf([]);
    const request = fakeQuestion();
    const later = fakeQuestion({ state: { kind: 'deferred' } });
    const standing = { ...picture.standing, held: [later, request] };
    const face = trayFace(running, { ...picture, standing });
    expect(face.tooltip).toContain('1 connection held for your answer');
    expect(commandsOf(face.menu)).toContainEqual({
      label: '1 connection held: decide …',
      command: { kind: 'open', place: { screen: 'egress', container: request.container } },
    });
  });

  test('only tightens at once; what loosens or cannot be undone is asked for in the window.', () => {
    const views = [
      view('runs', loose, { container: id('a') }),
      view('frozen', { containment: held('frozen') }, { container: id('b'), state: 'paused' }),
      view('cut off', { containment: held('quarantined') }, { container: id('c') }),
    ];
    const commands = commandsOf(trayFace(running, pictureOf(views)).menu);
    const acts = commands.flatMap(({ command }) => (command.kind === 'act' ? [command.name] : []));
    expect(acts.every(tightens)).toBe(true);
    expect(acts).not.toContain('kill');
    const asked = commands.flatMap(({ command }) =>
      command.kind === 'open' && command.place.screen === 'confirm' ? [command.place.action] : [],
    );
    expect(asked.toSorted()).toEqual(['kill', 'kill', 'kill', 'release', 'resume']);
  });

  test('lists the most urgent first, and at most fifteen.', () => {
    const views = Array.from({ length: 40 }, (_, index) =>
      view(`agent-${String(index).padStart(2, '0')}`, index === 33 ? loose : {}, {
        container: index.toString(16).padStart(64, '0'),
      }),
    );
    const { menu } = trayFace(running, pictureOf(views));
    const names = menu
      .flatMap((entry) => (entry.kind === 'submenu' ? [entry.label] : []))
      .filter((label) => label.startsWith('agent'));
    expect(names).toHaveLength(15);
    expect(names[0]).toBe('agent-33 – not normal');
    expect(commandsOf(menu).map(({ label }) => label)).toContain('25 further containers …');
  });

  test('shows what steers in a name, and does not follow it.', () => {
    const { menu } = trayFace(running, pictureOf([view('a\u202eb\nc')]));
    expect(menu.map((entry) => ('label' in entry ? entry.label : ''))).toContain(
      'a\\u{202e}b\\u{a}c',
    );
  });

  test('offers the look back while it is due, and the icon stays as it is.', () => {
    const picture = pictureOf([view('calm')]);
    const offer = {
      label: 'A day was watched: look back …',
      command: { kind: 'open', place: { screen: 'guide' } },
    };
    const due = trayFace(running, picture, true);
    expect(commandsOf(due.menu)).toContainEqual(offer);
    const rest = trayFace(running, picture);
    expect(commandsOf(rest.menu)).not.toContainEqual(offer);
    expect([due.mood, due.tooltip]).toEqual([rest.mood, rest.tooltip]);
  });

  test('offers to begin again where the monitor has stopped, and no containers then.', () => {
    const stopped: MonitorState = { state: 'stopped', since: noon, reason: '', advice: '' };
    const labels = commandsOf(trayFace(stopped, pictureOf([view('agent')])).menu);
    expect(labels.map(({ label }) => label)).toEqual([
      'Open Sentra',
      'Start watching again',
      'Quit Sentra (nothing is watched then)',
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import type { MonitorState } from '../../preload/shell.ts';
import { actionHeadline, actionProof } from '../../renderer/words/action-sentence.ts';
import { listedFindings, muteOf } from '../../renderer/state/finding-list.ts';
import type { Action, ConnectionView } from '../../renderer/state/model.ts';
import { helpFor, knowsContainers, standingOf } from '../../renderer/state/standing.ts';
import { patternWords } from '../../renderer/words/selection-words.ts';
import { action, calmShell, finding, noon, snapshot } from './fixtures.ts';

function standing(
  monitor: MonitorState,
  connection?: ConnectionView,
  failure?: string,
): ReturnType<typeof standingOf> {
  const known = connection === undefined ? undefined : snapshot([], { connection });
  return standingOf({ shell: { ...calmShell, monitor }, monitor: known, failure });
}

const running = { state: 'running', since: noon } as const;
const connected = { state: 'connected', since: noon } as const;

describe('How things stand', () => {
  test('Only a monitor that runs and reaches its engine watches.', () => {
    expect(standing(running, connected).state).toBe('watching');
  });

  test('Until the shell and the monitor have answered, it is loading.', () => {
    expect(standingOf({ shell: undefined, monitor: undefined, failure: undefined }).state).toBe(
      'loading',
    );
    expect(standing(running).state).toBe('loading');
  });

  test('What was last known does not hide that the monitor is away.', () => {
    const restarting = {
      state: 'restarting',
      since: 0,
      reason: 'It ended.',
      attempt: 1,
      nextAt: 1,
    };
    expect(standing({ ...restarting, state: 'restarting' }, connected).state).toBe(
      'monitor-restarting',
    );
    const stopped = { state: 'stopped', since: 0, reason: 'Often.', advice: 'Look.' } as const;
    expect(standing(stopped, connected)).toMatchObject({
      state: 'monitor-stopped',
      advice: 'Look.',
    });
    expect(standing({ state: 'starting', since: 0 }, connected).state).toBe('monitor-starting');
  });

  test('No engine, a lost one, and one that another monitor watches are told apart.', () => {
    const waiting = { state: 'waiting', since: 0, reason: '', advice: '', nextAt: 5 } as const;
    expect(standing({ ...waiting, cause: 'no-engine' }).state).toBe('no-engine');
    expect(standing({ ...waiting, cause: 'no-permission' }).state).toBe('no-permission');
    expect(standing({ ...waiting, cause: 'already-running' }).state).toBe('watched-elsewhere');
    const lost = { state: 'reconnecting', since: 1, error: 'Refused.' } as const;
    expect(standing(running, lost)).toMatchObject({ state: 'engine-lost', error: 'Refused.' });
    expect(standing(running, { state: 'none' }).state).toBe('no-engine');
  });

  test('That a container is not listed says something only once an engine has answered.', () => {
    const known = (connection: ConnectionView) =>
      knowsContainers({ monitor: snapshot([], { connection }) });
    expect(knowsContainers({ monitor: undefined })).toBe(false);
    expect(known({ state: 'none' })).toBe(false);
    expect(known(connected)).toBe(true);
    expect(known({ state: 'reconnecting', since: 1, error: 'Refused.' })).toBe(true);
  });

  test('A monitor that does not answer is no calm one.', () => {
    expect(standing(running, undefined, 'No answer.')).toEqual({
      state: 'unreadable',
      message: 'No answer.',
    });
  });

  test.each([
    ['Permission denied on the socket.', 'docker-permission'],
    ['connect ENOENT', 'install-docker'],
    ['connect ECONNREFUSED', 'start-docker'],
  ])('%s leads to the page %s.', (reason, topic) => {
    expect(helpFor(reason)).toBe(topic);
  });
});

describe('What was done, in words', () => {
  const outcomes: readonly (readonly [Action['outcome'], string, string])[] = [
    [{ state: 'started' }, 'Began to pause a', ''],
    [{ state: 'would-have' }, 'Would have paused a', ''],
    [{ state: 'proved', proof: 'Read.' }, 'Paused a', 'Read.'],
    [
      { state: 'partly', proof: 'Read.', holes: ['raw frames', 'the host’s network'] },
      'Paused a in part',
      'Read. It cannot hold: raw frames; the host’s network',
    ],
    [{ state: 'refused', reason: 'Protected.' }, 'Did not pause a', 'Protected.'],
    [{ state: 'failed', reason: 'Not confirmed.' }, 'Could not pause a', 'Not confirmed.'],
  ];

  test.each(outcomes)('%o', (outcome, headline, proof) => {
    const done = action(1, { outcome });
    expect([actionHeadline(done, 'a'), actionProof(done)]).toEqual([headline, proof]);
  });
});

describe('The list of findings', () => {
  const findings = [
    finding(1, { onsetAt: 10 }),
    finding(2, { onsetAt: 30, status: 'closed' }),
    finding(3, { onsetAt: 20, kind: 'fork-bomb' }),
  ];
  const ids = (filter: 'open' | 'closed' | 'all', words = '') =>
    listedFindings(findings, filter, words, ({ container }) => container).map(({ id }) => id);

  test('The gravest open ones come first, and of those the latest.', () => {
    const grave = finding(4, { onsetAt: 1, severity: 'critical' });
    const all = listedFindings([...findings, grave], 'open', '', () => '');
    expect(all.map(({ id }) => id)).toEqual(['finding-4', 'finding-3', 'finding-1']);
  });

  test('Open ones come before those that are over.', () => {
    expect(ids('all')).toEqual(['finding-3', 'finding-1', 'finding-2']);
    expect(ids('open')).toEqual(['finding-3', 'finding-1']);
  });

  test('Words are looked for in the kind and the sentence too.', () => {
    expect(ids('all', 'FORK')).toEqual(['finding-3']);
    expect(ids('all', 'nowhere')).toEqual([]);
  });

  test('A mute holds for its workload and kind until it ends.', () => {
    const { workload, kind } = finding(1);
    const triage = {
      words: [],
      mutes: [{ workload, kind, since: 0, until: 100 }],
    };
    expect(muteOf(triage, finding(1), 99)).toBeDefined();
    expect(muteOf(triage, finding(1), 100)).toBeUndefined();
    expect(muteOf(triage, finding(2), 50)).toBeUndefined();
  });
});

describe('The selection in words', () => {
  const none = { names: [], images: [], composeProjects: [], labels: [] };

  test('Patterns that narrow nothing have no words.', () => {
    expect(patternWords(none)).toBeUndefined();
  });

  test('Each kind of pattern is named.', () => {
    const labels = [
      { key: 'agent', pattern: true as const },
      { key: 'team', pattern: 'core*' },
    ];
    expect(patternWords({ ...none, names: ['a*', 'b'], labels })).toBe(
      'names a*, b; labels agent, team=core*',
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  keepOrder,
  listed,
  naturalOrder,
  totals,
  type SortKey,
  type StatusFilter,
} from '../../renderer/state/container-list.ts';
import { freezeDeed, objection } from '../../renderer/state/deeds.ts';
import type { Containment, WorkloadView } from '../../renderer/state/model.ts';
import { stateWord } from '../../renderer/words/state-word.ts';
import { nextRow } from '../../renderer/components/next-row.ts';
import { rowsInSight } from '../../renderer/components/use-window-of-rows.ts';
import { badlySeen, neverSeen, idOf, noon, reading, view } from './fixtures.ts';

const frozen: Containment = {
  container: idOf(1),
  workload: 'agents/agent-1',
  name: 'agent-1',
  depth: 'frozen',
  since: noon,
  undo: { pausedBySentra: true, networks: [], restartPolicy: undefined, limits: undefined },
  holes: [],
};

function inState(number: number, state: WorkloadView['workload']['state']): WorkloadView {
  const whole = view(number);
  return { ...whole, workload: { ...whole.workload, state } };
}

const names = (views: readonly WorkloadView[]) => views.map(({ workload }) => workload.name);

const all = (key: SortKey, status: StatusFilter = 'all', words = '') =>
  names(
    listed(
      [
        view(2, { resource: reading(2, noon, 0.5) }),
        inState(3, 'exited'),
        view(10, { containment: frozen }),
        view(1, { findings: { open: 2, worst: 'critical' } }),
        view(4, { coverage: badlySeen }),
      ],
      words,
      status,
      naturalOrder(key),
    ),
  );

describe('The list of containers', () => {
  test('What asks most for a look comes first: grave findings, what is held, the blind.', () => {
    expect(all('attention')).toEqual(['agent-1', 'agent-10', 'agent-4', 'agent-2', 'agent-3']);
  });

  test('Names are in the order of their numbers.', () => {
    expect(all('name')).toEqual(['agent-1', 'agent-2', 'agent-3', 'agent-4', 'agent-10']);
  });

  test('The busiest come first.', () => {
    expect(all('cpu')[0]).toBe('agent-2');
  });

  test.each([
    ['running', 4],
    ['findings', 1],
    ['held', 1],
    ['all', 5],
  ] as const)('The filter %s shows %d of them.', (status, count) => {
    expect(all('name', status)).toHaveLength(count);
  });

  test('Every word must be found, in the name, the image, the project or the id.', () => {
    expect(all('name', 'all', 'CODING agent-2')).toEqual(['agent-2']);
    expect(all('name', 'all', idOf(3).slice(0, 12))).toEqual(['agent-3']);
    expect(all('name', 'all', 'agent-2 nothing')).toEqual([]);
  });

  test('While the order is held, nothing moves and nothing is lost; what is new comes last.', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, numbers, (before, now) => {
        const kept = keepOrder(
          now.map((number) => view(number)),
          before.map(idOf),
        ).map(({ workload }) => workload.container);
        const [was, is] = [before.map(idOf), now.map(idOf)];
        expect(kept).toEqual([
          ...was.filter((id) => is.includes(id)),
          ...is.filter((id) => !was.includes(id)),
        ]);
      }),
    );
  });

  test('Every row in sight is drawn, and never one that is not there.', () => {
    const size = fc.integer({ min: 0, max: 5000 });
    fc.assert(
      fc.property(size, size, size, (count, top, height) => {
        const { first, end } = rowsInSight(top, height, 46, count);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(count);
        for (let row = 0; row < count; row += 1) {
          const isInSight = row * 46 < top + height && (row + 1) * 46 > top;
          if (isInSight) expect(row >= first && row < end).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['ArrowDown', 3, 4],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 0, 0],
    ['PageDown', 3, 7],
    ['PageUp', 3, 0],
    ['Home', 5, 0],
    ['End', 5, 9],
    ['x', 5, undefined],
  ])('%s leads from row %d to row %s.', (key, from, to) => {
    expect(nextRow(key, from, 10, 4)).toBe(to);
  });
});

test('What has stopped uses nothing, and what is paused its memory alone.', () => {
  const views = [inState(1, 'running'), inState(1, 'paused'), inState(1, 'exited')];
  const { cpuCores, memoryBytes } = reading(1, noon);
  expect(totals(views)).toEqual({ running: 1, cpuCores, memoryBytes: 2 * memoryBytes });
});

describe('The word for a container', () => {
  test.each([
    ['calm', view(1)],
    ['frozen', view(1, { containment: frozen })],
    ['cut off', view(1, { containment: { ...frozen, depth: 'quarantined' } })],
    ['paused', inState(1, 'paused')],
    ['exited', inState(1, 'exited')],
    ['high', view(1, { findings: { open: 1, worst: 'high' } })],
    ['calm', view(1, { findings: { open: 1, worst: 'info' } })],
    ['blind', view(1, { coverage: badlySeen })],
    ['calm', view(1, { coverage: neverSeen })],
    ['learning', view(1, { learning: { state: 'learning', until: noon } })],
  ])('%s', (word, given) => {
    expect(stateWord(given).word).toBe(word);
  });
});

describe('What can be done', () => {
  test('A calm container is paused, a held one released, one that somebody paused resumed.', () => {
    expect(freezeDeed(view(1))).toBe('pause');
    expect(freezeDeed(view(1, { containment: frozen }))).toBe('release');
    expect(freezeDeed(inState(1, 'paused'))).toBe('resume');
  });

  test('A container that does not run is neither paused, cut off nor killed.', () => {
    const given = inState(1, 'exited');
    expect(objection(given, 'pause')).toBeDefined();
    expect(objection(given, 'quarantine')).toBeDefined();
    expect(objection(given, 'kill')).toBeDefined();
  });

  test('A frozen container can still be killed and released, and not frozen again.', () => {
    const given = view(1, { containment: frozen });
    expect(objection(given, 'kill')).toBeUndefined();
    expect(objection(given, 'release')).toBeUndefined();
    expect(objection(given, 'pause')).toBeDefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { ControlObservation } from '../../../monitor/model/observation.ts';
import { createLosses } from '../../../monitor/pipeline/losses.ts';
import { createTriage, type Triage } from '../../../monitor/pipeline/triage.ts';
import type { Store } from '../../../monitor/record/store.ts';
import type { TriageView } from '../../../monitor/rpc/service/service-triage.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { expectFailure, expectOk, finding, nineOClock, openForTest } from '../record/examples.ts';

const minute = 60_000;

interface Stand {
  readonly triage: Triage;
  readonly clock: { time: number };
  readonly heard: ControlObservation[];
  readonly told: TriageView[];
  readonly store: Store;
}

function standWith(store: Store = openForTest(':memory:'), clock = { time: nineOClock }): Stand {
  const heard: ControlObservation[] = [];
  const told: TriageView[] = [];
  const triage = createTriage({
    store,
    clock: { now: () => clock.time },
    losses: createLosses(silentLogger),
    observe: (observation) => heard.push(observation),
    tell: (view) => told.push(view),
    isRemembered: ({ id }) => id.startsWith('late'),
  });
  return { triage, clock, heard, told, store };
}

const saidOf = ({ words }: TriageView) => words.map(({ says }) => says);
const spoken = ({ heard }: Stand) => heard.map(({ event }) => event);

describe('acknowledging a finding', () => {
  it('reaches the detectors and the drivers, once, and is taken back the same way', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ id: 'f1' })));
    const view = expectOk(stand.triage.acknowledge({ finding: 'f1' }));
    expect(view.words).toEqual([{ says: 'normal', finding: 'f1', at: nineOClock }]);
    expectOk(stand.triage.acknowledge({ finding: 'f1' }));
    expect(spoken(stand)).toEqual([{ name: 'acknowledged', finding: 'f1' }]);
    expect(stand.heard[0]).toMatchObject({ workload: 'builder', container: 'c'.repeat(64) });
    expect(expectOk(stand.triage.unacknowledge({ finding: 'f1' })).words).toEqual([]);
    expectOk(stand.triage.unacknowledge({ finding: 'f1' }));
    expect(spoken(stand)).toEqual([
      { name: 'acknowledged', finding: 'f1' },
      { name: 'unacknowledged', finding: 'f1' },
    ]);
    expect(stand.told.map(({ words }) => words.length)).toEqual([1, 0]);
  });

  it('that is over is heard at once where the detectors still know what it told of, and not kept', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ id: 'late', status: 'closed' })));
    expect(expectOk(stand.triage.acknowledge({ finding: 'late' })).words).toEqual([]);
    expect(spoken(stand)).toEqual([{ name: 'acknowledged', finding: 'late' }]);
    expect(stand.told).toEqual([]);
  });

  it('that is not there, or is over, is refused', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ id: 'over', status: 'closed' })));
    expect(expectFailure(stand.triage.acknowledge({ finding: 'none' })).kind).toBe(
      'unknown-finding',
    );
    expect(expectFailure(stand.triage.acknowledge({ finding: 'over' })).kind).toBe(
      'finding-closed',
    );
    expect(stand.heard).toEqual([]);
    expect(stand.told).toEqual([]);
  });

  it('outlives a restart: the detectors hear it again when the container is taken in', () => {
    const before = standWith();
    expectOk(before.store.findings.put(finding({ id: 'f1' })));
    expectOk(before.triage.acknowledge({ finding: 'f1' }));
    const after = standWith(before.store);
    expect(after.triage.view().words).toMatchObject([{ says: 'normal', finding: 'f1' }]);
    after.triage.begin('d'.repeat(64));
    expect(after.heard).toEqual([]);
    after.triage.begin('c'.repeat(64));
    expect(spoken(after)).toEqual([{ name: 'acknowledged', finding: 'f1' }]);
  });

  it('ends with the finding', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ id: 'f1' })));
    expectOk(stand.triage.acknowledge({ finding: 'f1' }));
    stand.triage.closed('other');
    expect(stand.triage.view().words).toHaveLength(1);
    stand.triage.closed('f1');
    expect(stand.triage.view().words).toEqual([]);
    expect(standWith(stand.store).triage.view().words).toEqual([]);
  });
});

describe('calling a finding a false alarm', () => {
  const id = 'cccccccccccc|level-shift|cpu|5';
  const shift = { id, kind: 'level-shift', severity: 'low' } as const;

  it('acknowledges it and counts against the budget, once, over a restart too', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding(shift)));
    const view = expectOk(stand.triage.markFalse({ finding: id }));
    expect(view.words).toEqual([{ says: 'false-alarm', finding: id, at: nineOClock }]);
    expectOk(stand.triage.markFalse({ finding: id }));
    expectOk(standWith(stand.store).triage.markFalse({ finding: id }));
    expect(spoken(stand)).toEqual([{ name: 'marked-false', finding: id }]);
  });

  it('counts when it is over, too; one that was but recorded does not', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ ...shift, status: 'closed' })));
    expect(saidOf(expectOk(stand.triage.markFalse({ finding: id })))).toEqual(['false-alarm']);
    expect(spoken(stand)).toEqual([{ name: 'marked-false', finding: id }]);
    const info = { ...shift, id: `${id}5`, severity: 'info' } as const;
    expectOk(stand.store.findings.put(finding(info)));
    const view = expectOk(stand.triage.markFalse({ finding: info.id }));
    expect(saidOf(view)).toEqual(['false-alarm', 'normal']);
    expect(spoken(stand)[1]).toEqual({ name: 'acknowledged', finding: info.id });
  });

  it('of a kind that draws on no budget is the same as to acknowledge it', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ id: 'c|fork-bomb|x|1' })));
    expectOk(stand.store.findings.put(finding({ id: 'c|fork-bomb|x|2', status: 'closed' })));
    expectOk(stand.triage.markFalse({ finding: 'c|fork-bomb|x|1' }));
    expect(spoken(stand)).toEqual([{ name: 'acknowledged', finding: 'c|fork-bomb|x|1' }]);
    const refused = stand.triage.markFalse({ finding: 'c|fork-bomb|x|2' });
    expect(expectFailure(refused).kind).toBe('finding-closed');
    expect(expectFailure(stand.triage.markFalse({ finding: 'x' })).kind).toBe('unknown-finding');
  });
});

describe('taking a false alarm back', () => {
  const id = 'cccccccccccc|level-shift|cpu|5';
  const shift = { id, kind: 'level-shift', severity: 'low' } as const;
  const names = (stand: Stand) => spoken(stand).map(({ name }) => name);

  it('is heard by the detectors once, whether the finding is open or over', () => {
    for (const status of ['open', 'closed'] as const) {
      const stand = standWith();
      expectOk(stand.store.findings.put(finding({ ...shift, status })));
      expectOk(stand.triage.markFalse({ finding: id }));
      expect(expectOk(stand.triage.unmarkFalse({ finding: id })).words).toEqual([]);
      expectOk(stand.triage.unmarkFalse({ finding: id }));
      expect(names(stand)).toEqual(['marked-false', 'unmarked-false']);
      // And it may be called one again.
      expect(saidOf(expectOk(stand.triage.markFalse({ finding: id })))).toEqual(['false-alarm']);
      expect(names(stand)).toHaveLength(3);
    }
  });

  it('is nothing where it is not one, and to take back that it is normal does not do it', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding(shift)));
    expectOk(stand.triage.acknowledge({ finding: id }));
    expect(saidOf(expectOk(stand.triage.unmarkFalse({ finding: id })))).toEqual(['normal']);
    expect(saidOf(expectOk(stand.triage.markFalse({ finding: id })))).toEqual(['false-alarm']);
    // One that is called false is normal in any case.
    expectOk(stand.triage.acknowledge({ finding: id }));
    expect(saidOf(expectOk(stand.triage.unacknowledge({ finding: id })))).toEqual(['false-alarm']);
    expect(names(stand)).toEqual(['acknowledged', 'marked-false']);
  });

  it('can still be done when it has closed, opened again, or the monitor was restarted', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding(shift)));
    expectOk(stand.triage.markFalse({ finding: id }));
    stand.triage.opened(id);
    stand.triage.closed(id);
    expect(saidOf(stand.triage.view())).toEqual(['false-alarm']);
    // Opened again it is a false alarm still, which the detectors have forgotten.
    stand.triage.opened(id);
    stand.triage.opened(id);
    expectOk(stand.triage.markFalse({ finding: id }));
    expect(names(stand)).toEqual(['marked-false', 'acknowledged']);

    const after = standWith(stand.store);
    after.triage.begin('c'.repeat(64));
    after.triage.opened(id);
    expect(names(after)).toEqual(['acknowledged']);
    expect(expectOk(after.triage.unmarkFalse({ finding: id })).words).toEqual([]);
    expect(names(after)).toEqual(['acknowledged', 'unmarked-false']);
    expect(after.heard.at(-1)).toMatchObject({ workload: 'builder', container: 'c'.repeat(64) });
  });

  it('of one that is over is not said to a container that is taken in anew', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ ...shift, status: 'closed' })));
    expectOk(stand.triage.markFalse({ finding: id }));
    const after = standWith(stand.store);
    after.triage.begin('c'.repeat(64));
    expect(after.heard).toEqual([]);
    expect(saidOf(after.triage.view())).toEqual(['false-alarm']);
  });

  it('that cannot be written down leaves it counted', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding(shift)));
    expectOk(stand.triage.markFalse({ finding: id }));
    expectOk(stand.store.close());
    const refused = stand.triage.unmarkFalse({ finding: id });
    expect(expectFailure(refused).kind).toBe('not-recorded');
    expect(saidOf(stand.triage.view())).toEqual(['false-alarm']);
    expect(names(stand)).toEqual(['marked-false']);
  });

  it('is forgotten of the oldest beyond a thousand, so that the record stays small', () => {
    const stand = standWith();
    const idOf = (number: number) => `cccccccccccc|level-shift|cpu|${number}`;
    for (let number = 0; number <= 1000; number += 1) {
      expectOk(stand.store.findings.put(finding({ ...shift, id: idOf(number) })));
      expectOk(stand.triage.markFalse({ finding: idOf(number) }));
    }
    const { words } = stand.triage.view();
    expect(words).toHaveLength(1000);
    expect(words[0]?.finding).toBe(idOf(1));
    expectOk(stand.store.findings.put(finding({ id: 'f1' })));
    expectOk(stand.triage.acknowledge({ finding: 'f1' }));
  });
});

describe('what was said before', () => {
  it('is read as it was kept by an earlier version', () => {
    const store = openForTest(':memory:');
    const of = { workload: 'builder', container: 'c'.repeat(64), at: 5 };
    const mute = { workload: 'builder', kind: 'drift', since: nineOClock, until: nineOClock + 9 };
    expectOk(
      store.settings.set('triage', {
        acknowledged: [
          { finding: 'f1', ...of },
          { finding: 'f2', ...of, isFalse: true },
        ],
        mutes: [mute],
        markedFalse: ['f2', 'f3'],
      }),
    );
    expect(standWith(store).triage.view()).toEqual({
      words: [
        { says: 'normal', finding: 'f1', at: 5 },
        { says: 'false-alarm', finding: 'f2', at: 5 },
      ],
      mutes: [mute],
    });
  });
});

describe('muting a kind of finding', () => {
  const muted = { workload: 'builder', kind: 'drift' } as const;

  it('holds for that workload and kind until its time is over, also over a restart', () => {
    const stand = standWith();
    const view = expectOk(stand.triage.mute({ ...muted, forMs: 10 * minute }));
    expect(view.mutes).toEqual([{ ...muted, since: nineOClock, until: nineOClock + 10 * minute }]);
    expect(stand.triage.isMuted(muted)).toBe(true);
    expect(stand.triage.isMuted({ ...muted, kind: 'fork-bomb' })).toBe(false);
    expect(stand.triage.isMuted({ ...muted, workload: 'web' })).toBe(false);
    const later = standWith(stand.store, { time: nineOClock + 10 * minute - 1 });
    expect(later.triage.isMuted(muted)).toBe(true);
    later.clock.time += 1;
    expect(later.triage.isMuted(muted)).toBe(false);
    later.triage.tick();
    expect(later.told.map(({ mutes }) => mutes)).toEqual([[]]);
    later.triage.tick();
    expect(later.told).toHaveLength(1);
    expect(standWith(later.store).triage.view().mutes).toEqual([]);
  });

  it('again takes the place of what was said before, and is ended by hand', () => {
    const { triage } = standWith();
    expectOk(triage.mute({ ...muted, forMs: 10 * minute }));
    const again = expectOk(triage.mute({ ...muted, forMs: minute }));
    expect(again.mutes).toMatchObject([{ until: nineOClock + minute }]);
    expect(expectOk(triage.unmute(muted)).mutes).toEqual([]);
    expect(triage.isMuted(muted)).toBe(false);
  });

  it('does not last longer because the clock was put back', () => {
    const { triage, clock } = standWith();
    expectOk(triage.mute({ ...muted, forMs: 10 * minute }));
    clock.time -= 24 * 60 * minute;
    expect(triage.isMuted(muted)).toBe(false);
  });

  it('is refused beyond a thousand', () => {
    const { triage } = standWith();
    for (let number = 0; number < 1000; number += 1) {
      expectOk(triage.mute({ workload: `w${number}`, kind: 'drift', forMs: minute }));
    }
    expect(expectFailure(triage.mute({ ...muted, forMs: minute })).kind).toBe('too-many');
    expectOk(triage.mute({ workload: 'w7', kind: 'drift', forMs: 2 * minute }));
  });

  it('that cannot be written down is not in force', () => {
    const stand = standWith();
    expectOk(stand.store.close());
    expect(expectFailure(stand.triage.mute({ ...muted, forMs: minute })).kind).toBe('not-recorded');
    expect(stand.triage.isMuted(muted)).toBe(false);
    expect(stand.told).toEqual([]);
  });
});

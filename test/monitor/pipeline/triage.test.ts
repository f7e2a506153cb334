import { describe, expect, it } from 'vitest';
import type { ControlObservation } from '../../../monitor/model/observation.ts';
import { createLosses } from '../../../monitor/pipeline/losses.ts';
import { createTriage, type Triage } from '../../../monitor/pipeline/triage.ts';
import type { Store } from '../../../monitor/record/store.ts';
import type { TriageView } from '../../../monitor/rpc/service-triage.ts';
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
  });
  return { triage, clock, heard, told, store };
}

const spoken = ({ heard }: Stand) => heard.map(({ event }) => event);

describe('acknowledging a finding', () => {
  it('reaches the detectors and the drivers, once, and is taken back the same way', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ id: 'f1' })));
    const view = expectOk(stand.triage.acknowledge({ finding: 'f1' }));
    expect(view.acknowledged).toEqual([{ finding: 'f1', at: nineOClock }]);
    expectOk(stand.triage.acknowledge({ finding: 'f1' }));
    expect(spoken(stand)).toEqual([{ name: 'acknowledged', finding: 'f1' }]);
    expect(stand.heard[0]).toMatchObject({ workload: 'builder', container: 'c'.repeat(64) });
    expect(expectOk(stand.triage.unacknowledge({ finding: 'f1' })).acknowledged).toEqual([]);
    expectOk(stand.triage.unacknowledge({ finding: 'f1' }));
    expect(spoken(stand)).toEqual([
      { name: 'acknowledged', finding: 'f1' },
      { name: 'unacknowledged', finding: 'f1' },
    ]);
    expect(stand.told.map(({ acknowledged }) => acknowledged.length)).toEqual([1, 0]);
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
    expect(after.triage.view().acknowledged).toEqual([{ finding: 'f1', at: nineOClock }]);
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
    expect(stand.triage.view().acknowledged).toHaveLength(1);
    stand.triage.closed('f1');
    expect(stand.triage.view().acknowledged).toEqual([]);
    expect(standWith(stand.store).triage.view().acknowledged).toEqual([]);
  });
});

describe('calling a finding a false alarm', () => {
  const id = 'cccccccccccc|level-shift|cpu|5';
  const shift = { id, kind: 'level-shift', severity: 'low' } as const;

  it('acknowledges it and counts against the budget, once, over a restart too', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding(shift)));
    const view = expectOk(stand.triage.markFalse({ finding: id }));
    expect(view.acknowledged).toEqual([{ finding: id, at: nineOClock, isFalse: true }]);
    expectOk(stand.triage.markFalse({ finding: id }));
    expectOk(standWith(stand.store).triage.markFalse({ finding: id }));
    expect(spoken(stand)).toEqual([{ name: 'marked-false', finding: id }]);
  });

  it('counts when it is over, too; one that was but recorded does not', () => {
    const stand = standWith();
    expectOk(stand.store.findings.put(finding({ ...shift, status: 'closed' })));
    expect(expectOk(stand.triage.markFalse({ finding: id })).acknowledged).toEqual([]);
    expect(spoken(stand)).toEqual([{ name: 'marked-false', finding: id }]);
    const info = { ...shift, id: `${id}5`, severity: 'info' } as const;
    expectOk(stand.store.findings.put(finding(info)));
    expectOk(stand.triage.markFalse({ finding: info.id }));
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

import { describe, expect, it } from 'vitest';
import { createDetection } from '../../../../monitor/detect/detection.ts';
import type { ControlObservation } from '../../../../monitor/model/observation.ts';
import { createAlarms } from '../../../../monitor/pipeline/service/alarms-service.ts';
import { createJudgement } from '../../../../monitor/pipeline/judgement.ts';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import type { Store } from '../../../../monitor/record/store.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import {
  expectFailure,
  expectOk,
  nineOClock,
  openForTest,
  workload,
} from '../../record/examples.ts';

const losses = createLosses(silentLogger);
const web = workload({ key: 'agent#web', container: 'a'.repeat(64), name: 'web' });
const other = workload({ key: 'agent#other', container: 'b'.repeat(64), name: 'other' });

/** Alarms over real detectors and a real record. */
function standWith(store: Store = openForTest(':memory:')) {
  const detection = createDetection({ learnMs: 300_000, hostCpus: 4 });
  const judgement = createJudgement(detection, store, losses, silentLogger);
  const heard: ControlObservation[] = [];
  const alarms = createAlarms({
    store,
    clock: { now: () => nineOClock },
    losses,
    workloads: () => [web],
    outlook: (key) => judgement.outlook(key),
    observe(observation) {
      heard.push(observation);
      judgement.step(observation);
    },
  });
  judgement.begin(web);
  alarms.begin(web);
  return { alarms, judgement, detection, heard, store };
}

describe('the budget of false alarms', () => {
  it('is one a day until it is set, holds at once, and outlives a restart', () => {
    const stand = standWith();
    expect(stand.alarms.alarms()).toMatchObject({ alarmsPerDay: 1, workloads: [{ told: 0 }] });
    expect(stand.heard).toEqual([]);
    expectOk(stand.alarms.setAlarmBudget({ alarmsPerDay: 0.2, direction: 'lower' }));
    expect(stand.judgement.outlook('agent#web')?.alarmsPerDay).toBe(0.2);
    const after = standWith(stand.store);
    expect(after.alarms.alarms().alarmsPerDay).toBe(0.2);
    expect(after.heard.map(({ event }) => event)).toEqual([
      { name: 'budget-changed', alarmsPerDay: 0.2 },
    ]);
    expect(after.judgement.outlook('agent#web')?.alarmsPerDay).toBe(0.2);
  });

  it('is raised by raising and lowered by lowering, and not the other way', () => {
    const { alarms } = standWith();
    const wrong = alarms.setAlarmBudget({ alarmsPerDay: 0.5, direction: 'raise' });
    expect(expectFailure(wrong)).toMatchObject({
      kind: 'wrong-direction',
      message: 'The budget is 1 a day: 0.5 is less.',
    });
    expect(alarms.setAlarmBudget({ alarmsPerDay: 2, direction: 'lower' }).ok).toBe(false);
    expect(expectOk(alarms.setAlarmBudget({ alarmsPerDay: 2, direction: 'raise' }))).toMatchObject({
      alarmsPerDay: 2,
    });
  });

  it('says of a new workload what may be claimed of it', () => {
    const [first] = standWith().alarms.alarms().workloads;
    expect(first).toMatchObject({ workload: 'agent#web', name: 'web', actualPerDay: undefined });
    expect(first?.claim).toContain('Too new to tell what is unusual for it');
  });
});

describe('an alarm that is called false', () => {
  const finding = `${'a'.repeat(12)}|level-shift|cpu|5`;
  const say = (stand: ReturnType<typeof standWith>, name: 'marked-false' | 'unmarked-false') =>
    stand.judgement.step({
      ...{ kind: 'control', at: nineOClock, workload: web.key, container: web.container },
      event: { name, finding },
    });
  const counted = (stand: ReturnType<typeof standWith>) =>
    stand.alarms.alarms().workloads.map(({ markedFalse }) => markedFalse);

  it('is counted for its workload, until that is taken back', () => {
    const stand = standWith();
    const before = stand.judgement.outlook(web.key);
    say(stand, 'marked-false');
    expect(counted(stand)).toEqual([1]);
    expect(stand.judgement.outlook(web.key)?.onceInMs).toBeGreaterThan(before?.onceInMs ?? 0);
    say(stand, 'unmarked-false');
    expect(stand.judgement.outlook(web.key)?.onceInMs).toBeCloseTo(before?.onceInMs ?? 0, -3);
    expect(counted(stand)).toEqual([0]);
  });

  it('counts though its container is gone, be the workload watched or only stored', () => {
    const stand = standWith();
    const later = { ...web, container: 'e'.repeat(64) };
    stand.judgement.begin(later);
    expectOk(stand.store.workloads.put(web, nineOClock));
    stand.judgement.end(web, nineOClock);
    say(stand, 'marked-false');
    expect(counted(stand)).toEqual([1]);
    stand.judgement.end(later, nineOClock);
    say(stand, 'unmarked-false');
    expect(counted(standWith(stand.store))).toEqual([0]);
    say(stand, 'marked-false');
    const after = standWith(stand.store);
    expect(counted(after)).toEqual([1]);
    say(after, 'unmarked-false');
    expect(counted(after)).toEqual([0]);
  });
});

describe('what one workload of an image is known to do', () => {
  const second = (at: number, counts: Record<string, number>) => ({
    kind: 'syscalls' as const,
    at,
    workload: web.key,
    container: web.container,
    intervalMs: 1000,
    counts,
    failed: {},
    lost: 0,
  });

  it('is known of the next, whether the first is watched or only stored', () => {
    const stand = standWith();
    for (let at = 1; at < 10; at += 1) stand.judgement.step(second(at * 1000, { mkdir: 3 }));
    stand.judgement.begin(other);
    const beside = stand.detection.baselines.get(other.key)?.profile.calls;
    expect(beside?.prior?.tops.get('mkdir')).toBe(3);
    expect(beside?.tops.size).toBe(0);
    expectOk(stand.store.workloads.put(web, nineOClock));
    stand.judgement.end(web, nineOClock);
    const later = standWith(stand.store);
    later.judgement.begin(other);
    const stored = later.detection.baselines.get(other.key)?.profile.calls;
    expect(stored?.prior?.tops.get('mkdir')).toBe(3);
  });

  it('is not handed to another image, nor between images known by their id only', () => {
    const stand = standWith();
    stand.judgement.step(second(1000, { mkdir: 3 }));
    stand.judgement.begin({ ...other, key: 'agents#web' });
    expect(stand.detection.baselines.get('agents#web')?.profile.calls.prior).toBeUndefined();
    stand.judgement.begin({ ...web, key: 'untagged#a', container: 'c'.repeat(64) });
    const calls = stand.detection.baselines.get('untagged#a')?.profile.calls;
    if (calls !== undefined) calls.watchedMs = 5000;
    stand.judgement.begin({ ...web, key: 'untagged#b', container: 'd'.repeat(64) });
    expect(stand.detection.baselines.get('untagged#b')?.profile.calls.prior).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchOn } from '../../../../monitor/detect/budget/alarm-budget.ts';
import { createContainerWatch } from '../../../../monitor/detect/container-watch.ts';
import { noteInHistory } from '../../../../monitor/detect/escape-history.ts';
import { createBaseline, packBaseline } from '../../../../monitor/detect/learned.ts';
import { packProfile, type Profile } from '../../../../monitor/detect/profile.ts';
import {
  createLearnedMixes,
  packMixes,
} from '../../../../monitor/detect/syscalls/learned-mixes.ts';
import { learnLevel } from '../../../../monitor/detect/syscalls/learned-calls.ts';
import { stepWatch } from '../../../../monitor/detect/watch.ts';
import { fromStored, toStored } from '../../../../monitor/pipeline/baseline/stored-baseline.ts';
import { container, idleSecond, tellStory, workload } from '../../detect/story.ts';

const settings = { learnMs: 60_000, hostCpus: 4 };

/** What is left of the profile after `spoil` had its way with the stored row. */
function readBack(spoil: (profile: Record<string, unknown>) => void): Profile | undefined {
  const { baseline } = tellStory(true);
  learnLevel(baseline.profile.calls, 'read', 40);
  baseline.profile.calls.watchedMs = 90_000;
  baseline.profile.domains.tops.set('example.net', 30);
  noteInHistory(baseline.profile.escapes, 'ptrace T1055.008', 5_000);
  watchOn(baseline.profile.budget, 1e9);
  const stored = toStored('agent#web', baseline, 5);
  const state = JSON.parse(JSON.stringify(stored.state)) as { profile: Record<string, unknown> };
  spoil(state.profile);
  return fromStored({ ...stored, state })?.profile;
}

describe('a stored profile', () => {
  it('brings back calls, names, series and budget', () => {
    const { baseline } = tellStory(true);
    baseline.profile.calls.prior = { tops: new Map([['mkdir', 3]]), watchedMs: 7 };
    const back = fromStored(
      JSON.parse(JSON.stringify(toStored('agent#web', baseline, 5))) as never,
    );
    expect(back && packProfile(back.profile)).toEqual(packProfile(baseline.profile));
    expect(back?.profile.cores.cpu.now.seen).toBeGreaterThan(10);
  });

  it('loses no more than the part that is broken', () => {
    const broken = readBack((profile) => {
      profile['calls'] = { tops: [['read', -1]], watchedMs: 'long' };
      profile['budget'] = { ...(profile['budget'] as object), correction: null };
    });
    expect(broken?.calls.watchedMs).toBe(0);
    expect(broken?.budget.watchedMs).toBe(0);
    expect(broken?.domains.tops.get('example.net')).toBe(30);
    expect(broken?.escapes.latest.get('ptrace T1055.008')).toBe(5_000);
    expect(broken?.cores.cpu.now.seen).toBeGreaterThan(10);
    const other = readBack((profile) => {
      profile['cores'] = { cpu: profile['cores'] };
      profile['domains'] = 'none';
    });
    expect(other?.cores.cpu.now.seen).toBe(0);
    expect(other?.calls.tops.get('read')).toBe(40);
    expect(other?.budget.watchedMs).toBeGreaterThan(1e9);
  });

  it('has a mix of calls only where each kind is named once', () => {
    const mixes = { ...packMixes(createLearnedMixes()), watchedMs: 7 };
    const kept = (kinds: readonly string[]) =>
      readBack((profile) => (profile['mixes'] = { ...mixes, kinds }))?.mixes.watchedMs;
    expect([kept(['read', 'write']), kept(['read', 'read'])]).toEqual([7, 0]);
  });

  it('whatever it is, is read without harm, and can be gone on with', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (profile) => {
        const stored = toStored('agent#web', createBaseline(), 5);
        const state = { ...(stored.state as object), profile };
        const baseline = fromStored({ ...stored, state });
        if (baseline === undefined) throw new Error('Its ranges were sound.');
        const watch = createContainerWatch(workload, container, [], baseline.profile.cores);
        const { findings } = stepWatch(watch, baseline, idleSecond(1e12), settings);
        expect(findings).toEqual([]);
      }),
    );
  });

  it('of an older Sentra is new', () => {
    const { state: whole } = toStored('agent#web', createBaseline(), 5);
    const state = { ...(whole as object), profile: undefined };
    const stored = { workload: 'agent#web', version: 1, updatedAt: 5, state };
    expect(fromStored(stored)?.profile.budget.watchedMs).toBe(0);
  });
});

describe('a stored baseline', () => {
  it('comes back as it was', () => {
    const { baseline } = tellStory(true);
    const again = fromStored(toStored('agent#web', baseline, 5));
    expect(again && packBaseline(again)).toEqual(packBaseline(baseline));
  });

  it('of another version, or of another shape, is learned anew', () => {
    const stored = toStored('agent#web', createBaseline(), 5);
    expect(fromStored({ ...stored, version: 99 })).toBeUndefined();
    for (const state of [undefined, null, 'x', {}, { ...(stored.state as object), weight: -1 }]) {
      expect(fromStored({ ...stored, state })).toBeUndefined();
    }
  });
});

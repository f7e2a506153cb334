import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../monitor/detect/finding-source.ts';
import { seriesNames } from '../../monitor/detect/series.ts';
import { findingKinds } from '../../monitor/model/finding.ts';
import { isBudgetedAlarm, wordOn } from '../../renderer/state/finding-word.ts';
import type { Finding, Triage } from '../../renderer/state/model.ts';
import { finding } from './fixtures.ts';

const alarm = finding(1, {
  id: `${'0'.repeat(12)}|level-shift|cpu|5`,
  kind: 'level-shift',
  severity: 'low',
});
const over: Finding = { ...alarm, status: 'closed' };
const runaway = finding(2);

function said(says?: 'normal' | 'false-alarm', id = alarm.id): Triage {
  return { words: says === undefined ? [] : [{ says, finding: id, at: 0 }], mutes: [] };
}

describe('What may be said of a finding', () => {
  test('Nothing was said: an open one is normal or a false alarm, one that is over a false alarm.', () => {
    const nothing = { said: 'nothing', mayCallFalse: true };
    expect(wordOn(said(), alarm)).toEqual({ ...nothing, isOpen: true, mayAcknowledge: true });
    expect(wordOn(undefined, over)).toEqual({ ...nothing, isOpen: false, mayAcknowledge: false });
    expect(wordOn(said('normal', 'another'), alarm)).toMatchObject({ said: 'nothing' });
  });

  test('An upload may be called normal also when it is over: the monitor still knows it.', () => {
    const upload = { ...over, kind: 'sustained-upload', id: `${'0'.repeat(12)}|x|bytes sent|5` };
    expect(wordOn(said(), upload as Finding)).toMatchObject({
      said: 'nothing',
      isOpen: false,
      mayAcknowledge: true,
    });
  });

  test('What rests on no budget is no false alarm of it.', () => {
    expect(wordOn(said(), runaway)).toMatchObject({ mayAcknowledge: true, mayCallFalse: false });
    const recorded = { ...alarm, severity: 'info' } as const;
    expect(wordOn(said(), recorded)).toMatchObject({ mayCallFalse: false });
  });

  test('What is normal may still be called a false alarm; that it is normal ends with it.', () => {
    expect(wordOn(said('normal'), alarm)).toEqual({ said: 'normal', mayCallFalse: true });
    expect(wordOn(said('normal'), over)).toEqual(wordOn(said(), over));
  });

  test('A false alarm offers but to be taken back: open, over, and open again.', () => {
    const states = [alarm, over, alarm].map((each) => wordOn(said('false-alarm'), each));
    expect(states).toEqual([
      { said: 'false-alarm', isOpen: true },
      { said: 'false-alarm', isOpen: false },
      { said: 'false-alarm', isOpen: true },
    ]);
  });
});

test('The window offers to call false just what the monitor counts.', () => {
  const own: Readonly<Record<string, readonly string[]>> = {
    'level-shift': seriesNames,
    'unusual-calls': ['system calls', 'rare system calls'],
    'dns-tunnel': ['evil.example'],
    'sustained-cpu': ['CPU without rest', 'CPU'],
    'sustained-upload': ['bytes sent to backup.example', 'bytes sent'],
  };
  for (const kind of findingKinds) {
    for (const series of own[kind] ?? ['cpu', 'bytes sent to backup.example', 'CPU without rest']) {
      const each = { ...alarm, kind, id: `${'0'.repeat(12)}|${kind}|${series}|5` };
      expect([each.id, isBudgetedAlarm(each)]).toEqual([each.id, sourceOf(each.id) !== undefined]);
    }
  }
});

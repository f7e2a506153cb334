import { expect, test } from 'vitest';
import { applyEvent, createPicture, snapshotOf } from '../../main/picture/picture.ts';
import { idOf, noon, reading, snapshot, view, wellSeen } from '../renderer/fixtures.ts';

test('What a new window begins with is the snapshot, brought up to date by what was told since.', () => {
  const picture = createPicture(snapshot([view(1), view(2), view(3)]), []);
  expect(snapshotOf(picture)).toEqual(snapshot([view(1), view(2), view(3)]));

  const cost = { cpuCores: 0.2, residentBytes: 1 };
  const newer = reading(1, noon + 1000, 0.9);
  const lost = { ...wellSeen[0]!, sight: { state: 'blind', reason: 'Gone.' } } as const;
  const triage = {
    words: [{ says: 'normal' as const, finding: 'finding-1', at: noon }],
    mutes: [],
  };
  const at = noon + 2000;
  applyEvent(picture, { kind: 'observations', at, observations: [newer], cost, leftOut: 7 });
  applyEvent(picture, { kind: 'workload', at, change: 'gone', view: view(2) });
  // Told late: its reading is older than the one that came by itself.
  const paused = { ...view(1), workload: { ...view(1).workload, state: 'paused' as const } };
  applyEvent(picture, { kind: 'workload', at, change: 'changed', view: paused });
  applyEvent(picture, {
    ...{ kind: 'coverage', at, workload: view(3).workload.key, container: idOf(3) },
    coverage: lost,
  });
  applyEvent(picture, { kind: 'triage', at, triage });

  const { workloads, ...standing } = snapshotOf(picture);
  expect(standing).toMatchObject({ at, cost, leftOut: 7, triage });
  expect(workloads.map(({ workload }) => workload.container)).toEqual([idOf(1), idOf(3)]);
  expect(workloads[0]).toEqual({ ...paused, resource: newer });
  expect(workloads[1]?.coverage).toEqual([lost, wellSeen[1], wellSeen[2]]);
});

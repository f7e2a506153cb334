import { expect, test } from 'vitest';
import type { Finding } from '../../../../monitor/model/finding.ts';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import { createFindings } from '../../../../monitor/pipeline/service/findings-service.ts';
import type { StoreError } from '../../../../monitor/record/store-error.ts';
import { failed } from '../../../../monitor/runtime/result.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { finding, nineOClock, openForTest } from '../../record/examples.ts';

const all = { status: undefined, workload: undefined, limit: 10 } as const;
const open = { ...all, status: 'open' } as const;
const closed = { ...all, status: 'closed' } as const;

function standWith(recorded: readonly Finding[], held: readonly Finding[]) {
  const store = openForTest(':memory:');
  for (const each of recorded) store.findings.put(each);
  const losses = createLosses(silentLogger);
  const parts = { store, open: () => held, losses };
  return { store, parts, losses, findings: createFindings(parts) };
}

const idsOf = (findings: readonly Finding[]) => findings.map(({ id }) => id);

test('What a full disk kept out of the record is listed while the detectors hold it open.', () => {
  const old = finding({ id: 'old', at: nineOClock - 5 });
  const over = finding({ id: 'over', at: nineOClock - 9, status: 'closed' });
  const lost = finding({ id: 'lost', workload: 'other' });
  const { store, findings } = standWith([old, over], [lost, old]);
  expect(idsOf(findings(open))).toEqual(['lost', 'old']);
  expect(idsOf(findings(all))).toEqual(['lost', 'old', 'over']);
  expect(idsOf(findings(closed))).toEqual(['over']);
  expect(idsOf(findings({ ...open, workload: 'builder' }))).toEqual(['old']);
  expect(idsOf(findings({ ...all, limit: 2 }))).toEqual(['lost', 'old']);
  store.close();
});

test('A finding that grew worse while the disk was full is listed as it is now.', () => {
  const { store, findings } = standWith([finding({ severity: 'medium' })], [finding()]);
  expect(findings(open)).toMatchObject([{ severity: 'critical' }]);
  store.close();
});

test('Where the record cannot be read, what is open is listed all the same, and the failure counted.', () => {
  const { store, parts, losses } = standWith([], [finding()]);
  const error: StoreError = { kind: 'failed', message: 'It was not read.', advice: '' };
  const broken = { findings: { ...store.findings, list: () => failed(error) } };
  expect(idsOf(createFindings({ ...parts, store: broken })(open))).toEqual(['finding-1']);
  expect(losses.all()).toMatchObject([{ count: 1 }]);
  store.close();
});

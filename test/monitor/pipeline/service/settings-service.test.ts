import { expect, test } from 'vitest';
import { createLosses } from '../../../../monitor/pipeline/losses.ts';
import {
  defaultRetentionView,
  openRetentionSetting,
} from '../../../../monitor/pipeline/service/retention-setting.ts';
import { createSettingsService } from '../../../../monitor/pipeline/service/settings-service.ts';
import { loadPolicy } from '../../../../monitor/policy/load.ts';
import { defaultRetention } from '../../../../monitor/record/retention.ts';
import type { Store } from '../../../../monitor/record/store.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { expectFailure, expectOk, openForTest } from '../../record/examples.ts';

const losses = createLosses(silentLogger);
const day = 24 * 3_600_000;

function serviceOver(store: Store) {
  const retention = openRetentionSetting(store.settings, losses);
  const loaded = loadPolicy(
    'version: 1\nwatch: {names: ["agent-*"], labels: {team: true}, exclude: {images: [node]}}\nrules: []\n',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const service = createSettingsService({
    retention,
    store,
    recordPath: '/state/record.db',
    policy: {
      path: '/state/policy.yaml',
      policy: () => loaded.value.policy,
      text: () => ({ text: '', fromFile: undefined }),
      readFile: () => undefined,
    },
    applyPolicy: () => undefined,
    tryEngine: () => Promise.reject(new Error('Nobody was to ask.')),
    losses,
  });
  return { retention, service };
}

test('What is shown by default is what the record goes by by default.', () => {
  const { retention, service } = serviceOver(openForTest(':memory:'));
  expect(service.settings().retention).toEqual(defaultRetentionView);
  expect(retention.limits()).toEqual(defaultRetention);
});

test('The record and the selection are shown as they are.', () => {
  const { service } = serviceOver(openForTest(':memory:'));
  const { record, selection } = service.settings();
  expect(record.path).toBe('/state/record.db');
  expect(record.megabytes).toBeGreaterThan(0);
  expect(record.megabytes).toBeLessThan(10);
  expect(selection).toEqual({
    only: {
      names: ['agent-*'],
      images: [],
      composeProjects: [],
      labels: [{ key: 'team', pattern: true }],
    },
    exclude: { names: [], images: ['node'], composeProjects: [], labels: [] },
  });
});

test('A retention that is set holds at once and after a restart, and shortens everything.', () => {
  const store = openForTest(':memory:');
  const { retention, service } = serviceOver(store);
  expect(retention.takeChange()).toBe(false);
  const wanted = { days: 10, megabytes: 50 };
  expect(expectOk(service.setRetention(wanted)).retention).toEqual(wanted);
  expect(retention.takeChange()).toBe(true);
  expect(retention.takeChange()).toBe(false);
  const again = serviceOver(store).retention;
  expect(again.view()).toEqual(wanted);
  expect(again.limits().maxBytes).toBe(50_000_000);
  const ages = again.limits().maxAgeMs;
  expect(ages).toMatchObject({ findings: 10 * day, actions: 10 * day, minutes: 10 * day });
  expect(ages.seconds).toBe(day / 4);
});

test('A retention that cannot be written down is refused and does not hold.', () => {
  const store = openForTest(':memory:');
  const { retention, service } = serviceOver(store);
  expectOk(store.close());
  const refused = service.setRetention({ days: 10, megabytes: 50 });
  expect(expectFailure(refused).kind).toBe('not-recorded');
  expect(retention.view()).toEqual(defaultRetentionView);
});

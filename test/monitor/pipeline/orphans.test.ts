import { expect, test } from 'vitest';
import type { Finding } from '../../../monitor/model/finding.ts';
import { createLosses } from '../../../monitor/pipeline/losses.ts';
import { findOrphans } from '../../../monitor/pipeline/orphans.ts';
import { openStore, type Store } from '../../../monitor/record/store.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';

function finding(container: string): Finding {
  return {
    id: `${container}|fork-bomb|processes|1`,
    kind: 'fork-bomb',
    workload: 'agent#web',
    container,
    status: 'open',
    severity: 'critical',
    score: 1,
    onsetAt: 1,
    at: 2,
    sentence: 'Processes multiply.',
    evidence: [],
    technique: undefined,
  };
}

function storeWith(...containers: readonly string[]): Store {
  const opened = openStore(':memory:', { now: () => 10, logger: silentLogger });
  if (!opened.ok) throw new Error(opened.error.message);
  for (const container of containers) opened.value.findings.put(finding(container));
  return opened.value;
}

test('Findings about containers that are gone are found; others, watched or not, are not.', async () => {
  const store = storeWith('gone', 'watched', 'present');
  const losses = createLosses(silentLogger);
  const present = { name: 'p', image: 'i', labels: {}, state: 'running' as const, createdAt: 1 };
  const value = [{ container: 'present', ...present }];
  const engine = { list: () => Promise.resolve({ ok: true as const, value }) };
  const orphans = await findOrphans(store, engine, (id) => id === 'watched', losses);
  expect(orphans.map(({ container }) => container)).toEqual(['gone']);
  expect(losses.all()).toEqual([]);
  store.close();
});

test('Nothing is taken for gone while the engine does not answer.', async () => {
  const store = storeWith('gone');
  const error = { kind: 'timeout' as const, message: 'It did not answer.', advice: 'Wait.' };
  const engine = { list: () => Promise.resolve({ ok: false as const, error }) };
  const losses = createLosses(silentLogger);
  expect(await findOrphans(store, engine, () => false, losses)).toEqual([]);
  store.close();
});

import { expect, test } from 'vitest';
import type { Finding } from '../../../monitor/model/finding.ts';
import { createLosses } from '../../../monitor/pipeline/losses.ts';
import { closeOrphans } from '../../../monitor/pipeline/orphans.ts';
import { openStore } from '../../../monitor/record/store.ts';
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

test('Findings about containers that are gone close; the others stay open.', () => {
  const opened = openStore(':memory:', { now: () => 10, logger: silentLogger });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  const losses = createLosses(silentLogger);
  store.findings.put(finding('gone'));
  store.findings.put(finding('here'));
  closeOrphans(store, (container) => container === 'here', 10, losses);
  const listed = store.findings.list({ status: 'open', limit: 10 });
  expect(listed.ok && listed.value.map((item) => item.finding.container)).toEqual(['here']);
  expect(losses.all()).toEqual([]);
  store.close();
});

import { expect, test } from 'vitest';
import { ownLabel } from '../../../../monitor/model/selector.ts';
import { ignoredFrom } from '../../../../monitor/sensors/lifecycle/tracked-container.ts';

test('A container that bears the label of Sentra’s own is left out for that reason.', () => {
  const summary = {
    container: 'a'.repeat(64),
    name: 'hidden',
    image: 'agents:latest',
    state: 'running',
    createdAt: 0,
  } as const;
  expect(ignoredFrom({ ...summary, labels: { [ownLabel]: 'agent' } })).toMatchObject({
    name: 'hidden',
    reason: 'own',
  });
  expect(ignoredFrom({ ...summary, labels: {} }).reason).toBe('not-selected');
});

import { expect, test } from 'vitest';
import { ignoredFrom } from '../../../../monitor/sensors/lifecycle/tracked-container.ts';

test('What is left out because it is Sentra’s own is told apart from what the policy leaves out.', () => {
  const helper = {
    container: 'a'.repeat(64),
    name: 'sentra-helper',
    image: 'sentra-helper:0123456789ab',
    labels: { 'sentra.helper': 'sha256:0' },
    state: 'running',
    createdAt: 0,
  } as const;
  expect(ignoredFrom(helper)).toMatchObject({ name: 'sentra-helper', reason: 'own' });
  expect(ignoredFrom({ ...helper, name: 'agent' }).reason).toBe('not-selected');
});

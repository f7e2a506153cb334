import { expect, test } from 'vitest';
import { createInterfaceSight } from '../../../../monitor/egress/guard/interface-sight.ts';

const on = (...networks: readonly string[]) => ({ kind: 'own', networks }) as const;

test('An interface that came with no network of the engine’s is told, until it goes', () => {
  const sight = createInterfaceSight();
  expect(sight(7, ['eth0'], on('bridge'))).toBeUndefined();
  expect(sight(7, ['eth0', 'x0'], on('bridge'))).toContain('did not make: x0.');
  expect(sight(7, ['eth0'], on('bridge'))).toBeUndefined();
});

test('One that came with a network is not, nor what was there from the start of the container', () => {
  const sight = createInterfaceSight();
  expect(sight(7, ['eth0', 'tunl0'], on('bridge'))).toBeUndefined();
  expect(sight(7, ['eth0', 'eth1', 'tunl0'], on('bridge', 'team'))).toBeUndefined();
  expect(sight(7, ['eth0', 'tunl0'], on('team'))).toBeUndefined();
  expect(sight(8, ['eth0', 'x0'], on('team'))).toBeUndefined();
});

test('What is known late of networks that went is no reason to tell of anything', () => {
  const sight = createInterfaceSight();
  // After a restart, before the engine was asked what it is attached to now.
  expect(sight(7, ['eth0'], on('bridge', 'team'))).toBeUndefined();
  expect(sight(7, ['eth0'], on('bridge'))).toBeUndefined();
  expect(sight(7, ['eth0', 'eth1'], on('bridge', 'team'))).toBeUndefined();
  expect(sight(7, ['eth0'], on('bridge', 'team'))).toBeUndefined();
  expect(sight(7, ['eth0'], on('bridge'))).toBeUndefined();
  expect(sight(7, ['eth0', 'x0'], on('bridge'))).toContain('did not make: x0.');
});

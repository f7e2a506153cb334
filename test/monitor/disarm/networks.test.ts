import { expect, test } from 'vitest';
import { ownersOf } from '../../../monitor/egress/disarm/networks.ts';

test.each([[['walled', 'beside']], [['beside', 'walled']]])(
  'A wall in a network that two containers share is that of the one that Sentra has a note of.',
  (order) => {
    const spaces = order.map(
      (container, index) => [container, { pid: 10 + index, inode: 4 }] as const,
    );
    const gone = ['gone', undefined] as const;
    expect([...ownersOf([gone, ...spaces], new Set(['walled']))]).toEqual([[4, 'walled']]);
  },
);

import { expect, test } from 'vitest';
import { createAsking } from '../../../../monitor/egress/ask/asking.ts';
import { createHolder } from '../../../../monitor/egress/ask/holder.ts';
import { startLineProcess } from '../../../../monitor/runtime/line-process.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { ok } from '../../../../monitor/runtime/result.ts';
import { fakeWorkload } from '../../rpc/fake-service.ts';

/** Says what the program that holds says in a crowd. */
const crowd = `while read verb pid inode; do test "$verb" = + && printf '+ %s\\n~ %s 12\\n' $inode $inode; done`;

test('What was held and could not be told is on the account of its container.', async () => {
  const holder = createHolder(silentLogger, () => ok(startLineProcess('/bin/sh', ['-c', crowd])));
  const asking = createAsking({ holder, now: () => 1, rules: () => [], onChange: () => undefined });
  const agent = fakeWorkload('agent', 'a9e7');
  const guard = { workload: () => agent, nameOf: () => undefined };
  expect(await asking.hold({ pid: 100, inode: 7 }, guard)).toEqual(ok(undefined));
  await expect.poll(() => asking.unasked(agent.container)).toBe(12);
  await asking.close();
});

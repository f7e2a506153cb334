import { expect, test } from 'vitest';
import { createResolverLook } from '../../../../monitor/egress/carrier/helper-resolvers.ts';
import { ok } from '../../../../monitor/runtime/result.ts';

const container = 'ab'.repeat(32);
const answer = (pid: number): Buffer =>
  Buffer.from(`resolver ${container} 7\nprocess ${pid} S 1 100\n`);

test('an answer that comes after a later look’s does not bring the older resolver back', async () => {
  const answers: ((text: Buffer) => void)[] = [];
  const client = {
    ask: () => new Promise<Buffer>((resolve) => answers.push(resolve)).then((text) => ok(text)),
    open: () => Promise.reject(new Error('Nothing is opened.')),
  };
  const seen = createResolverLook({ client });
  const [early, late] = [seen.lookNow(), seen.lookNow()];
  answers[1]?.(answer(20));
  expect(await late).toEqual(ok(undefined));
  answers[0]?.(answer(10));
  expect(await early).toEqual(ok(undefined));
  expect(seen.pidsOf(container)).toEqual([20]);
  expect(seen.factsOf(10)).toBeUndefined();
});

test('each later look is heard', async () => {
  let pid = 10;
  const client = {
    ask: () => Promise.resolve(ok(answer((pid += 1)))),
    open: () => Promise.reject(new Error('Nothing is opened.')),
  };
  const seen = createResolverLook({ client });
  await seen.lookNow();
  await seen.lookNow();
  expect(seen.pidsOf(container)).toEqual([12]);
});

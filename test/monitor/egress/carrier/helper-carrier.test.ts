import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createHelperCarrier } from '../../../../monitor/egress/carrier/helper-carrier.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';
import type { WallReader } from '../../../../monitor/egress/wall/wall-reader.ts';
import type { HelperRequest } from '../../../../monitor/helper/helper-request.ts';
import type { Helper } from '../../../../monitor/helper/helper-keeper.ts';
import { ok } from '../../../../monitor/runtime/result.ts';

test('Lines of a resolver’s log that are passed over in a flood are told as such', async () => {
  const log = new PassThrough();
  const helper: Helper = {
    whyNot: () => undefined,
    client: {
      ask: ({ verb }: HelperRequest) =>
        Promise.resolve(ok(Buffer.from(verb === 'resolvers' ? '' : '4 0 0 0 0\neth0 1\n'))),
      open: () => Promise.resolve(ok(log)),
    },
  } as unknown as Helper;
  const reader = { close: () => Promise.resolve() } as WallReader;
  const plan = planWall('enforce', { rules: [] }, [], []);
  if (!plan.ok) throw new Error(plan.error);
  const carrier = createHelperCarrier(helper, reader);
  const place = { container: 'f'.repeat(64), pid: process.pid };
  const lines: string[] = [];
  const started = carrier.resolve(place, plan.value, (line) => lines.push(line));
  log.write(`dnsmasq[${process.pid}]: started, version 2.90 cachesize 0\n`);
  expect((await started).ok).toBe(true);
  try {
    log.write('a line\n'.repeat(5000));
    await expect.poll(() => lines).toContain('');
  } finally {
    await carrier.forget(place.container);
  }
});

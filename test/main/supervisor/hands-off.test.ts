import { expect, test } from 'vitest';
import { createHandsOff } from '../../../main/supervisor/hands-off.ts';
import type { CallError, MonitorClient } from '../../../monitor/rpc/client.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';

/** A shell whose monitor answers so when it is to disarm. */
async function handsOff(error: CallError) {
  const rests: string[] = [];
  const report = await createHandsOff({
    supervisor: {
      client: () => ({ disarm: () => Promise.resolve(failed(error)) }) as unknown as MonitorClient,
      rest: (reason) => Promise.resolve(void rests.push(reason)),
    },
    loginItem: { read: () => ({ state: 'off' }), set: () => ok({ state: 'off' }) },
    onDone: () => undefined,
  }).disarm();
  return { said: report.ok ? '' : report.error, rests };
}

test.each(['timeout', 'closed', 'internal', 'garbage'] as const)(
  'A monitor whose answer fails (%s) may watch no more: it is not shown as one that does.',
  async (kind) => {
    const { said, rests } = await handsOff({ kind, message: 'It failed.' });
    expect(rests).toEqual([expect.stringContaining('nothing is watched')]);
    expect(said).toMatch(/^It failed\. .*not known.*sentra disarm$/);
  },
);

test('One of a version that cannot disarm goes on.', async () => {
  const message = 'There is no method "disarm".';
  expect(await handsOff({ kind: 'unknown-method', message })).toEqual({ said: message, rests: [] });
});

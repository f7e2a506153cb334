import { expect, test, vi } from 'vitest';
import { createCommands } from '../../main/commands.ts';
import type { Notice } from '../../main/notifications/notice.ts';
import type { Picture } from '../../main/picture/picture.ts';
import type { ActionOutcome } from '../../monitor/model/action.ts';
import type { MonitorClient } from '../../monitor/rpc/client.ts';
import { ok } from '../../monitor/runtime/result.ts';
import type { ActRequest } from '../../monitor/rpc/service/service.ts';
import { action, id, pictureOf, view } from './examples.ts';

/** Commands to a monitor that ends each action so, or to none; and what they tell. */
function commandsWith(
  picture: Picture | undefined,
  end: ((target: string) => ActionOutcome) | undefined,
): { readonly commands: ReturnType<typeof createCommands>; readonly told: Notice[] } {
  const told: Notice[] = [];
  const act = ({ target }: ActRequest) =>
    Promise.resolve(ok(action({ outcome: end?.(target) ?? { state: 'started' } })));
  const commands = createCommands({
    client: () => (end === undefined ? undefined : ({ act } as unknown as MonitorClient)),
    picture: () => picture,
    open: () => undefined,
    notifier: { tell: (_key, notice) => told.push(notice) },
    restartMonitor: () => undefined,
    quit: () => undefined,
  });
  return { commands, told };
}

const three = pictureOf(
  ['a', 'b', 'c'].map((digit) => view(`agent-${digit}`, {}, { container: id(digit) })),
);
const proved = { state: 'proved', proof: 'Read back: paused.' } as const;

test('What could not be frozen is named also while no monitor runs.', async () => {
  const { commands, told } = commandsWith(undefined, undefined);
  commands.notice({ kind: 'freeze', container: id('a'), name: 'agent' });
  await vi.waitFor(() => expect(told).toHaveLength(1));
  commands.tray({ kind: 'act', name: 'quarantine', container: id('b') });
  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(told.map(({ title }) => title)).toEqual([
    'agent: nothing was done',
    'bbbbbbbbbbbb: nothing was done',
  ]);
});

test('To freeze all is told once.', async () => {
  const { commands, told } = commandsWith(three, () => proved);
  commands.tray({ kind: 'freeze-all' });
  await vi.waitFor(() => expect(told).not.toEqual([]));
  expect(told).toMatchObject([{ title: '3 containers frozen', urgency: 'normal' }]);
});

test('What freezing all did not freeze is named in what is told of it.', async () => {
  const { commands, told } = commandsWith(three, (target) =>
    target === id('b') ? { state: 'failed', reason: 'The engine does not answer.' } : proved,
  );
  commands.tray({ kind: 'freeze-all' });
  await vi.waitFor(() => expect(told).not.toEqual([]));
  expect(told).toMatchObject([
    {
      title: '2 of 3 containers frozen',
      body: 'agent-b: The engine does not answer.',
      urgency: 'critical',
    },
  ]);
});

test('To freeze all while no monitor runs is not passed over in silence.', async () => {
  const { commands, told } = commandsWith(undefined, undefined);
  commands.tray({ kind: 'freeze-all' });
  await vi.waitFor(() => expect(told).not.toEqual([]));
  expect(told).toMatchObject([{ title: 'Nothing was frozen', urgency: 'critical' }]);
});

import { expect, test, vi } from 'vitest';
import { createCommands } from '../../main/commands.ts';
import type { MonitorClient } from '../../monitor/rpc/client.ts';
import type { ActRequest } from '../../monitor/rpc/service.ts';
import { failed } from '../../monitor/runtime/result.ts';
import { held, id, pictureOf, view } from './examples.ts';

const views = [
  view('runs', {}, { container: id('a') }),
  view('paused', {}, { container: id('b'), state: 'paused' }),
  view('cut off', { containment: held('quarantined') }, { container: id('c') }),
  view('frozen', { containment: held('frozen') }, { container: id('d'), state: 'paused' }),
  view('ended', {}, { container: id('e'), state: 'exited' }),
];

/** What the monitor is asked for on a click, and what the person is told. */
function clicked(kind: 'freeze-all' | 'lock-down-all') {
  const asked: ActRequest[] = [];
  const told: string[] = [];
  const refusal = {
    kind: 'not-possible',
    message: 'It is gone.',
    advice: '',
    candidates: [],
  } as const;
  const client: Partial<MonitorClient> = {
    act: (request) => {
      asked.push(request);
      return Promise.resolve(failed(refusal));
    },
  };
  const commands = createCommands({
    client: () => client as MonitorClient,
    picture: () => pictureOf(views),
    open: () => undefined,
    notifier: { tell: (_, { title }) => void told.push(title) },
    restartMonitor: () => undefined,
    quit: () => undefined,
  });
  commands.tray({ kind });
  return { asked, told };
}

test('Lock down all cuts off what runs and is not held yet; each that fails is told.', async () => {
  const { asked, told } = clicked('lock-down-all');
  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(asked.toSorted((one, other) => (one.target < other.target ? -1 : 1))).toEqual([
    { name: 'quarantine', target: id('a') },
    { name: 'quarantine', target: id('b') },
  ]);
});

test('Freeze all freezes what runs, also what is cut off.', async () => {
  const { asked, told } = clicked('freeze-all');
  await vi.waitFor(() => expect(told).toHaveLength(2));
  expect(asked.map(({ name, target }) => `${name} ${target.slice(0, 1)}`).toSorted()).toEqual([
    'pause a',
    'pause c',
  ]);
});

import { expect, test } from 'vitest';
import { openEngineChoice } from '../../main/settings/choose-engine.ts';
import type { MonitorClient } from '../../monitor/rpc/client.ts';
import { snapshot } from '../renderer/fixtures.ts';

function standWith(named: string | undefined, kept: string | undefined, hasMonitor = true) {
  const done: string[] = [];
  const client = {
    tryEngine: ({ endpoint }: { readonly endpoint: string }) =>
      Promise.resolve(
        endpoint.includes('absent')
          ? { ok: false, error: { kind: 'no-engine', message: 'No.', advice: 'Start it.' } }
          : { ok: true, value: snapshot([]).engine },
      ),
  } as unknown as MonitorClient;
  const choice = openEngineChoice({
    named,
    settings: { engine: () => kept, setEngine: (engine) => done.push(`kept ${engine}`) },
    client: () => (hasMonitor ? client : undefined),
    restartMonitor: () => done.push('restarted'),
  });
  return { choice, done };
}

test('What the command line names holds, then what was chosen, then what is found.', () => {
  expect(standWith('unix:///a', 'unix:///b').choice.engine()).toBe('unix:///a');
  expect(standWith(undefined, 'unix:///b').choice.engine()).toBe('unix:///b');
  expect(standWith(undefined, undefined).choice.engine()).toBeUndefined();
});

test('An engine that answers is kept and watched, and so is the one that is found by itself.', async () => {
  const { choice, done } = standWith('unix:///a', undefined);
  expect(await choice.choose('unix:///b')).toBeUndefined();
  expect(choice.engine()).toBe('unix:///b');
  expect(await choice.choose(null)).toBeUndefined();
  expect(choice.engine()).toBeUndefined();
  expect(done).toEqual(['kept unix:///b', 'restarted', 'kept undefined', 'restarted']);
});

test('One that does not answer changes nothing, and the reason is a sentence.', async () => {
  const { choice, done } = standWith('unix:///a', undefined);
  expect(await choice.choose('unix:///absent')).toBe('No. Start it.');
  expect(choice.engine()).toBe('unix:///a');
  expect(done).toEqual([]);
});

test('One that cannot be kept changes nothing.', async () => {
  const choice = openEngineChoice({
    named: 'unix:///a',
    settings: {
      engine: () => undefined,
      setEngine() {
        throw new Error('No space is left.');
      },
    },
    client: () => undefined,
    restartMonitor: () => undefined,
  });
  await expect(choice.choose('unix:///b')).rejects.toThrow('No space is left.');
  expect(choice.engine()).toBe('unix:///a');
});

test('Where no monitor runs, the choice holds for the next: there is nothing to lose.', async () => {
  const { choice, done } = standWith(undefined, undefined, false);
  expect(await choice.choose('unix:///absent')).toBeUndefined();
  expect(done).toEqual(['kept unix:///absent', 'restarted']);
});

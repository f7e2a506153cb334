import { beforeEach, expect, test } from 'vitest';
import { createGuardVoice } from '../../../main/notifications/guard-news.ts';
import type { GuardVoice } from '../../../main/notifications/guard-news.ts';
import type { MonitorState } from '../../../preload/shell.ts';
import { noon, running } from '../examples.ts';

const starting: MonitorState = { state: 'starting', since: noon };
const restarting: MonitorState = {
  state: 'restarting',
  since: noon,
  reason: 'It ended.',
  attempt: 1,
  nextAt: noon,
};
const waiting: MonitorState = {
  state: 'waiting',
  cause: 'no-engine',
  since: noon,
  reason: 'No engine answers.',
  advice: 'Start Docker.',
  nextAt: noon,
};
const connected = { state: 'connected', since: noon } as const;
const lost = { state: 'reconnecting', since: noon, attempt: 1, nextAt: noon, error: '-' } as const;

let told: string[];
let voice: GuardVoice;

beforeEach(() => {
  told = [];
  voice = createGuardVoice(starting, ({ title }) => told.push(title));
  voice.onMonitor(running);
  voice.onConnection(connected);
  voice.onConnection(lost);
  voice.onConnection(lost);
  expect(told.splice(0)).toEqual(['Docker does not answer']);
});

test('That the engine answers again is told also when another monitor found it so.', () => {
  voice.onMonitor(restarting);
  voice.onMonitor(running);
  voice.onConnection(connected);
  voice.onConnection(lost);
  expect(told).toEqual(['Docker answers again', 'Docker does not answer']);
});

test('Where Sentra said that it watches again, nothing more is said of the engine, until it is lost.', () => {
  for (const state of [restarting, waiting, running]) voice.onMonitor(state);
  voice.onConnection(connected);
  voice.onConnection(lost);
  expect(told).toEqual([
    'Sentra watches nothing',
    'Sentra watches again',
    'Docker does not answer',
  ]);
});

test('What another engine says, which the person chose meanwhile, is no news of the one before.', () => {
  voice.onMonitor(starting);
  voice.onMonitor(running);
  voice.onConnection(connected);
  voice.onConnection(lost);
  expect(told).toEqual(['Docker does not answer']);
});

test('An engine that a new monitor finds lost already is told.', () => {
  voice.onMonitor(starting);
  voice.onMonitor(running);
  voice.onConnection(lost);
  expect(told).toEqual(['Docker does not answer']);
});

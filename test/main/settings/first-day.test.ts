import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { firstDayMs, openFirstDay, type FirstDay } from '../../../main/settings/first-day.ts';
import { openShellSettings } from '../../../main/settings/shell-settings.ts';
import { playedClock, type PlayedClock } from '../played-clock.ts';

const hour = 3_600_000;

describe('The look back on the first day', () => {
  let folder: string;
  let clock: PlayedClock;
  let told: number;
  let days: FirstDay[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-first-day-'));
    clock = playedClock();
    told = 0;
    days = [];
  });
  afterEach(() => {
    for (const day of days) day.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As at a start of Sentra: what is kept is read from the file. */
  function start(): FirstDay {
    const settings = openShellSettings(join(folder, 'window.json'), silentLogger);
    const day = openFirstDay({ settings, clock, onChange: () => (told += 1) });
    days.push(day);
    return day;
  }

  async function pass(milliseconds: number): Promise<void> {
    clock.pass(milliseconds);
    await setImmediate();
    await setImmediate();
  }

  test('is offered a day after something was first watched, and told once.', async () => {
    const day = start();
    await pass(10 * firstDayMs);
    expect(day.isDue()).toBe(false);
    day.begin();
    await pass(firstDayMs - hour);
    expect([day.isDue(), told]).toEqual([false, 0]);
    day.begin();
    await pass(hour);
    expect([day.isDue(), told]).toEqual([true, 1]);
    await pass(firstDayMs);
    expect(told).toBe(1);
  });

  test('is offered no more after it, also not at the next start.', async () => {
    const day = start();
    day.begin();
    await pass(firstDayMs);
    day.finish();
    expect([day.isDue(), told]).toEqual([false, 2]);
    const next = start();
    next.begin();
    await pass(2 * firstDayMs);
    expect([next.isDue(), told]).toEqual([false, 2]);
  });

  test('is awaited on the first day alone, by the next start of Sentra too.', async () => {
    const day = start();
    expect(day.isAwaited()).toBe(false);
    day.begin();
    expect([day.isAwaited(), start().isAwaited()]).toEqual([true, true]);
    await pass(firstDayMs);
    expect(day.isAwaited()).toBe(false);
    day.finish();
    expect([day.isAwaited(), start().isAwaited()]).toEqual([false, false]);
  });

  test('cannot be waved off before it is due: who looks on demand is offered it all the same.', async () => {
    const day = start();
    day.begin();
    day.finish();
    await pass(firstDayMs);
    expect(day.isDue()).toBe(true);
  });

  test('counts from the first start, whatever was ended and started since.', async () => {
    const first = start();
    first.begin();
    await pass(20 * hour);
    first.stop();
    const second = start();
    second.begin();
    expect(second.isDue()).toBe(false);
    await pass(4 * hour);
    expect([second.isDue(), first.isDue(), told]).toEqual([true, true, 1]);
    const third = start();
    expect(third.isDue()).toBe(true);
    third.begin();
    await pass(0);
    expect(told).toBe(2);
  });

  test('begins anew where what was kept cannot be read.', () => {
    writeFileSync(join(folder, 'window.json'), '{"firstDay":{"since":"yesterday"}}');
    const day = start();
    day.begin();
    expect(day.isDue()).toBe(false);
  });
});

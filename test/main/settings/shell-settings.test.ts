import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFirstDay } from '../../../main/settings/first-day.ts';
import { openShellSettings } from '../../../main/settings/shell-settings.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { playedClock } from '../played-clock.ts';

describe('The settings of the window, where they cannot be written down', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-settings-'));
    // A file stands where their folder would be: nobody can write beneath it, root neither.
    writeFileSync(join(folder, 'taken'), '');
    file = join(folder, 'taken', 'window.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('stay as they were: what was chosen does not hold.', () => {
    const settings = openShellSettings(file, silentLogger);
    expect(() => settings.setEngine('unix:///b')).toThrow();
    expect(() => settings.setAppearance('dark')).toThrow();
    expect([settings.engine(), settings.appearance()]).toEqual([undefined, 'system']);
  });

  test('let the first day begin and end all the same: whoever begins it must go on watching.', () => {
    const clock = playedClock();
    const settings = openShellSettings(file, silentLogger);
    const day = openFirstDay({ settings, clock, onChange: () => undefined });
    day.begin();
    day.stop();
    expect(settings.firstDay()?.lookedBack).toBe(false);
    clock.pass(86_400_000);
    day.finish();
    expect(day.isDue()).toBe(false);
  });
});

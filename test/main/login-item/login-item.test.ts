import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { autostartEntry, execArgument } from '../../../main/login-item/desktop-entry.ts';
import { createLoginItem } from '../../../main/login-item/login-item.ts';
import type { ElectronApi } from '../../../main/electron.ts';
import { createHostApp } from '../../host/app.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sentra-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function item(
  environment: Record<string, string> = {},
  command = ['/opt/My Sentra/sentra', '--hidden'],
) {
  return createLoginItem({
    electron: {} as ElectronApi,
    platform: 'linux',
    environment,
    home,
    command,
  });
}

const file = (): string => join(home, '.config', 'autostart', 'dev.sentra.app.desktop');

describe('Starting with the session on Linux', () => {
  test('is off, is switched on by a file, and off by its removal.', () => {
    expect(item().read()).toEqual({ state: 'off' });
    expect(item().set(true)).toEqual({ ok: true, value: { state: 'on' } });
    expect(readFileSync(file(), 'utf8')).toContain('Exec="/opt/My Sentra/sentra" "--hidden"');
    expect(item().set(false)).toEqual({ ok: true, value: { state: 'off' } });
  });

  test('heeds the desktop that switched it off.', () => {
    mkdirSync(join(home, '.config', 'autostart'), { recursive: true });
    writeFileSync(file(), `${autostartEntry(['sentra'])}Hidden=true\n`);
    expect(item().read()).toEqual({ state: 'off' });
  });

  test('is set right when Sentra was moved since, and nothing else of the file is changed.', () => {
    item().set(true);
    writeFileSync(file(), `${readFileSync(file(), 'utf8')}X-GNOME-Autostart-Delay=10\n`);
    expect(item({}, ['/opt/new/sentra', '--hidden']).read()).toEqual({ state: 'on' });
    const text = readFileSync(file(), 'utf8');
    expect(text).toContain('Exec="/opt/new/sentra" "--hidden"');
    expect(text).not.toContain('My Sentra');
    expect(text).toContain('X-GNOME-Autostart-Delay=10');
  });

  test('cannot be had where there is no program to start, and writes nothing.', () => {
    const none = item({}, []);
    expect(none.read().state).toBe('unavailable');
    expect(none.set(true)).toMatchObject({ ok: true, value: { state: 'unavailable' } });
    expect(existsSync(file())).toBe(false);
  });

  test('is left to the box that Sentra is in.', () => {
    expect(item({ FLATPAK_ID: 'dev.sentra.app' }).read().state).toBe('unavailable');
  });

  test('says why the file could not be written.', () => {
    writeFileSync(join(home, '.config'), '');
    expect(item().set(true)).toMatchObject({ ok: false });
  });

  test('quotes what a path may hold, as the specification asks.', () => {
    expect(execArgument('/a b/$x`"\\%')).toBe('"/a b/\\\\$x\\\\`\\\\"\\\\\\\\%%"');
  });
});

test('On Windows the item is looked for with the arguments it was made with.', () => {
  const { app } = createHostApp({
    appPath: home,
    pathOf: () => home,
    version: '0.0.0',
    takeLock: () => true,
    loaded: Promise.resolve(),
    metrics: () => [],
    closeWindows: () => true,
    destroyWindows: () => undefined,
  });
  const windows = createLoginItem({
    electron: { app },
    platform: 'win32',
    environment: {},
    home,
    command: ['C:\\Sentra\\Sentra.exe', '--hidden'],
  });
  expect(windows.read()).toEqual({ state: 'off' });
  expect(windows.set(true)).toEqual({ ok: true, value: { state: 'on' } });
  expect(windows.set(false)).toEqual({ ok: true, value: { state: 'off' } });
});

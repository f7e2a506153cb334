import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHost } from './host.ts';
import type { Host } from './host.ts';

let folder: string;
let host: Host;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-contract-'));
  // What is asked here needs no page.
  host = createHost({ folder, program: { launch: () => Promise.reject(new Error('no pages')) } });
  await host.electron.app.whenReady();
});

afterEach(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 0));

// docs/api/menu.md, menu-item.md and lib/browser/api/menu.ts of Electron.
describe('Menu in the stand-in', () => {
  const build = (template: MenuItemConstructorOptions[]) =>
    host.electron.Menu.buildFromTemplate(template);

  test('leaves one of several separators in a row, and none at either end.', () => {
    const line = { type: 'separator' } as const;
    const menu = build([line, { label: 'a' }, line, line, { label: 'b' }, line]);
    expect(menu.items.map(({ type, label }) => (type === 'separator' ? '–' : label))).toEqual([
      'a',
      '–',
      'b',
    ]);
  });

  test('makes items of the template: type, label as given, submenu, and click with the item.', () => {
    const clicked: unknown[] = [];
    const menu = build([
      { label: 'A && B', click: (item) => clicked.push(item.label) },
      { label: 'More', submenu: [{ label: 'in it', enabled: false }] },
    ]);
    const [first, more] = menu.items;
    expect([first?.type, first?.label, first?.enabled]).toEqual(['normal', 'A && B', true]);
    expect([more?.type, more?.submenu?.items[0]?.enabled]).toEqual(['submenu', false]);
    first?.click();
    expect(clicked).toEqual(['A && B']);
  });

  test.each([
    [{ type: 'odd' as never, label: 'x' }, 'Unknown menu item type: odd'],
    [{ type: 'submenu', label: 'x' } as const, 'Invalid submenu'],
    [{ role: 'quit' } as const, 'stand-in: "role" of menu items is not implemented'],
    [{ type: 'checkbox', label: 'x' } as const, 'of the type "checkbox" are not implemented'],
  ])('throws for %o.', (options, message) => {
    expect(() => build([options])).toThrow(message);
  });
});

// docs/api/tray.md and shell/browser/api/electron_api_tray.cc.
describe('Tray in the stand-in', () => {
  const image = () => {
    const path = join(folder, 'icon.png');
    writeFileSync(path, '');
    return host.electron.nativeImage.createFromPath(path);
  };

  test('shows the menu as it was when it was set, as on Linux.', () => {
    const tray = new host.electron.Tray(image());
    tray.setContextMenu(host.electron.Menu.buildFromTemplate([{ label: 'one' }]));
    const [shown] = host.trays;
    expect(shown?.menu.map(({ label }) => label)).toEqual(['one']);
    tray.setContextMenu(null);
    expect(shown?.menu).toEqual([]);
    expect(() => tray.setContextMenu({} as never)).toThrow('Must pass Menu or null');
  });

  test('refuses an image that is not there.', () => {
    const none = host.electron.nativeImage.createFromPath(join(folder, 'none.png'));
    expect(none.isEmpty()).toBe(true);
    expect(() => new host.electron.Tray(none)).toThrow('Failed to load image from path');
  });

  test('is gone once it is destroyed, and only that one.', () => {
    const [gone, stays] = [new host.electron.Tray(image()), new host.electron.Tray(image())];
    gone.destroy();
    gone.destroy();
    expect([gone.isDestroyed(), stays.isDestroyed()]).toEqual([true, false]);
    expect(host.trays).toHaveLength(1);
    expect(() => gone.setToolTip('x')).toThrow('Tray is destroyed');
  });
});

// docs/api/notification.md.
describe('Notification in the stand-in', () => {
  test('tells in a later turn that it is shown, and tells a button by its place.', async () => {
    const told: unknown[] = [];
    const notification = new host.electron.Notification({
      title: 'T',
      body: 'B',
      actions: [
        { type: 'button', text: 'First' },
        { type: 'button', text: 'Second' },
      ],
    });
    expect([notification.title, notification.body]).toEqual(['T', 'B']);
    expect(notification.actions.map(({ text }) => text)).toEqual(['First', 'Second']);
    notification.on('show', () => told.push('show'));
    notification.on('action', ({ actionIndex }) => told.push(actionIndex));
    notification.show();
    expect(told).toEqual([]);
    await nextTurn();
    host.notifications[0]?.press('Second');
    expect(told).toEqual(['show', 1]);
    expect(() => host.notifications[0]?.press('Third')).toThrow('No button "Third"');
  });

  test('is no longer there for a click once it was clicked or closed.', async () => {
    const told: string[] = [];
    const notification = new host.electron.Notification({ title: 'T' });
    notification.on('click', () => told.push('click'));
    notification.show();
    host.notifications[0]?.click();
    host.notifications[0]?.click();
    notification.close();
    await nextTurn();
    expect(told).toEqual(['click']);
  });
});

// docs/api/app.md, browser-window.md and shell/browser/browser.cc.
describe('The life of an app in the stand-in', () => {
  const open = () => new host.electron.BrowserWindow({ show: false });

  test('tells when the last window is closed, and goes on where somebody listens.', async () => {
    const { app } = host.electron;
    let told = 0;
    app.on('window-all-closed', () => (told += 1));
    const [one, other] = [open(), open()];
    expect(host.electron.BrowserWindow.getAllWindows()).toEqual([one, other]);
    one.close();
    expect(told).toBe(0);
    other.destroy();
    expect(told).toBe(1);
    await nextTurn();
    expect(await Promise.race([host.app.ended, nextTurn()])).toBeUndefined();
  });

  test('ends with the last window where nobody listens.', async () => {
    open().close();
    expect(await host.app.ended).toBe(0);
  });

  test('does not tell of closed windows while it quits; a window can refuse.', async () => {
    const { app } = host.electron;
    const told: string[] = [];
    app.on('window-all-closed', () => told.push('all closed'));
    const window = open();
    window.once('close', (event) => event.preventDefault());
    app.quit();
    expect(window.isDestroyed()).toBe(false);
    window.on('closed', () => told.push('closed'));
    app.on('will-quit', () => told.push('will-quit'));
    app.quit();
    expect(await host.app.ended).toBe(0);
    expect(told).toEqual(['closed', 'will-quit']);
  });

  test('exits at once, and asks no window and no listener.', async () => {
    const { app } = host.electron;
    const told: string[] = [];
    for (const event of ['before-quit', 'will-quit', 'window-all-closed'] as const) {
      app.on(event as 'will-quit', () => told.push(event));
    }
    const window = open();
    window.on('close', (event) => event.preventDefault());
    app.exit(3);
    expect(await host.app.ended).toBe(3);
    expect(window.isDestroyed()).toBe(true);
    expect(told).toEqual([]);
  });

  test('makes windows useless once they are destroyed.', () => {
    host.electron.app.on('window-all-closed', () => undefined);
    const window = open();
    window.destroy();
    expect(window.isDestroyed()).toBe(true);
    expect(() => window.show()).toThrow('Object has been destroyed');
  });

  test('knows its utility processes by name and pid.', async () => {
    const entry = join(folder, 'child.mjs');
    writeFileSync(entry, 'process.parentPort.on("message", () => process.exit(4));');
    const child = host.electron.utilityProcess.fork(entry, [], { serviceName: 'sentra-test' });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.once('spawn', resolve as () => void));
    expect(
      host.electron.app.getAppMetrics().map(({ type, name, pid }) => [type, name, pid]),
    ).toEqual([['Utility', 'sentra-test', child.pid]]);
    child.postMessage('end');
    expect(await exited).toBe(4);
    expect(host.electron.app.getAppMetrics()).toEqual([]);
  });

  test('ends a utility process whose file is missing by its exit.', async () => {
    const child = host.electron.utilityProcess.fork(join(folder, 'none.mjs'));
    expect(await new Promise((resolve) => child.once('exit', resolve))).not.toBe(0);
  });
});

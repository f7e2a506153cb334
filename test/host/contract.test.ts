import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decode, encode } from './codec.ts';
import { createHost } from './host.ts';
import type { Host } from './host.ts';
import { findItem, itemsOf } from './menu.ts';

let folder: string;
let host: Host;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-host-'));
  host = createHost({ folder });
});

afterEach(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const electron = () => host.electron;

// What Electron's documentation and its own tests say, held against the stand-in.
describe('The stand-in for Electron', () => {
  test('throws on what it does not play.', () => {
    expect(() => (electron().app as unknown as { dock: unknown }).dock).toThrow(
      'stand-in: app.dock is not implemented',
    );
    expect(() => electron().shell.beep()).toThrow('not implemented');
    expect(() => void electron().session.fromPartition('x')).toThrow('not implemented');
  });

  test('is ready in a later turn; what belongs before or after that throws.', async () => {
    const { app } = electron();
    expect(app.isReady()).toBe(false);
    expect(() => new (electron().Tray)('x')).toThrow('Cannot create Tray before app is ready');
    expect(() => new (electron().BrowserWindow)()).toThrow('before app is ready');
    expect(() => electron().utilityProcess.fork('x.mjs')).toThrow('before app is ready');
    await app.whenReady();
    expect(app.isReady()).toBe(true);
    expect(() => app.enableSandbox()).toThrow('before app is ready');
    expect(() => electron().protocol.registerSchemesAsPrivileged([])).toThrow(
      'before app is ready',
    );
  });

  test('quits by before-quit, will-quit and quit; the first two can hold it back.', async () => {
    const { app } = electron();
    await app.whenReady();
    const order: string[] = [];
    app.once('before-quit', (event) => {
      order.push('held');
      event.preventDefault();
    });
    app.quit();
    app.on('before-quit', () => order.push('before-quit'));
    app.on('will-quit', () => order.push('will-quit'));
    app.on('quit', () => order.push('quit'));
    app.quit();
    expect(await host.app.ended).toBe(0);
    expect(order).toEqual(['held', 'before-quit', 'will-quit', 'quit']);
  });

  test('keeps of a message what the structured clone keeps.', () => {
    const shared = { none: undefined };
    const value = {
      date: new Date(5),
      map: new Map([['a', new Set([1n, undefined, null])]]),
      numbers: [NaN, -0, Infinity, 1.5],
      bytes: new Uint8Array([1, 2]),
      absent: undefined,
      marked: { $: ['u'], ['__proto__']: 1 },
      twice: [shared, shared],
    };
    expect(decode(encode(value))).toEqual(value);
    for (const bad of [() => 1, Symbol('s'), Promise.resolve(), new WeakMap()]) {
      expect(() => encode({ bad })).toThrow('An object could not be cloned.');
    }
  });

  test('handles a channel once, and gives failures as Electron words them.', async () => {
    const { ipcMain } = electron();
    ipcMain.handle('x', () => {
      throw new TypeError('bad');
    });
    expect(() => ipcMain.handle('x', () => 1)).toThrow(
      "Attempted to register a second handler for 'x'",
    );
    expect(await host.ipc.invoke('x', {} as never, encode([]))).toEqual({
      error: "Error invoking remote method 'x': TypeError: bad",
    });
    expect(await host.ipc.invoke('y', {} as never, encode([]))).toEqual({
      error: "Error invoking remote method 'y': Error: No handler registered for 'y'",
    });
  });

  test('builds menus: items that are disabled do not click, labels lose their marks.', () => {
    const clicks: string[] = [];
    const menu = electron().Menu.buildFromTemplate([
      { label: 'A && B', click: () => clicks.push('a') },
      { label: 'Off', enabled: false, click: () => clicks.push('off') },
    ]);
    findItem(itemsOf(menu), 'A & B').click();
    findItem(itemsOf(menu), 'Off').click();
    expect(clicks).toEqual(['a']);
    expect(() => electron().Menu.buildFromTemplate([{}])).toThrow(
      'must have at least one of label, role or type',
    );
  });

  test('runs a utility process: pid after spawn, messages kept until one listens, 0 by a signal.', async () => {
    await electron().app.whenReady();
    const entry = join(folder, 'child.mjs');
    writeFileSync(
      entry,
      `setTimeout(() => process.parentPort.on('message', ({ data }) => process.parentPort.postMessage(['got', data])), 50);`,
    );
    const child = electron().utilityProcess.fork(entry);
    expect(child.pid).toBeUndefined();
    expect(() => child.postMessage(() => 1)).toThrow('An object could not be cloned.');
    child.postMessage({ a: 1 });
    const answer = await new Promise((resolve) => child.once('message', resolve));
    expect(answer).toEqual(['got', { a: 1 }]);
    expect(child.pid).toBeGreaterThan(0);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    expect(await exited).toBe(0);
    expect(child.pid).toBeUndefined();
  });

  test('grants every permission that nobody refuses, as Electron does.', () => {
    expect(host.session.grants('geolocation')).toBe(true);
    electron().session.defaultSession.setPermissionRequestHandler((_page, _what, answer) =>
      answer(false),
    );
    expect(host.session.grants('geolocation')).toBe(false);
  });
});

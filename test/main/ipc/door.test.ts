import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { beforeEach, describe, expect, test } from 'vitest';
import { openDoor } from '../../../main/ipc/door.ts';
import type { Handlers } from '../../../main/ipc/door.ts';
import { createLogger } from '../../../monitor/runtime/logger.ts';
import { monitorChannels, shellChannels, wireName } from '../../../preload/channels.ts';
import { contract } from '../../../preload/contract.ts';
import { decode, encode } from '../../host/codec.ts';
import { createHostIpc } from '../../host/ipc.ts';
import type { HostIpc } from '../../host/ipc.ts';

let ipc: HostIpc;
let reached: [string, unknown][];
let log: string[];

const ownPage = 'sentra://app/index.html';

beforeEach(() => {
  ipc = createHostIpc();
  reached = [];
  log = [];
  const handlers = Object.fromEntries(
    [...monitorChannels, ...shellChannels].map((channel) => [
      channel,
      (params: unknown) => {
        reached.push([channel, params]);
        if (channel === 'settings') throw new Error('disk is full');
        return { ok: true, value: null };
      },
    ]),
  ) as unknown as Handlers;
  openDoor({
    electron: { ipcMain: ipc.ipcMain },
    origin: 'sentra://app',
    isOwnWindow: ({ id }) => id === 1,
    handlers,
    logger: createLogger((line) => log.push(line)),
  });
});

/** An event as Electron gives it, from the main frame of our window unless the test says otherwise. */
function event(from: { url?: string; frame?: 'main' | 'sub' | 'gone'; window?: number } = {}) {
  const mainFrame = { url: from.url ?? ownPage };
  const sender = { id: from.window ?? 1, mainFrame } as unknown as WebContents;
  const frames = { main: mainFrame, sub: { url: ownPage }, gone: null };
  return { sender, senderFrame: frames[from.frame ?? 'main'] } as unknown as IpcMainInvokeEvent;
}

async function ask(channel: string, values: unknown[], from = event()): Promise<unknown> {
  const reply = await ipc.invoke(`sentra:${channel}`, from, encode(values));
  return 'value' in reply ? decode(reply.value) : reply;
}

const refused = (kind: string): object => ({
  ok: false,
  error: expect.objectContaining({ kind }) as object,
});

describe('The door', () => {
  test('lets in what the contract has, parsed.', async () => {
    expect(await ask('pause', [{ target: 'agent' }])).toEqual({ ok: true, value: null });
    expect(reached).toEqual([['pause', { target: 'agent' }]]);
  });

  test.each([
    ['a page of another origin', event({ url: 'https://evil.example/' })],
    ['a page of another host of the scheme', event({ url: 'sentra://other/index.html' })],
    ['a page without an address', event({ url: 'about:blank' })],
    ['a page that only looks alike', event({ url: 'sentra://app.evil/index.html' })],
    ['a frame within the page', event({ frame: 'sub' })],
    ['a frame that is gone', event({ frame: 'gone' })],
    ['another window', event({ window: 2 })],
  ])('refuses %s, and logs it.', async (_, from) => {
    expect(await ask('kill', [{ target: 'agent' }], from)).toEqual(refused('not-allowed'));
    expect(reached).toEqual([]);
    expect(log.join('')).toContain('refused');
  });

  test.each([
    ['nothing', []],
    ['something else', ['agent']],
    ['a member more', [{ target: 'agent', force: true }]],
    ['a wrong type', [{ target: 7 }]],
    ['an empty target', [{ target: '' }]],
    ['a poisoned prototype', [JSON.parse('{"target":"agent","__proto__":{"x":1}}')]],
  ])('refuses %s in place of what the contract says.', async (_, values) => {
    const answer = (await ask('kill', values as unknown[])) as { ok: boolean };
    if (answer.ok) expect(reached).toEqual([['kill', { target: 'agent' }]]);
    else expect(answer).toEqual(refused('bad-params'));
  });

  test('refuses what is too large, too deep, or more than one value.', async () => {
    expect(await ask('kill', [{ target: 'x'.repeat(70_000) }])).toEqual(refused('too-large'));
    let deep: unknown = 'x';
    for (let level = 0; level < 50; level += 1) deep = [deep];
    expect(await ask('kill', [deep])).toEqual(refused('too-large'));
    expect(await ask('kill', [{ target: 'a' }, 1])).toEqual(refused('too-large'));
    expect(await ask('kill', [new Map([['target', 'a']])])).toEqual(refused('too-large'));
    expect(reached).toEqual([]);
  });

  test('lets a long policy in where one is meant.', async () => {
    const text = 'x'.repeat(200_000);
    expect(await ask('checkPolicy', [{ text }])).toEqual({ ok: true, value: null });
  });

  test('answers what fails within as data.', async () => {
    expect(await ask('settings', [{}])).toEqual(refused('shell-failed'));
  });

  test('has no other channel.', async () => {
    expect(await ask('eval', [{}])).toEqual({
      error: expect.stringContaining('No handler registered') as string,
    });
    const named = [...monitorChannels, ...shellChannels].map(wireName);
    expect(new Set(named).size).toBe(Object.keys(contract).length);
  });
});

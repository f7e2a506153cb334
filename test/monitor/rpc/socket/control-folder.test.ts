import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  folderProblem,
  lockFile,
  makePrivateFolder,
  socketFile,
} from '../../../../monitor/rpc/socket/control-folder.ts';
import {
  controlFolder,
  runtimeFolder,
  stateFolder,
} from '../../../../monitor/rpc/socket/state-folder.ts';

const uid = process.getuid?.() ?? 0;
let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sentra-folder-'));
});

afterEach(() => {
  rmSync(base, { recursive: true });
});

test.each<[NodeJS.Platform, Record<string, string>, string]>([
  ['linux', {}, '/people/ada/.local/state/sentra'],
  ['linux', { XDG_STATE_HOME: '/data/state' }, '/data/state/sentra'],
  ['linux', { XDG_STATE_HOME: 'not/absolute' }, '/people/ada/.local/state/sentra'],
  ['linux', { SENTRA_STATE: '/s', XDG_STATE_HOME: '/data/state' }, '/s'],
  ['darwin', {}, '/people/ada/Library/Application Support/Sentra'],
  [
    'win32',
    { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' },
    'C:\\Users\\ada\\AppData\\Local\\Sentra',
  ],
])('On %s with %o the state is kept in %s.', (platform, environment, expected) => {
  expect(stateFolder({ platform, environment, home: '/people/ada' })).toBe(expected);
});

test('The lock stands at the same place whether or not there is a runtime folder.', () => {
  const plain = { platform: 'linux', environment: {}, home: '/people/ada' } as const;
  const session = { ...plain, environment: { XDG_RUNTIME_DIR: '/run/user/1000' } };
  expect(controlFolder(session)).toBe(controlFolder(plain));
  expect(runtimeFolder(session)).toBe('/run/user/1000');
});

test('A folder is made for its owner alone; an open one, a link or a file is named as the problem.', () => {
  const made = join(base, 'a', 'b');
  expect(makePrivateFolder(made, uid)).toEqual({ ok: true, value: undefined });
  expect(statSync(made).mode & 0o777).toBe(0o700);
  chmodSync(made, 0o750);
  expect(makePrivateFolder(made, uid)).toMatchObject({
    error: expect.stringContaining('chmod 700') as string,
  });
  chmodSync(made, 0o700);
  symlinkSync(made, join(base, 'link'));
  expect(folderProblem(join(base, 'link'), uid)).toContain('a link');
  expect(folderProblem(made, uid + 1)).toContain(`belongs to user ${uid}`);
});

test('The socket stands in the runtime folder when that is the user’s own, else in the control folder.', () => {
  const control = join(base, 'control');
  const runtime = join(base, 'run');
  const places = { runtimeFolder: runtime, controlFolder: control, temporaryFolder: base };
  expect(socketFile(places, 'E', uid)).toMatchObject({ ok: true });
  expect(dirname((socketFile(places, 'E', uid) as { value: string }).value)).toBe(control);
  mkdirSync(runtime, { mode: 0o700 });
  expect(dirname((socketFile(places, 'E', uid) as { value: string }).value)).toBe(
    join(runtime, 'sentra'),
  );
});

test('A path too long for a socket gives way to a short one of this user’s own.', () => {
  const control = join(base, 'x'.repeat(100));
  const places = { runtimeFolder: undefined, controlFolder: control, temporaryFolder: base };
  const placed = socketFile(places, 'E', uid);
  expect(placed).toMatchObject({
    ok: true,
    value: expect.stringContaining(`sentra-${uid}-`) as string,
  });
  const deep = join(base, 'y'.repeat(100));
  expect(socketFile({ ...places, temporaryFolder: deep }, 'E', uid)).toMatchObject({ ok: false });
});

test('Two engines have two locks, and no engine id can leave the folder.', () => {
  expect(lockFile('/c', 'A')).not.toBe(lockFile('/c', 'B'));
  expect(dirname(lockFile('/c', '../../etc/passwd'))).toBe('/c');
});

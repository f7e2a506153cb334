import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readArguments } from '../../main/arguments.ts';
import { runDisarm } from '../../main/disarm-command.ts';
import type { ElectronApi } from '../../main/electron.ts';
import { moods } from '../../main/tray/mood.ts';
import { describeWith } from '../engine/capabilities.ts';
import { createHostUtilityProcesses } from '../host/utility-process.ts';

const root = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

const packaging = z
  .looseObject({
    asar: z.boolean(),
    npmRebuild: z.boolean(),
    electronVersion: z.string(),
    electronFuses: z.record(z.string(), z.boolean()),
    mac: z.looseObject({ hardenedRuntime: z.boolean(), entitlements: z.string() }),
  })
  .parse(parse(read('electron-builder.yml')));

describe('The installers', () => {
  test('carry the fuses as the security checklist of Electron asks.', () => {
    expect(packaging.electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
    expect(packaging.asar).toBe(true);
  });

  test('are made of the Electron that the code is compiled against.', () => {
    const { devDependencies } = z
      .looseObject({ devDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')));
    expect(packaging.electronVersion).toBe(devDependencies['electron']);
  });

  test('build no native code, and are hardened on macOS.', () => {
    expect(packaging.npmRebuild).toBe(false);
    expect(packaging.mac.hardenedRuntime).toBe(true);
    expect(read(packaging.mac.entitlements)).not.toMatch(/disable-library|unsigned-executable/);
  });
});

describeWith(['builder-schema'], 'The description of the installers', () => {
  /** What electron-builder would object to, as `place: objection`. */
  async function objectionsTo(configuration: unknown): Promise<readonly string[]> {
    const script = join(root, 'scripts/builder-schema.mjs');
    const { builderSchemaFile } = (await import(script)) as { readonly builderSchemaFile: string };
    const schema = JSON.parse(readFileSync(builderSchemaFile, 'utf8')) as object;
    // The schema has words of its own beside those of JSON schema, such as `typeof`.
    const ajv = new Ajv({ allErrors: true, strict: false });
    if (ajv.validate(schema, configuration)) return [];
    return (ajv.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }
  const described = (): Record<string, unknown> => ({ ...packaging });

  test('is what the schema of electron-builder allows.', async () => {
    expect(await objectionsTo(described())).toEqual([]);
  });

  test.each([
    ['an unknown key', { electronFuse: {} }, /^: .*electronFuse\W/],
    ['an unknown key further in', { nsis: { oneClik: false } }, /\/nsis.*oneClik/],
    ['a text where a choice of two belongs', { npmRebuild: 'no' }, /\/npmRebuild: must be boolean/],
    [
      'a number where a fuse belongs',
      { electronFuses: { runAsNode: 0 } },
      /\/electronFuses\/runAsNode: must be boolean/,
    ],
    ['a version of a tool that there is not', { toolsets: { appimage: '9.9' } }, /\/toolsets/],
  ])('would be refused with %s.', async (_, wrong, objection) => {
    const said = await objectionsTo({ ...described(), ...wrong });
    expect(said.join('\n')).toMatch(objection);
  });
});

describe('Removing a package', () => {
  const script = 'build/linux/before-remove.sh';
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-removal-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program that writes down how it is called, and by what; `then` is the rest of it. */
  function standIn(path: string, then = ''): void {
    mkdirSync(dirname(path), { recursive: true });
    const words = '"$(basename "$0") $*"';
    writeFileSync(path, `#!/bin/sh\necho ${words} >>${join(folder, 'called')}\n${then}\n`);
    chmodSync(path, 0o755);
  }

  /** Runs the script as the package manager does, with stand-ins for the program and the system's. */
  function remove(
    word: string,
    { code = 0, environment = {} } = {},
  ): { status: number | null; called: string[] } {
    const program = join(folder, 'opt', 'sentra');
    const about = ['HOME', 'SENTRA_STATE', 'XDG_CONFIG_HOME', 'DOCKER_HOST'];
    const tell = about.map((name) => `echo "${name}=$${name}" >>${join(folder, 'environment')}`);
    standIn(program, [...tell, `exit ${code}`].join('\n'));
    const [ada, bob] = ['ada', 'bob'].map((name) => join(folder, 'home', name));
    mkdirSync(join(ada ?? '', '.local', 'state', 'sentra'), { recursive: true });
    const users = [
      `root:x:0:0:root:/root:/bin/sh`,
      // As a directory service numbers them.
      `ada:x:871200513:1000::${ada}:/bin/sh`,
      `bob:x:1001:1001::${bob}:/bin/sh`,
      `nobody:x:65534:65534::${ada}:/bin/sh`,
    ];
    standIn(join(folder, 'bin', 'getent'), users.map((line) => `echo ${line}`).join('\n'));
    standIn(join(folder, 'bin', 'runuser'), 'shift 3; exec "$@"');
    const text = read(script).replaceAll('/opt/Sentra/sentra', program);
    writeFileSync(join(folder, 'prerm'), text);
    const { status } = spawnSync('/bin/sh', [join(folder, 'prerm'), word], {
      env: { ...environment, PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
    });
    const log = join(folder, 'called');
    const called = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    return { status, called: called.filter((line) => line.startsWith('sentra')) };
  }

  test.each(['remove', '0'])(
    'takes Sentra’s hands off, as each who has used it and then as root (%s).',
    (word) => {
      expect(remove(word)).toEqual({
        status: 0,
        called: [
          'sentra disarm --yes --ozone-platform=headless',
          'sentra disarm --yes --no-sandbox --ozone-platform=headless',
        ],
      });
    },
  );

  test.each(['upgrade', '1', 'failed-upgrade', 'deconfigure', ''])(
    'is not what an upgrade does, which leaves walls and holds alone (%s).',
    (word) => {
      expect(remove(word)).toEqual({ status: 0, called: [] });
    },
  );

  test('takes nothing over from the environment of whoever removes it.', () => {
    const own = {
      HOME: '/srv/bob',
      SENTRA_STATE: '/srv/bob/record',
      XDG_CONFIG_HOME: '/srv/bob',
    };
    remove('remove', { environment: { ...own, DOCKER_HOST: 'tcp://elsewhere:2376' } });
    const nothing = ['SENTRA_STATE=', 'XDG_CONFIG_HOME=', 'DOCKER_HOST='];
    const seen = readFileSync(join(folder, 'environment'), 'utf8').trim().split('\n');
    const ada = join(folder, 'home', 'ada');
    expect(seen).toEqual([`HOME=${ada}`, ...nothing, 'HOME=/root', ...nothing]);
  });

  test('ends who runs since before an upgrade, and nobody else of that name.', async () => {
    const program = join(folder, 'opt', 'sentra');
    mkdirSync(dirname(program), { recursive: true });
    copyFileSync('/bin/sleep', program);
    const upgraded = spawn(program, ['30']);
    const ended = once(upgraded, 'exit');
    const other = join(folder, 'other', 'sentra');
    mkdirSync(dirname(other));
    copyFileSync('/bin/sleep', other);
    const stranger = spawn(other, ['30']);
    await Promise.all([once(upgraded, 'spawn'), once(stranger, 'spawn')]);
    try {
      rmSync(program);
      remove('remove');
      expect(await ended).toEqual([null, 'SIGTERM']);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      upgraded.kill('SIGKILL');
      stranger.kill('SIGKILL');
    }
  });

  test('goes on where not all of it is gone.', () => {
    expect(remove('remove', { code: 1 })).toMatchObject({ status: 0, called: { length: 2 } });
  });

  test('calls it in all packages that have an uninstaller, while the program is still there.', () => {
    for (const name of ['deb', 'rpm']) {
      const { fpm } = z.looseObject({ fpm: z.array(z.string()) }).parse(packaging[name]);
      expect(fpm).toEqual([`--before-remove=${script}`]);
    }
    const { include } = z.looseObject({ include: z.string() }).parse(packaging['nsis']);
    const uninstalls = /!macro customUnInstall\n([\s\S]*)!macroend/.exec(read(include))?.[1];
    expect(uninstalls).toMatch(
      /\$\{ifNot\} \$\{isUpdated\}[\s\S]*\$\{APP_EXECUTABLE_FILENAME\}" disarm --yes'/,
    );
    const linux = z.looseObject({ executableName: z.string() }).parse(packaging['linux']);
    const { productName } = z.looseObject({ productName: z.string() }).parse(packaging);
    expect(read(script)).toContain(`program=/opt/${productName}/${linux.executableName}\n`);
  });
});

describe('The disarm command of a package', () => {
  const entry = join(root, 'monitor/cli.ts');

  /** Runs the words in the stand-in for a utility process. */
  async function disarm(words: readonly string[], platform: 'linux' | 'win32' = 'linux') {
    const children = createHostUtilityProcesses(() => true);
    const output = new PassThrough();
    const errors = new PassThrough();
    const set: unknown[] = [];
    const code = await new Promise<number | undefined>((resolve) => {
      const app = {
        whenReady: () => Promise.resolve(),
        exit: resolve,
        setLoginItemSettings: (settings: unknown) => set.push(settings),
      };
      const electron = { app, utilityProcess: children.utilityProcess } as unknown as ElectronApi;
      const environment = process.env;
      const outputs = { output, errors };
      runDisarm({ electron, entry, words, environment, platform, outputs });
    });
    return {
      code,
      said: String(output.read() ?? ''),
      complained: String(errors.read() ?? ''),
      set,
    };
  }

  test('is meant by the first word, without what is Chromium’s.', () => {
    const words = ['disarm', '--yes', '--no-sandbox', '--ozone-platform=headless', '--json'];
    expect(readArguments(words).disarm).toEqual(['--yes', '--json']);
    expect(readArguments(['--hidden']).disarm).toBeUndefined();
    expect(readArguments(['--state', 'disarm']).disarm).toBeUndefined();
    // As root it takes this one, wherever a person puts it: never is the app started instead.
    expect(readArguments(['--no-sandbox', 'disarm', '--yes']).disarm).toEqual(['--yes']);
  });

  test('is the command line’s own, with its words and its code.', async () => {
    const help = await disarm(['--help'], 'win32');
    expect(help).toMatchObject({ code: 0, complained: '' });
    expect(help.said).toContain("Takes Sentra's hands off everything.");
    // Where the login item is no file, Electron alone can switch it off.
    expect(help.set).toEqual([{ openAtLogin: false, args: ['--hidden'] }]);
    const wrong = await disarm(['--wrong']);
    expect(wrong).toMatchObject({ code: 2, set: [] });
    expect(wrong.complained).toContain('--wrong');
  });
});

describe('The icons', () => {
  test('are there for every mood the drawing has, and it has all of them.', () => {
    const svg = read('build/icon.svg');
    const drawn = [...svg.matchAll(/<path id="([a-z-]+)" data-fill/g)].map(([, name]) => name);
    expect(drawn.toSorted()).toEqual([...moods].sort());
    for (const mood of moods) {
      for (const file of [`${mood}.png`, `${mood}@2x.png`, `${mood}Template.png`, `${mood}.ico`]) {
        expect(statSync(join(root, 'build/icons/tray', file)).size).toBeGreaterThan(100);
      }
    }
  });
});

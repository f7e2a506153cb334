import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { moods } from '../../main/tray/mood.ts';
import { describeWith } from '../engine/capabilities.ts';

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

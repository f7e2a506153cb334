import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

type Ensure = (say: (text: string) => void, file: string) => Promise<string | undefined>;

const script = join(import.meta.dirname, '../../scripts/builder-schema.mjs');
// The scripts are plain JavaScript, which no project of TypeScript takes in.
const { ensureBuilderSchema } = (await import(script)) as { readonly ensureBuilderSchema: Ensure };

/** A package of the wanted name and version with a schema that allows everything. */
function otherTarball(folder: string): Buffer {
  mkdirSync(join(folder, 'package'));
  const manifest = { name: 'app-builder-lib', version: '26.17.0' };
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package', 'scheme.json'), '{}');
  execFileSync('tar', ['-czf', 'other.tgz', 'package'], { cwd: folder });
  return readFileSync(join(folder, 'other.tgz'));
}

/** A registry that has this tarball, and says of it what is true of it. */
async function startRegistry(tarball: Buffer): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) return response.end(tarball);
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const dist = { integrity, tarball: `http://${request.headers.host ?? ''}/other.tgz` };
    const version = { name: 'app-builder-lib', version: '26.17.0', dist };
    response.setHeader('content-type', 'application/json');
    return response.end(
      JSON.stringify({ name: 'app-builder-lib', versions: { '26.17.0': version } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('The schema of electron-builder', () => {
  let folder: string;
  let server: Server | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentra-schema-'));
    vi.stubEnv('npm_config_cache', join(folder, 'npm'));
  });

  afterEach(() => {
    server?.close();
    server = undefined;
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is absent with the reason where no registry answers, and nothing is left behind', async () => {
    server = await startRegistry(Buffer.alloc(0));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server?.close(resolve));
    vi.stubEnv('npm_config_registry', `http://127.0.0.1:${port}/`);
    const file = join(folder, 'cache', 'schema.json');
    expect(await ensureBuilderSchema(() => undefined, file)).toMatch(
      /^npm could not fetch app-builder-lib@[\d.]+: .*ECONNREFUSED/,
    );
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  test('is refused where a registry has another package under the same name', async () => {
    server = await startRegistry(otherTarball(folder));
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('npm_config_registry', `http://127.0.0.1:${port}/`);
    const file = join(folder, 'cache', 'schema.json');
    expect(await ensureBuilderSchema(() => undefined, file)).toMatch(
      /^the tarball of app-builder-lib@[\d.]+ was refused: it is sha512-/,
    );
    expect(existsSync(file)).toBe(false);
  });

  test('is not fetched again when it is there', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1/');
    const file = join(folder, 'schema.json');
    writeFileSync(file, '{}');
    expect(await ensureBuilderSchema(() => undefined, file)).toBeUndefined();
  });
});

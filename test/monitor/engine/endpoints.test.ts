import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../monitor/engine/address.ts';
import { findEndpoints } from '../../../monitor/engine/endpoints.ts';
import type { EngineEnvironment } from '../../../monitor/engine/environment.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';

interface Machine {
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly platform?: string;
}

function machine(parts: Machine): EngineEnvironment {
  const { files = {} } = parts;
  return {
    variables: parts.variables ?? {},
    home: '/people/ada',
    platform: parts.platform ?? 'linux',
    userId: 1000,
    readFile: (path) =>
      Promise.resolve(files[path] === 'UNREADABLE' ? failed('not permitted') : ok(files[path])),
    lookAtSocket: () => Promise.resolve({ kind: 'other' }),
  };
}

function contextFile(name: string, host: string, skip = false): Record<string, string> {
  const id = createHash('sha256').update(name).digest('hex');
  const docker = { Host: host, SkipTLSVerify: skip };
  return {
    [`/people/ada/.docker/contexts/meta/${id}/meta.json`]: JSON.stringify({
      Name: name,
      Metadata: {},
      Endpoints: { docker },
    }),
  };
}

const config = '/people/ada/.docker/config.json';
const colima = contextFile('colima', 'unix:///people/ada/.colima/default/docker.sock');

async function chosenOn(parts: Machine, explicit?: string): Promise<unknown> {
  const found = await findEndpoints(machine(parts), explicit);
  if (!found.ok) return found.error;
  return found.value.kind === 'usual' ? found.value : found.value.endpoint;
}

describe('Finding the engine', () => {
  test('takes DOCKER_HOST before DOCKER_CONTEXT and the set context', async () => {
    const found = await chosenOn({
      variables: { DOCKER_HOST: 'unix:///run/mine.sock', DOCKER_CONTEXT: 'colima' },
      files: { ...colima, [config]: '{"currentContext":"colima"}' },
    });
    expect(found).toEqual({
      address: { kind: 'unix', path: '/run/mine.sock' },
      source: 'DOCKER_HOST',
    });
  });

  test('takes DOCKER_CONTEXT before the set context', async () => {
    const found = await chosenOn({
      variables: { DOCKER_CONTEXT: 'colima' },
      files: { ...colima, [config]: '{"currentContext":"gone"}' },
    });
    expect(found).toMatchObject({ source: 'DOCKER_CONTEXT colima' });
  });

  test('tells what was named apart from what docker’s settings set', async () => {
    const files = { ...colima, [config]: '{"currentContext":"colima"}' };
    const kindOf = async (parts: Machine, explicit?: string): Promise<unknown> => {
      const found = await findEndpoints(machine(parts), explicit);
      return found.ok ? found.value.kind : found.error;
    };
    expect(await kindOf({ files })).toBe('set');
    expect(await kindOf({ files }, 'colima')).toBe('named');
    expect(await kindOf({ files, variables: { DOCKER_CONTEXT: 'colima' } })).toBe('named');
    expect(await kindOf({ files, variables: { DOCKER_HOST: 'unix:///a' } })).toBe('named');
  });

  test('takes the context that `docker context use` set', async () => {
    const found = await chosenOn({ files: { ...colima, [config]: '{"currentContext":"colima"}' } });
    expect(found).toEqual({
      address: { kind: 'unix', path: '/people/ada/.colima/default/docker.sock' },
      source: 'context colima',
    });
  });

  test('looks in $DOCKER_CONFIG where that is set', async () => {
    const found = await chosenOn({
      variables: { DOCKER_CONFIG: '/etc/d' },
      files: { '/etc/d/config.json': '{"currentContext":"nowhere"}' },
    });
    expect(found).toMatchObject({ source: 'context nowhere' });
  });

  test('says so when the chosen context does not exist', async () => {
    const found = await chosenOn({ files: { [config]: '{"currentContext":"gone"}' } });
    expect(found).toMatchObject({
      error: { message: 'The docker context "gone" is chosen, but does not exist.' },
    });
  });

  test.each(['{', '{"currentContext":5}', 'UNREADABLE'])(
    'does not guess when the settings are broken: %s',
    async (text) => {
      const found = await chosenOn({ files: { [config]: text } });
      expect(found).toMatchObject({ source: 'docker settings', error: { kind: 'failed' } });
    },
  );

  test('tries the usual sockets when nobody chose, the system one first', async () => {
    const found = await findEndpoints(machine({ files: { [config]: '{"auths":{}}' } }));
    if (!found.ok || found.value.kind !== 'usual') throw new Error('Nobody chose.');
    const paths = found.value.endpoints.map((each) =>
      each.address.kind === 'unix' ? each.address.path : '',
    );
    expect(paths[0]).toBe('/var/run/docker.sock');
    expect(paths).toContain('/run/user/1000/docker.sock');
    expect(paths).toContain('/run/podman/podman.sock');
    expect(paths).toContain('/people/ada/.orbstack/run/docker.sock');
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('tries named pipes on Windows', async () => {
    const found = await findEndpoints(machine({ platform: 'win32' }));
    expect(found).toMatchObject({ ok: true, value: { kind: 'usual' } });
    expect(JSON.stringify(found)).toContain('//./pipe/docker_engine');
  });

  test('takes an explicit address, path or context before everything', async () => {
    const parts = { variables: { DOCKER_HOST: 'unix:///a' }, files: colima };
    expect(await chosenOn(parts, 'unix:///b')).toMatchObject({ address: { path: '/b' } });
    expect(await chosenOn(parts, '/c')).toMatchObject({ address: { path: '/c' } });
    expect(await chosenOn(parts, 'colima')).toMatchObject({ source: 'context colima' });
    expect(await chosenOn(parts, 'default')).toMatchObject({
      address: { path: '/var/run/docker.sock' },
    });
  });

  test('reads the certificates of DOCKER_CERT_PATH and of a context', async () => {
    const id = createHash('sha256').update('far').digest('hex');
    const far = contextFile('far', 'tcp://build.example:2376');
    const tls = `/people/ada/.docker/contexts/tls/${id}/docker`;
    const files = { ...far, [`${tls}/ca.pem`]: 'CA', '/c/ca.pem': 'CA2', '/c/key.pem': 'K' };
    expect(await chosenOn({ files }, 'far')).toMatchObject({
      address: { host: 'build.example', port: 2376, tls: { ca: 'CA' } },
    });
    const variables = {
      DOCKER_HOST: 'tcp://build.example',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: '/c',
    };
    expect(await chosenOn({ files, variables })).toMatchObject({
      address: { port: 2376, tls: { ca: 'CA2', key: 'K' } },
    });
  });

  test('refuses a context that skips the check of certificates, and encrypted keys', async () => {
    const skips = contextFile('skips', 'tcp://build.example:2376', true);
    expect(await chosenOn({ files: skips }, 'skips')).toMatchObject({
      error: { message: expect.stringContaining('skips the check') as unknown },
    });
    const variables = { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' };
    const files = { '/c/key.pem': '-----BEGIN ENCRYPTED PRIVATE KEY-----' };
    expect(await chosenOn({ variables, files })).toMatchObject({
      error: { message: expect.stringContaining('encrypted') as unknown },
    });
  });
});

describe('An engine address', () => {
  test.each([
    ['tcp://192.168.1.5:2375', 'unencrypted'],
    ['build.example:2375', 'unencrypted'],
    ['tcp://localhost.example', 'unencrypted'],
    ['tcp://127.0.0.1.example', 'unencrypted'],
    ['ssh://ada@build', 'ssh is not supported yet'],
    ['npipe:////./pipe/docker_engine', 'Windows only'],
    ['unix://relative', 'starts with /'],
    ['tcp://user:secret@127.0.0.1', 'host and a port'],
    ['fd://', 'no known scheme'],
    ['', 'host and a port'],
  ])('%s is refused with the reason', (text, reason) => {
    const parsed = parseAddress(text, 'linux', undefined);
    if (parsed.ok) throw new Error('It was taken.');
    expect(parsed.error.message).toContain(reason);
    expect(parsed.error.advice).not.toBe('');
  });

  test('on the loopback needs no TLS', () => {
    for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]']) {
      expect(parseAddress(`tcp://${host}:99`, 'linux', undefined)).toMatchObject({
        ok: true,
        value: { port: 99, host: host.replace(/[[\]]/g, '') },
      });
    }
  });

  test('never makes the parser throw, and never leads off the machine without TLS', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.ipV4(), fc.ipV6()), (text) => {
        for (const full of [text, `tcp://${text}`]) {
          const parsed = parseAddress(full, 'linux', undefined);
          if (parsed.ok && parsed.value.kind === 'tcp') {
            expect(parsed.value.host).toMatch(/^(?:localhost|::1|127(?:\.\d+){3})$/);
          }
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventFilters, permit } from '../../../monitor/engine/allow-list.ts';
import {
  helperBody,
  helperNetworkBody,
  type HelperWay,
} from '../../../monitor/engine/helper-shape.ts';

const id = 'a1'.repeat(32);
const other = '0f'.repeat(32);
const filters = encodeURIComponent(JSON.stringify(eventFilters));

describe('The list of permitted calls', () => {
  test.each([
    ['GET', '/_ping', undefined],
    ['GET', '/version', undefined],
    ['GET', '/v1.41/info', undefined],
    ['GET', '/v1.41/containers/json?all=true', undefined],
    ['GET', `/v1.47/containers/${id}/json`, undefined],
    ['GET', `/v1.41/containers/${id}/stats?stream=false&one-shot=true`, undefined],
    ['GET', `/v1.41/containers/${id}/top`, undefined],
    ['GET', `/v1.41/events?since=1795348200.789377239&filters=${filters}`, undefined],
    ['GET', `/v1.41/networks/${id}`, undefined],
    ['POST', `/v1.41/containers/${id}/pause`, undefined],
    ['POST', `/v1.41/containers/${id}/kill?signal=SIGKILL`, undefined],
    ['POST', `/v1.41/containers/${id}/stop?t=10`, undefined],
    ['POST', `/v1.41/containers/${id}/update`, '{"Memory":1}'],
    ['GET', '/v1.41/networks/bridge', undefined],
    ['POST', `/v1.41/networks/${id}/disconnect`, `{"Container":"${other}","Force":true}`],
    [
      'POST',
      `/v1.41/networks/${id}/connect`,
      `{"Container":"${other}","EndpointConfig":{"Aliases":["a"],"Links":["db:database"],"IPAMConfig":{"IPv4Address":"10.0.0.2"}}}`,
    ],
  ])('lets %s %s through', (method, target, body) => {
    expect(permit(method, target, body)).toMatchObject({ ok: true });
  });

  test.each([
    ['a new container', 'POST', '/v1.41/containers/create', '{"Image":"x"}'],
    ['an exec', 'POST', `/v1.41/containers/${id}/exec`, '{"Cmd":["sh"]}'],
    ['the removal of a container', 'DELETE', `/v1.41/containers/${id}`, undefined],
    ['a start', 'POST', `/v1.41/containers/${id}/start`, undefined],
    ['an image pull', 'POST', '/v1.41/images/create?fromImage=x', undefined],
    ['the files of a container', 'GET', `/v1.41/containers/${id}/archive?path=/`, undefined],
    ['a name in place of an id', 'POST', '/v1.41/containers/web/pause', undefined],
    ['a short id', 'POST', `/v1.41/containers/${id.slice(0, 12)}/pause`, undefined],
    ['another signal', 'POST', `/v1.41/containers/${id}/kill?signal=SIGTERM`, undefined],
    ['a kill without its signal', 'POST', `/v1.41/containers/${id}/kill`, undefined],
    [
      'two signals',
      'POST',
      `/v1.41/containers/${id}/kill?signal=SIGKILL&signal=SIGKILL`,
      undefined,
    ],
    ['a pause with a body', 'POST', `/v1.41/containers/${id}/pause`, '{}'],
    ['an update of devices', 'POST', `/v1.41/containers/${id}/update`, '{"Devices":[]}'],
    ['an update of nothing', 'POST', `/v1.41/containers/${id}/update`, '{}'],
    ['a repeated member', 'POST', `/v1.41/containers/${id}/update`, '{"Memory":1,"Memory":2}'],
    ['other case in a member', 'POST', `/v1.41/containers/${id}/update`, '{"memory":1}'],
    ['other filters', 'GET', '/v1.41/events?filters=%7B%7D', undefined],
    ['arguments for ps', 'GET', `/v1.41/containers/${id}/top?ps_args=-o%20pid`, undefined],
    ['a way up', 'GET', `/v1.41/containers/${id}/../../info`, undefined],
    ['an encoded way up', 'GET', `/v1.41/containers/${id}%2f..%2f..%2finfo`, undefined],
    ['a doubled slash', 'GET', '//info', undefined],
    ['a whole address', 'GET', 'http://other/info', undefined],
    ['a line break', 'GET', '/info\r\nX: y', undefined],
    ['two versions', 'GET', '/v1.41/v1.41/info', undefined],
    ['a fragment', 'GET', '/info#', undefined],
    ['a prototype name as parameter', 'GET', '/info?constructor=1', undefined],
    ['a lower-case method', 'get', '/info', undefined],
  ])('stops %s', (_, method, target, body) => {
    expect(permit(method, target, body)).toMatchObject({ ok: false });
  });

  test('lets through only paths that mean what they say, whatever is put into them', () => {
    const nasty = fc.constantFrom(
      '/',
      '..',
      '%2f',
      '%2F',
      '%00',
      '?',
      '#',
      '\\',
      ' ',
      'A',
      '\n',
      '',
    );
    const target = fc
      .tuple(
        fc.constantFrom('', '/v1.41', '/v2.0', '/V1.41'),
        fc.constantFrom('containers', 'networks', 'images', 'exec', 'Containers'),
        fc.array(fc.oneof(nasty, fc.constantFrom(id, id.toUpperCase(), other)), { maxLength: 4 }),
        fc.constantFrom(
          'json',
          'pause',
          'stats',
          'exec',
          'start',
          'archive',
          'kill?signal=SIGKILL',
        ),
        fc.array(nasty, { maxLength: 2 }),
      )
      .map(
        ([version, kind, middle, last, tail]) =>
          [version, kind, middle.join(''), last].join('/').replace(/^\/\//, '/') + tail.join(''),
      );
    fc.assert(
      fc.property(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), target, (method, text) => {
        if (!permit(method, text, undefined).ok) return;
        expect(text).toMatch(
          /^(?:\/v1\.\d\d)?\/(?:containers|networks)(?:\/[0-9a-f]{64})?\/?(?:json|pause|stats|kill\?signal=SIGKILL)?\??$/,
        );
        // What a router would make of it after decoding and cleaning is what was checked.
        const cleaned = new URL(text, 'http://engine').pathname;
        expect(decodeURIComponent(cleaned)).toBe(text.replace(/\?.*/, ''));
      }),
    );
  });

  test('never throws, and lets no arbitrary text through', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.option(fc.string(), { nil: undefined }),
        (m, t, b) => {
          expect(permit(m, t, b).ok).toBe(false);
        },
      ),
    );
  });

  test('refuses any member of an update that is not listed', () => {
    const listed = ['RestartPolicy', 'Memory', 'MemorySwap', 'NanoCpus', 'PidsLimit'];
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        fc.pre(!listed.includes(name));
        const body = JSON.stringify({ Memory: 1, [name]: value });
        expect(permit('POST', `/v1.41/containers/${id}/update`, body).ok).toBe(false);
      }),
    );
  });

  test('gives a stop its grace time and ten seconds more', () => {
    const call = permit('POST', `/v1.41/containers/${id}/stop?t=30`, undefined);
    expect(call).toMatchObject({ ok: true, value: { timeoutMs: 40_000 } });
  });
});

describe.each([
  { kind: 'socket', folder: '/var/lib/sentra/x/helper' },
  { kind: 'port', owner: '0f'.repeat(16) },
] satisfies HelperWay[])('Of all containers, the helper alone, by $kind', (way) => {
  const digest = `sha256:${'c4'.repeat(32)}`;
  const shape = { image: digest, content: digest, way };
  const create = '/v1.41/containers/create?name=sentra-helper';
  const body = (
    change: (body: ReturnType<typeof helperBody>) => unknown = (each) => each,
  ): string => JSON.stringify(change(helperBody(shape)));
  const published = (each: ReturnType<typeof helperBody>, address: string, port = '') => ({
    ...each,
    ExposedPorts: { '7373/tcp': {} },
    HostConfig: {
      ...each.HostConfig,
      PortBindings: { '7373/tcp': [{ HostIp: address, HostPort: port }] },
    },
  });
  const host = (members: object): string =>
    body((each) => ({ ...each, HostConfig: { ...each.HostConfig, ...members } }));

  test.each([
    ['POST', create, body()],
    ['POST', '/v1.41/containers/sentra-helper/start', undefined],
    ['POST', '/v1.41/containers/sentra-helper/attach?stream=1&stdin=1', undefined],
    ['POST', '/v1.41/containers/sentra-helper/kill?signal=SIGKILL', undefined],
    ['POST', '/v1.41/networks/create', JSON.stringify(helperNetworkBody)],
    ['GET', '/v1.41/networks/sentra-helper', undefined],
    ['DELETE', '/v1.41/networks/sentra-helper', undefined],
    ['GET', '/v1.41/containers/sentra-helper/json', undefined],
    ['DELETE', '/v1.41/containers/sentra-helper?force=1', undefined],
    ['GET', '/v1.41/images/sentra-helper:0123456789ab/json', undefined],
    ['DELETE', '/v1.41/images/sentra-helper:0123456789ab', undefined],
    ['POST', '/v1.41/images/load?quiet=1', new Uint8Array(10)],
  ])('%s %s is let through', (method, target, sent) => {
    expect(permit(method, target, sent)).toMatchObject({ ok: true });
  });

  test.each([
    ['under another name', 'POST', '/v1.41/containers/create?name=other', body()],
    ['without a name', 'POST', '/v1.41/containers/create', body()],
    ['on another platform', 'POST', `${create}&platform=x`, body()],
    ['of an image by name', 'POST', create, body((each) => ({ ...each, Image: 'evil' }))],
    ['with a command', 'POST', create, body((each) => ({ ...each, Cmd: ['sh'] }))],
    ['with a port for all the world', 'POST', create, body((each) => published(each, '0.0.0.0'))],
    ['with a port of its own choice', 'POST', create, body((each) => published(each, '', '22'))],
    ['on another network', 'POST', create, host({ NetworkMode: 'bridge' })],
    ['with words for its environment', 'POST', create, body((each) => ({ ...each, Env: ['A=b'] }))],
    ['with an entry point', 'POST', create, body((each) => ({ ...each, Entrypoint: ['sh'] }))],
    ['as another user', 'POST', create, body((each) => ({ ...each, User: '1' }))],
    ['without its label', 'POST', create, body((each) => ({ ...each, Labels: {} }))],
    ['privileged', 'POST', create, host({ Privileged: true })],
    ['with more capabilities', 'POST', create, host({ CapAdd: ['ALL'] })],
    ['with one more', 'POST', create, host({ CapAdd: ['SYS_MODULE', 'NET_ADMIN'] })],
    ['without dropping the others', 'POST', create, host({ CapDrop: [] })],
    ['without a filter of calls', 'POST', create, host({ SecurityOpt: ['seccomp=unconfined'] })],
    ['with a root to write to', 'POST', create, host({ ReadonlyRootfs: false })],
    ['with a device', 'POST', create, host({ Devices: [] })],
    ['with all of the host', 'POST', create, host({ Binds: ['/:/host'] })],
    [
      'with a way up',
      'POST',
      create,
      host({
        Binds: ['/sys/fs/cgroup:/sys/fs/cgroup', '/var/../etc/helper:/run/sentra-helper'],
      }),
    ],
    [
      'with a folder of another name',
      'POST',
      create,
      host({ Binds: ['/sys/fs/cgroup:/sys/fs/cgroup', '/etc:/run/sentra-helper'] }),
    ],
    ['that the engine starts again', 'POST', create, host({ RestartPolicy: { Name: 'always' } })],
    ['the start of another', 'POST', '/v1.41/containers/web/start', undefined],
    ['the removal of another', 'DELETE', '/v1.41/containers/web?force=1', undefined],
    [
      'the removal with volumes',
      'DELETE',
      '/v1.41/containers/sentra-helper?force=1&v=1',
      undefined,
    ],
    ['its output', 'POST', '/v1.41/containers/sentra-helper/attach?stream=1&stdout=1', undefined],
    ['the input of another', 'POST', `/v1.41/containers/${id}/attach?stream=1&stdin=1`, undefined],
    ['the removal of another network', 'DELETE', `/v1.41/networks/${id}`, undefined],
    [
      'a network of another shape',
      'POST',
      '/v1.41/networks/create',
      JSON.stringify({ ...helperNetworkBody, Driver: 'host' }),
    ],
    ['an exec in it', 'POST', '/v1.41/containers/sentra-helper/exec', '{"Cmd":["sh"]}'],
    ['another image', 'DELETE', '/v1.41/images/debian', undefined],
    ['an image in words', 'POST', '/v1.41/images/load?quiet=1', '{}'],
    ['no image', 'POST', '/v1.41/images/load?quiet=1', undefined],
  ])('stops it %s', (_, method, target, sent) => {
    expect(permit(method, target, sent)).toMatchObject({ ok: false });
  });

  test('whatever is put into the body elsewhere is stopped', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (name, value) => {
        const known = helperBody(shape);
        fc.pre(!(name in known) && name !== '__proto__');
        const sent = JSON.stringify({ ...known, [name]: value });
        expect(permit('POST', create, sent)).toMatchObject({ ok: false });
        fc.pre(!(name in known.HostConfig));
        expect(permit('POST', create, host({ [name]: value }))).toMatchObject({ ok: false });
      }),
    );
  });
});

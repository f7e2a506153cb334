import { failed, ok, type Result } from '../runtime/result.ts';
import type { EngineError } from './port.ts';
import { quoted } from './engine-error.ts';

/** Certificates and key of a connection, PEM. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** Where an engine listens. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'pipe'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      /** Undefined: unencrypted, which is permitted on the loopback only. */
      readonly tls: TlsMaterial | undefined;
    };

/** The address as the docker CLI writes it, for example `unix:///var/run/docker.sock`. */
export function nameOfAddress(address: Address): string {
  switch (address.kind) {
    case 'unix':
      return `unix://${address.path}`;
    case 'pipe':
      return `npipe://${address.path}`;
    case 'tcp': {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      return `tcp://${host}:${address.port}`;
    }
  }
}

/** The docker CLI's default where nothing is chosen. */
export function defaultAddress(platform: string): Address {
  return platform === 'win32'
    ? { kind: 'pipe', path: '//./pipe/docker_engine' }
    : { kind: 'unix', path: '/var/run/docker.sock' };
}

/**
 * Reads an engine's address as DOCKER_HOST and contexts write it. `tls` is the material that comes
 * with it, if any. Refuses unencrypted TCP beyond the loopback, since whoever can listen in on the
 * way has root on the engine's host, and ssh, which is not built yet.
 */
export function parseAddress(
  text: string,
  platform: string,
  tls: TlsMaterial | undefined,
): Result<Address, EngineError> {
  const mark = text.indexOf('://');
  const scheme = mark < 0 ? 'tcp' : text.slice(0, mark);
  const rest = mark < 0 ? text : text.slice(mark + 3);
  switch (scheme) {
    case 'unix': {
      const standard = defaultAddress('linux');
      if (rest === '') return ok(standard);
      return rest.startsWith('/') && !rest.includes('\0')
        ? ok({ kind: 'unix', path: rest })
        : refused(text, 'the path of a unix socket starts with /', 'Write unix:///path/to/socket.');
    }
    case 'npipe': {
      const path = rest.replaceAll('\\', '/');
      if (platform !== 'win32') {
        return refused(text, 'named pipes exist on Windows only', 'Use unix:///path/to/socket.');
      }
      if (path === '') return ok(defaultAddress('win32'));
      return path.startsWith('//./pipe/')
        ? ok({ kind: 'pipe', path })
        : refused(text, 'only pipes of this machine are used', 'Write npipe:////./pipe/NAME.');
    }
    case 'tcp':
      return parseTcp(text, rest, tls);
    case 'ssh':
      return refused(
        text,
        'ssh is not supported yet',
        'Forward the socket yourself with `ssh -N -L /tmp/engine.sock:/var/run/docker.sock HOST` and give Sentra DOCKER_HOST=unix:///tmp/engine.sock, or run Sentra on that machine.',
      );
    default:
      return refused(
        text,
        `"${quoted(scheme)}" is no known scheme`,
        'Use unix://, npipe:// or tcp://.',
      );
  }
}

function parseTcp(
  text: string,
  rest: string,
  tls: TlsMaterial | undefined,
): Result<Address, EngineError> {
  const url = URL.parse(`tcp://${rest}`);
  const bare = url !== null && url.username === '' && url.password === '' && url.search === '';
  if (!bare || url.hostname === '' || !['', '/'].includes(url.pathname)) {
    return refused(text, 'it is not a host and a port', 'Write tcp://HOST:PORT.');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (tls === undefined ? 2375 : 2376) : Number(url.port);
  if (tls === undefined && !isLoopback(host)) {
    return refused(
      text,
      'unencrypted TCP to another machine gives everyone on the way root there',
      'Set up TLS on the engine and DOCKER_TLS_VERIFY=1 with DOCKER_CERT_PATH here, or forward its socket through ssh.',
    );
  }
  return ok({ kind: 'tcp', host, port, tls });
}

/** Whether the host is this machine for certain: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function refused(text: string, why: string, advice: string): Result<never, EngineError> {
  return failed({
    kind: 'failed',
    message: `The engine's address "${quoted(text)}" cannot be used: ${why}.`,
    advice,
  });
}

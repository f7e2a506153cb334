import type { EngineError } from './port.ts';
import { messageOf } from '../runtime/logger.ts';
import { quoted } from './engine-error.ts';

/** Where a connection was tried, for words that fit. */
export interface SocketPlace {
  /** As shown to the person, for example `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  readonly kind: 'unix' | 'pipe' | 'tcp';
  readonly platform: string;
}

/** The code of a system error such as `ENOENT`, or an empty text. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** How an engine is started on this platform, as advice. */
export function startAdvice(platform: string): string {
  switch (platform) {
    case 'darwin':
      return 'Start Docker Desktop, OrbStack, Colima or whichever engine you use.';
    case 'win32':
      return 'Start Docker Desktop or whichever engine you use.';
    default:
      return 'Start the engine: `sudo systemctl start docker` (rootless: `systemctl --user start docker`), or Docker Desktop.';
  }
}

function permissionAdvice(place: SocketPlace): string {
  if (place.platform === 'win32') {
    return 'Add your account to the group docker-users, then sign out and in again.';
  }
  if (place.platform === 'darwin') {
    return 'Look at who owns the socket; the engine should run as your own user.';
  }
  return 'Join the group that owns the socket, usually `sudo usermod -aG docker "$USER"`, and log in again. That group is as powerful as root; rootless Docker needs no such group.';
}

/**
 * The error for a connection that did not come about or broke. Distinguishes nobody there, no
 * permission, a socket that outlived its engine, and a far end out of reach.
 */
export function errorOfSocket(error: unknown, place: SocketPlace): EngineError {
  const code = codeOf(error);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return {
        kind: 'not-running',
        message: `No engine runs at ${place.endpoint}: nothing is there.`,
        advice: startAdvice(place.platform),
      };
    case 'EACCES':
    case 'EPERM':
      return {
        kind: 'no-permission',
        message: `You may not use the engine at ${place.endpoint}.`,
        advice: permissionAdvice(place),
      };
    case 'ECONNREFUSED':
      return place.kind === 'tcp'
        ? {
            kind: 'not-running',
            message: `No engine listens at ${place.endpoint}.`,
            advice: `${startAdvice(place.platform)} Check the port too.`,
          }
        : {
            kind: 'stale-socket',
            message: `The socket of ${place.endpoint} is there, but no engine listens behind it.`,
            advice: `The engine ended without removing its socket. ${startAdvice(place.platform)}`,
          };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return {
        kind: 'unreachable',
        message: `${place.endpoint} cannot be reached (${code}).`,
        advice: 'Check the name, the network and the VPN of this machine.',
      };
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        kind: 'unreachable',
        message: `The engine at ${place.endpoint} closed the connection in mid-talk.`,
        advice:
          place.kind === 'tcp'
            ? 'It was stopped or restarted, or it wants TLS: then set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.'
            : 'It was probably stopped or restarted. Sentra tries again by itself.',
      };
    default:
      return {
        kind: code.startsWith('HPE_') ? 'garbage' : 'failed',
        message: `Talking to ${place.endpoint} failed: ${quoted(messageOf(error))}`,
        advice: tlsCode(code)
          ? 'The certificates do not match. Check ca.pem, cert.pem and key.pem of this endpoint.'
          : 'Check that the endpoint is a Docker engine.',
      };
  }
}

function tlsCode(code: string): boolean {
  return code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || /CERT|SELF_SIGNED/.test(code);
}

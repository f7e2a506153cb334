import { failed, ok, type Result } from '../runtime/result.ts';
import { nameOfAddress } from './address.ts';
import type { Endpoint } from './endpoints.ts';
import { CallFailure, timedOut } from './engine-error.ts';
import type { EngineEnvironment } from './environment.ts';
import { createModem } from './modem.ts';
import type { EngineError } from './port.ts';
import { errorOfSocket, type SocketPlace } from './socket-error.ts';
import { createTransport, type Transport } from './transport.ts';

/** An endpoint that answered. Whoever takes it closes the transport. */
export interface Contact {
  readonly transport: Transport;
  /** The newest API version the engine speaks, by its answer's header; may be empty. */
  readonly apiVersion: string;
}

/** How long an endpoint may take to answer the first ping, in milliseconds. */
const probeMs = 1500;

/**
 * Pings the endpoint. A unix socket is looked at first: it must be a socket, and belong to root or
 * to this user, since whoever owns it could feign an engine and learn and answer everything.
 */
export async function probe(
  endpoint: Endpoint,
  environment: EngineEnvironment,
  signal: AbortSignal,
): Promise<Result<Contact, EngineError>> {
  const { address } = endpoint;
  const place: SocketPlace = {
    endpoint: nameOfAddress(address),
    kind: address.kind,
    platform: environment.platform,
  };
  if (address.kind === 'unix') {
    const objection = await objectionTo(address.path, environment, place);
    if (objection !== undefined) return failed(objection);
  }
  const transport = createTransport(address, environment.platform);
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), probeMs);
  try {
    const modem = createModem(transport, undefined);
    const answer = await modem.get('/_ping', {}, AbortSignal.any([signal, slow.signal]));
    const header = answer.headers['api-version'];
    return ok({ transport, apiVersion: typeof header === 'string' ? header : '' });
  } catch (error) {
    transport.close();
    if (!(error instanceof CallFailure)) throw error;
    const late = slow.signal.aborted && !signal.aborted;
    return failed(late ? timedOut(`ping of ${place.endpoint}`, probeMs) : error.engineError);
  } finally {
    clearTimeout(timer);
  }
}

async function objectionTo(
  path: string,
  environment: EngineEnvironment,
  place: SocketPlace,
): Promise<EngineError | undefined> {
  const file = await environment.lookAtSocket(path);
  switch (file.kind) {
    case 'unseen':
      return errorOfSocket(Object.assign(new Error(file.message), { code: file.code }), place);
    case 'other':
      return {
        kind: 'failed',
        message: `${place.endpoint} is not a socket.`,
        advice: 'Give the path of the socket that the engine listens on.',
      };
    case 'socket':
      if (file.owner === 0 || file.owner === environment.userId) return undefined;
      return {
        kind: 'no-permission',
        message: `The socket of ${place.endpoint} belongs to another user (uid ${file.owner}), so Sentra does not trust it. Nothing was sent.`,
        advice: 'Use an engine of your own or of the system, or run Sentra as that user.',
      };
  }
}

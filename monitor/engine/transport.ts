import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type { EngineError } from './port.ts';
import { nameOfAddress, type Address } from './address.ts';
import { bodyOf, type AnswerBody } from './answer-body.ts';
import { createBypass } from './bypass.ts';
import { permit, type PermittedCall } from './allow-list.ts';
import {
  CallFailure,
  cancelled,
  errorOfStatus,
  forbidden,
  garbage,
  timedOut,
} from './engine-error.ts';
import { codeOf, errorOfSocket } from './socket-error.ts';

/** One request as it will stand on the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path with query. */
  readonly target: string;
  /** JSON, or the bytes of an image. */
  readonly body: string | Uint8Array | undefined;
  /** Ends the call early. */
  readonly signal: AbortSignal | undefined;
}

/** A whole answer with a status of success. */
export interface WireAnswer {
  /** 200 to 299; or 304, where what was asked for was the case already. */
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** The one way to the engine. Whatever is not on the allow-list is refused before a byte is sent. */
export interface Transport {
  /** Sends and reads the whole answer. Rejects with {@link CallFailure}, within the call's time-out. */
  call(request: WireRequest): Promise<WireAnswer>;
  /** Sends, and resolves when the headers of a success are there. Rejects like `call`. */
  open(request: WireRequest): Promise<AnswerBody>;
  /**
   * Sends, and resolves to the connection once the engine has handed it over; what is written there
   * goes to a container. Rejects like `call`.
   */
  attach(request: WireRequest): Promise<Duplex>;
  /** Ends every call with `cancelled` and closes every connection. */
  close(): void;
}

/** The longest answer that is read, in bytes: some 20,000 containers in a list. */
const answerLimitBytes = 32 * 1024 * 1024;

/** The longest refusal that is read, in bytes. */
const refusalLimitBytes = 64 * 1024;

/** How many reads run at the same time; more wait, so that a relist does not swamp the engine. */
const parallelReads = 8;

/** A transport to `address`. `platform` is for the advice in errors. */
export function createTransport(address: Address, platform: string): Transport {
  const endpoint = nameOfAddress(address);
  const place = { endpoint, kind: address.kind, platform };
  const closing = new AbortController();
  const secure = address.kind === 'tcp' && address.tls !== undefined;
  const agentClass = secure ? https.Agent : http.Agent;
  const readers = new agentClass({ keepAlive: true, maxSockets: parallelReads, maxFreeSockets: 2 });
  // Changes and streams get connections of their own: a pause must not wait behind a slow list.
  const dedicated = new agentClass({ keepAlive: false });
  /** Streams that are open. */
  const streams = new Set<http.IncomingMessage>();

  function check(request: WireRequest): PermittedCall {
    const permitted = permit(request.method, request.target, request.body);
    if (!permitted.ok) {
      throw new CallFailure(forbidden(`${request.method} ${request.target}`, permitted.error));
    }
    return permitted.value;
  }

  function send(
    request: WireRequest,
    way: Way,
    more: http.OutgoingHttpHeaders,
  ): http.ClientRequest {
    const { body } = request;
    const options: https.RequestOptions = {
      ...target(address),
      method: request.method,
      path: request.target,
      ...way,
      headers: {
        ...more,
        // A socket has no host name. Over TCP the certificate is checked against this header.
        ...(address.kind === 'tcp' ? {} : { Host: 'docker' }),
        ...(body === undefined
          ? {}
          : {
              'Content-Type': typeof body === 'string' ? 'application/json' : 'application/x-tar',
              'Content-Length': Buffer.byteLength(body),
            }),
      },
    };
    const sent = secure ? https.request(options) : http.request(options);
    sent.end(body);
    return sent;
  }

  /** Runs until `onResponse` settles it, the time is up, or somebody gives up. */
  function exchange<Value>(
    request: WireRequest,
    permitted: PermittedCall,
    way: Way,
    onResponse: (response: http.IncomingMessage, settle: Settle<Value>) => void,
    onUpgrade?: (connection: Duplex, settle: Settle<Value>) => void,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => settle.fail(timedOut(permitted.name, permitted.timeoutMs)),
        permitted.timeoutMs,
      );
      const giveUp = (): void => settle.fail(cancelled(permitted.name));
      const signals = [closing.signal, ...(request.signal === undefined ? [] : [request.signal])];
      let sent: http.ClientRequest | undefined;
      let settled = false;

      function finish(): boolean {
        if (settled) return false;
        settled = true;
        clearTimeout(deadline);
        for (const signal of signals) signal.removeEventListener('abort', giveUp);
        return true;
      }
      const settle: Settle<Value> = {
        done(value) {
          if (finish()) resolve(value);
        },
        fail(error) {
          if (!finish()) return;
          sent?.destroy();
          reject(new CallFailure(error));
        },
        broke(error) {
          settle.fail(errorOfSocket(error, place));
        },
      };
      for (const signal of signals) signal.addEventListener('abort', giveUp, { once: true });
      if (signals.some((signal) => signal.aborted)) {
        giveUp();
        return;
      }

      function attempt(): void {
        const wish = onUpgrade === undefined ? {} : { Connection: 'Upgrade', Upgrade: 'tcp' };
        const current = send(request, way, wish);
        sent = current;
        let answered = false;
        current.on('response', (response) => {
          answered = true;
          onResponse(response, settle);
        });
        current.on('upgrade', (_, connection) => {
          connection.on('error', () => undefined);
          if (onUpgrade === undefined) connection.destroy();
          else onUpgrade(connection, settle);
        });
        current.on('error', (error) => {
          // An engine may close an idle connection just as it is used again. Reading twice is safe.
          const stale = current.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(codeOf(error));
          if (stale && !answered && !settled && !permitted.changes) attempt();
          else settle.broke(error);
        });
      }
      attempt();
    });
  }

  return {
    async call(request) {
      const permitted = check(request);
      const agent = permitted.changes ? dedicated : readers;
      return await exchange<WireAnswer>(request, permitted, { agent }, (response, settle) => {
        readWhole(response, permitted.name, settle, (text) => {
          const status = response.statusCode ?? 0;
          // 304 answers a stop of what does not run, and a start of what does.
          if ((status >= 200 && status < 300) || status === 304) {
            settle.done({ status, headers: response.headers, text });
          } else {
            settle.fail(errorOfStatus(permitted.name, status, text));
          }
        });
      });
    },
    async open(request) {
      const permitted = check(request);
      const bypass = address.kind === 'unix' ? createBypass(address.path) : undefined;
      return await exchange<AnswerBody>(
        request,
        permitted,
        bypass === undefined ? { agent: dedicated } : { createConnection: bypass.connect },
        (response, settle) => {
          if (response.statusCode !== 200) {
            bypass?.leave();
            refuse(response, permitted.name, settle);
            return;
          }
          streams.add(response);
          response.once('close', () => streams.delete(response));
          settle.done(bodyOf(response, bypass));
        },
      );
    },
    async attach(request) {
      const permitted = check(request);
      return await exchange<Duplex>(
        request,
        permitted,
        { agent: dedicated },
        (response, settle) => refuse(response, permitted.name, settle),
        (connection, settle) => settle.done(connection),
      );
    },
    close() {
      closing.abort();
      for (const stream of streams) stream.destroy();
      readers.destroy();
      dedicated.destroy();
    },
  };
}

/** By which connection a request goes: one of an agent's, or one that is made for it. */
type Way = Pick<http.RequestOptions, 'agent' | 'createConnection'>;

interface Settle<Value> {
  readonly done: (value: Value) => void;
  readonly fail: (error: EngineError) => void;
  /** The connection failed with this system error. */
  readonly broke: (error: unknown) => void;
}

/** Reads why it was refused. */
function refuse<Value>(response: http.IncomingMessage, what: string, settle: Settle<Value>): void {
  const status = response.statusCode ?? 0;
  readWhole(response, what, settle, (text) => settle.fail(errorOfStatus(what, status, text)));
}

function readWhole<Value>(
  response: http.IncomingMessage,
  what: string,
  settle: Settle<Value>,
  onText: (text: string) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const limit = (response.statusCode ?? 0) < 300 ? answerLimitBytes : refusalLimitBytes;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > limit) settle.fail(garbage(what, `it is longer than ${limit} bytes`));
    else chunks.push(chunk);
  });
  response.on('end', () => onText(Buffer.concat(chunks).toString('utf8')));
  response.on('error', (error) => settle.broke(error));
  // A peer that closes in mid-body gives no 'end'; after one, this changes nothing any more.
  response.on('close', () => settle.broke(resetError()));
}

function resetError(): Error {
  return Object.assign(new Error('closed in mid-answer'), { code: 'ECONNRESET' });
}

function target(address: Address): https.RequestOptions {
  if (address.kind !== 'tcp') return { socketPath: address.path };
  const { host, port, tls } = address;
  return {
    host,
    port,
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
  };
}

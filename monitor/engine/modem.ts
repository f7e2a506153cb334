import type { AnswerBody } from './answer-body.ts';
import type { Transport, WireAnswer, WireRequest } from './transport.ts';

/** What dockerode's classes hand to their modem, as far as it concerns the calls on our list. */
export interface Dial {
  /** Ends in `?` where the options are the query; otherwise they are the body. */
  readonly path: string;
  readonly method: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly abortSignal?: AbortSignal;
}

/** Stands where dockerode expects docker-modem. */
export interface Modem {
  readonly Promise: PromiseConstructor;
  dial(dial: Dial, callback: (error: unknown, data: unknown) => void): void;
  /** One GET with a whole answer. */
  get(
    path: string,
    query?: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<WireAnswer>;
  /** One GET whose answer streams. */
  open(
    path: string,
    query: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<AnswerBody>;
}

/**
 * A modem over `transport`, speaking API version `apiVersion` such as `1.41` (undefined: without a
 * version, for the first contact). It takes docker-modem's place because that one lets DOCKER_HOST
 * override an explicit socket, never settles when the engine falls silent in mid-answer, and would
 * send anything. Results are a {@link WireAnswer}.
 */
export function createModem(transport: Transport, apiVersion: string | undefined): Modem {
  const prefix = apiVersion === undefined ? '' : `/v${apiVersion}`;

  function wire(dial: Dial): WireRequest {
    const inQuery = dial.path.endsWith('?');
    const path = inQuery ? dial.path.slice(0, -1) : dial.path;
    const members = Object.entries(dial.options ?? {}).filter(
      ([name, value]) => name !== 'abortSignal' && value !== undefined,
    );
    const query = inQuery ? encodeQuery(members) : '';
    const hasBody = !inQuery && dial.method === 'POST' && members.length > 0;
    return {
      method: dial.method,
      target: `${prefix}${path}${query === '' ? '' : `?${query}`}`,
      body: hasBody ? JSON.stringify(Object.fromEntries(members)) : undefined,
      signal: dial.abortSignal,
    };
  }

  return {
    Promise,
    dial(dial, callback) {
      transport.call(wire(dial)).then(
        (data) => callback(null, data),
        (error: unknown) => callback(error, null),
      );
    },
    get: (path, query = {}, signal) =>
      transport.call(
        wire({
          path: `${path}?`,
          method: 'GET',
          options: query,
          ...(signal === undefined ? {} : { abortSignal: signal }),
        }),
      ),
    open: (path, query, signal) =>
      transport.open(
        wire({ path: `${path}?`, method: 'GET', options: query, abortSignal: signal }),
      ),
  };
}

function encodeQuery(members: readonly (readonly [string, unknown])[]): string {
  return members
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
    })
    .join('&');
}

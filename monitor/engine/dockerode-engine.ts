import Container from 'dockerode/lib/container.js';
import Network from 'dockerode/lib/network.js';
import type * as z from 'zod';
import { failed, ok, type Result } from '../runtime/result.ts';
import { eventFilters } from './allow-list.ts';
import { connectBody, updateBody } from './change-body.ts';
import { containerListPayload } from './container-list-payload.ts';
import { CallFailure, garbage } from './engine-error.ts';
import { readEvent } from './event-payload.ts';
import { createHelperCalls } from './helper-calls.ts';
import { factsPayload } from './facts-payload.ts';
import { inspectPayload } from './inspect-payload.ts';
import { openJsonStream } from './json-stream.ts';
import type { Modem } from './modem.ts';
import { networkSubnetPayload } from './network-payload.ts';
import { readPayload } from './payload.ts';
import type {
  Engine,
  EngineAbout,
  EngineError,
  EngineStream,
  ResourceCounters,
  StreamHandlers,
} from './port.ts';
import type { SocketPlace } from './socket-error.ts';
import { readStats } from './stats-payload.ts';
import { topPayload } from './top-payload.ts';
import type { Transport } from './transport.ts';

/** What an engine stands on. */
export interface EngineParts {
  readonly about: EngineAbout;
  readonly transport: Transport;
  readonly modem: Modem;
  readonly place: SocketPlace;
}

/** A stream of readings that come every second is dead after this long without a byte. */
const statsSilenceMs = 15_000;

/**
 * The engine port over dockerode's classes and our own modem. No promise rejects and none hangs:
 * every failure is a value, every call has the time-out of its rule in the allow-list.
 */
export function createDockerodeEngine(parts: EngineParts): Engine {
  const { about, modem, place, transport } = parts;
  const streams = new Set<EngineStream>();

  async function read<Value>(
    what: string,
    call: () => Promise<unknown>,
    schema: z.ZodType<Value>,
  ): Promise<Result<Value, EngineError>> {
    const text = await textOf(what, call);
    return text.ok ? readPayload(what, text.value, schema) : text;
  }

  async function change(
    what: string,
    call: () => Promise<unknown>,
  ): Promise<Result<void, EngineError>> {
    const text = await textOf(what, call);
    return text.ok ? ok(undefined) : text;
  }

  /** Opens a stream that is closed with the engine. */
  function track<Item>(
    handlers: StreamHandlers<Item>,
    open: (handlers: StreamHandlers<Item>) => EngineStream,
  ): EngineStream {
    const inner = open({
      onOpen: () => handlers.onOpen?.(),
      onItem: (item) => handlers.onItem(item),
      onGarbage: (reason) => handlers.onGarbage(reason),
      onEnd: (error) => {
        streams.delete(inner);
        handlers.onEnd(error);
      },
    });
    streams.add(inner);
    return {
      close() {
        streams.delete(inner);
        inner.close();
      },
    };
  }

  const container = (id: string): Container => new Container(modem, id);
  const network = (id: string): Network => new Network(modem, id);

  return {
    about,
    helper: createHelperCalls(transport, about.apiVersion),
    ping: () => change('ping', () => modem.get('/_ping')),
    list: () =>
      read(
        'list of containers',
        () => modem.get('/containers/json', { all: true }),
        containerListPayload,
      ),
    inspect: (id) => read('inspect', () => container(id).inspect(), inspectPayload),
    facts: (id) => read('inspect', () => container(id).inspect(), factsPayload),
    top: (id) => read('top', () => container(id).top(), topPayload),
    async stats(id) {
      const text = await textOf('stats', () =>
        container(id).stats({ stream: false, ...oneShot(about.apiVersion) }),
      );
      return text.ok ? counters(text.value, about.hostMemoryBytes) : text;
    },
    openStats: (id, handlers) =>
      track(handlers, (tracked) =>
        openJsonStream({
          what: `stats of ${id.slice(0, 12)}`,
          place,
          open: (signal) => modem.open(`/containers/${id}/stats`, { stream: true }, signal),
          read: (line) => readStats(line, about.hostMemoryBytes),
          silenceMs: statsSilenceMs,
          handlers: tracked,
        }),
      ),
    openEvents: (sinceNano, handlers) =>
      track(handlers, (tracked) =>
        openJsonStream({
          what: 'events',
          place,
          open: (signal) =>
            modem.open('/events', { ...since(sinceNano), filters: eventFilters }, signal),
          read: readEvent,
          // Nothing happens for hours on a quiet engine; whoever listens opens it anew.
          silenceMs: undefined,
          handlers: tracked,
        }),
      ),
    networkHasSubnet: (id) => read('network', () => network(id).inspect(), networkSubnetPayload),
    pause: (id) => change('pause', () => container(id).pause()),
    unpause: (id) => change('unpause', () => container(id).unpause()),
    kill: (id) => change('kill', () => container(id).kill({ signal: 'SIGKILL' })),
    stop: (id, graceSeconds) =>
      change('stop', () => container(id).stop({ t: Math.max(0, Math.ceil(graceSeconds)) })),
    async update(id, wanted) {
      const body = updateBody(wanted);
      if (Object.keys(body).length === 0) return ok(undefined);
      return await change('update', () => container(id).update(body));
    },
    attach: (networkId, id, request) =>
      change('connect', () => network(networkId).connect(connectBody(id, request))),
    detach: (networkId, id) =>
      change('disconnect', () => network(networkId).disconnect({ Container: id, Force: true })),
    close() {
      for (const stream of [...streams]) stream.close();
      transport.close();
    },
  };
}

/** Without it an engine takes two readings and one to two seconds; known from API 1.41 on. */
function oneShot(apiVersion: string): { readonly 'one-shot'?: boolean } {
  return apiVersion === '1.40' ? {} : { 'one-shot': true };
}

/** `seconds.nanoseconds`, as the engine wants it. */
function since(nano: string | undefined): { readonly since?: string } {
  if (nano === undefined) return {};
  const digits = nano.padStart(10, '0');
  return { since: `${digits.slice(0, -9)}.${digits.slice(-9)}` };
}

async function textOf(
  what: string,
  call: () => Promise<unknown>,
): Promise<Result<string, EngineError>> {
  try {
    const answer = await call();
    if (typeof answer === 'object' && answer !== null && 'text' in answer) {
      if (typeof answer.text === 'string') return ok(answer.text);
    }
    return failed(garbage(what, 'there is no text in it'));
  } catch (error) {
    if (error instanceof CallFailure) return failed(error.engineError);
    throw error;
  }
}

function counters(text: string, hostMemoryBytes: number): Result<ResourceCounters, EngineError> {
  const reading = readStats(text, hostMemoryBytes);
  switch (reading.kind) {
    case 'item':
      return ok(reading.item);
    case 'garbage':
      return failed(garbage('stats', reading.reason));
    case 'skip':
      return failed({
        kind: 'conflict',
        message: 'The engine has no reading of the container, since it does not run.',
        advice: 'Start the container, or leave it be.',
      });
  }
}

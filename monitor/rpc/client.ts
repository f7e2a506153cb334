import { z } from 'zod';
import type { Action } from '../model/action.ts';
import type { Finding } from '../model/finding.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { egressCallOf } from './egress-server.ts';
import { egressAnswerSchema } from './schema/egress-schema.ts';
import type { EgressRequest, EgressView } from './service/egress-service.ts';
import { findingSchema } from './schema/model-schema.ts';
import type { Port } from './port.ts';
import { bounds, messageSchema, protocolVersion } from './protocol.ts';
import type { CallFailure, Message, MethodName, MethodParams, Request } from './protocol.ts';
import { createRemoteService } from './service/remote-service.ts';
import type { RemoteService } from './service/remote-service.ts';
import { actAnswerSchema, eventSchema, snapshotSchema } from './schema/service-schema.ts';
import type {
  ActRefusal,
  ActRequest,
  FindingQuery,
  MonitorEvent,
  MonitorSnapshot,
} from './service/service.ts';

/** Why a call to the monitor brought no value. The message is a sentence. */
export interface CallError {
  readonly kind: CallFailure['kind'] | 'timeout' | 'closed' | 'garbage';
  readonly message: string;
}

type Answer<Value, Failure = CallError> = Promise<Result<Value, Failure | CallError>>;

/** What a subscriber is told. */
export interface Subscriber {
  readonly onEvent: (event: MonitorEvent) => void;
  /** So many events were left out: the monitor held them back, or they made no sense here. */
  readonly onLost: (count: number) => void;
}

/** What shows and acts: a monitor in another process, or in this one. Calls never reject; when the peer dies they end with `closed`. */
export interface WatchClient extends Pick<RemoteService, 'actions'> {
  /** The version of the program at the other end. */
  readonly program: string;
  readonly engineId: string;
  snapshot(): Answer<MonitorSnapshot>;
  findings(query: FindingQuery): Answer<readonly Finding[]>;
  act(request: ActRequest): Answer<Action, ActRefusal>;
  egress(request: EgressRequest): Answer<EgressView, ActRefusal>;
  /** One subscriber at a time; a second takes the first one's place. */
  subscribe(subscriber: Subscriber): Answer<void>;
  unsubscribe(): Answer<void>;
  /** Resolves with the reason, a sentence, when the connection has ended. */
  readonly closed: Promise<string>;
  close(): void;
}

/** A monitor in another process. */
export interface MonitorClient extends WatchClient, RemoteService {}

/** How long to wait, in milliseconds; the protocol's bounds when left out. */
export interface ClientOptions {
  readonly program: string;
  readonly callMs?: number;
  readonly actMs?: number;
}

type Settle = (result: Result<unknown, CallError>) => void;

/**
 * Greets the monitor at the far end of the port and resolves to its client, or to a sentence that
 * says why there is none: another version, silence, something that is no monitor.
 */
export function createMonitorClient(
  port: Port,
  options: ClientOptions,
): Promise<Result<MonitorClient, string>> {
  const pending = new Map<number, Settle>();
  let nextId = 0;
  let subscriber: Subscriber | undefined;
  let closedFor: string | undefined;
  const closed = Promise.withResolvers<string>();
  const greeting = Promise.withResolvers<Result<MonitorClient, string>>();
  const timer = setTimeout(() => end('The monitor did not greet in time.'), bounds.greetingMs);

  function end(reason: string): void {
    if (closedFor !== undefined) return;
    closedFor = reason;
    clearTimeout(timer);
    port.close(reason);
    greeting.resolve(failed(reason));
    for (const settle of [...pending.values()]) settle(failed({ kind: 'closed', message: reason }));
    closed.resolve(reason);
  }

  const send = (request: Request): void => port.send(request);

  function call<Name extends MethodName, Value>(
    method: Name,
    params: MethodParams<Name>,
    schema: z.ZodType<Value>,
    waitMs = options.callMs ?? bounds.callMs,
  ): Promise<Result<Value, CallError>> {
    if (closedFor !== undefined) {
      return Promise.resolve(failed({ kind: 'closed', message: closedFor }));
    }
    const id = nextId;
    nextId += 1;
    return new Promise((resolve) => {
      const timeout = setTimeout(() => {
        const message = `The monitor did not answer ${method} within ${waitMs} ms.`;
        pending.get(id)?.(failed({ kind: 'timeout', message }));
      }, waitMs);
      pending.set(id, (result) => {
        pending.delete(id);
        clearTimeout(timeout);
        resolve(result.ok ? parseValue(schema, result.value) : result);
      });
      send({ type: 'call', id, method, params });
    });
  }

  function onEvent(event: unknown): void {
    const parsed = eventSchema.safeParse(event);
    if (parsed.success) subscriber?.onEvent(parsed.data);
    else subscriber?.onLost(1);
  }

  function onMessage(message: unknown): void {
    const parsed = messageSchema.safeParse(message);
    if (parsed.success) dispatch(parsed.data);
    else end('What answers does not speak the protocol of Sentra.');
  }

  function dispatch(message: Message): void {
    switch (message.type) {
      case 'welcome':
        clearTimeout(timer);
        if (message.protocol === protocolVersion) greeting.resolve(ok(clientFor(message)));
        else end(`The monitor speaks protocol ${message.protocol}, this is ${protocolVersion}.`);
        return;
      case 'farewell':
        end(message.reason);
        return;
      // An answer that comes after its time-out belongs to nobody any more.
      case 'reply':
        pending.get(message.id)?.(ok(message.value));
        return;
      case 'failure':
        pending.get(message.id)?.(failed(message.error));
        return;
      case 'event':
        onEvent(message.event);
        return;
      case 'lost':
        subscriber?.onLost(message.count);
        return;
    }
  }

  function clientFor(welcome: { program: string; engineId: string }): MonitorClient {
    return {
      program: welcome.program,
      engineId: welcome.engineId,
      snapshot: () => call('snapshot', {}, snapshotSchema),
      findings: ({ status, workload, limit }) =>
        call('findings', { status, workload, limit }, z.array(findingSchema)),
      async act({ name, target }) {
        const waitMs = options.actMs ?? bounds.actMs;
        const answer = await call(name, { target }, actAnswerSchema, waitMs);
        return answer.ok ? answer.value : answer;
      },
      async egress(request) {
        const [method, params] = egressCallOf(request);
        const waitMs = options.actMs ?? bounds.actMs;
        const answer = await call(method, params, egressAnswerSchema, waitMs);
        return answer.ok ? answer.value : answer;
      },
      ...createRemoteService(call),
      subscribe(next) {
        subscriber = next;
        return call('subscribe', {}, nothing);
      },
      unsubscribe() {
        subscriber = undefined;
        return call('unsubscribe', {}, nothing);
      },
      closed: closed.promise,
      close: () => end('The connection was closed from this side.'),
    };
  }

  port.open({ onMessage, onDrain: () => undefined, onClose: end });
  send({ type: 'hello', protocol: protocolVersion, program: options.program });
  return greeting.promise;
}

const nothing: z.ZodType<void> = z.object({}).transform(() => undefined);

function parseValue<Value>(schema: z.ZodType<Value>, value: unknown): Result<Value, CallError> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const message = `The monitor's answer makes no sense: ${z.prettifyError(parsed.error).slice(0, 500)}`;
  return failed({ kind: 'garbage', message });
}

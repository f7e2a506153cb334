import { z } from 'zod';
import { messageOf } from '../runtime/logger.ts';
import type { Logger } from '../runtime/logger.ts';
import { callService } from './service/call-service.ts';
import { createOutbox } from './socket/outbox.ts';
import type { Port } from './port.ts';
import { bounds, methods, protocolVersion, requestSchema } from './protocol.ts';
import type { CallFailure, Message, MethodName, Request } from './protocol.ts';
import type { MonitorService } from './service/service.ts';

/** What the server tells of itself, and whom it tells of trouble. */
export interface ServerOptions {
  /** The program's version. */
  readonly program: string;
  readonly engineId: string;
  readonly logger: Logger;
}

type Call = Extract<Request, { type: 'call' }>;

/**
 * Serves one client on a port whose peer has been checked, until either side closes it. The client
 * greets first, within `bounds.greetingMs`; a message that is none of the protocol ends the
 * connection before any method runs. Returns what ends the connection from this side.
 */
export function serveMonitor(
  service: MonitorService,
  port: Port,
  options: ServerOptions,
): (reason: string) => void {
  const pending = new Set<number>();
  const outbox = createOutbox(port);
  let greeted = false;
  let unsubscribe: (() => void) | undefined;

  const send = (message: Message): void => port.send(message);

  function part(reason: string): void {
    send({ type: 'farewell', reason });
    port.close(reason);
  }

  const greetingTimer = setTimeout(() => part('No greeting came.'), bounds.greetingMs);

  function fail(id: number, kind: CallFailure['kind'], message: string): void {
    send({ type: 'failure', id, ok: false, error: { kind, message } });
  }

  function subscribe(): Record<string, never> {
    unsubscribe ??= service.subscribe((event) => outbox.push(event));
    return {};
  }

  function endSubscription(): Record<string, never> {
    unsubscribe?.();
    unsubscribe = undefined;
    return {};
  }

  /** Runs one method with parameters that have been parsed. */
  function run(name: MethodName, params: unknown): unknown {
    switch (name) {
      case 'subscribe':
        return subscribe();
      case 'unsubscribe':
        return endSubscription();
      default:
        return callService(service, name, params);
    }
  }

  async function answer(call: Call): Promise<void> {
    const { id, method } = call;
    if (pending.has(id)) {
      part(`The call ${id} is waiting already.`);
      return;
    }
    if (!isMethod(method)) {
      fail(id, 'unknown-method', `There is no method "${method}".`);
      return;
    }
    const params = methods[method].params.safeParse(call.params ?? {});
    if (!params.success) {
      fail(id, 'bad-params', z.prettifyError(params.error).slice(0, 1000));
      return;
    }
    if (pending.size >= bounds.pendingRequests) {
      fail(id, 'busy', `${bounds.pendingRequests} calls are waiting already.`);
      return;
    }
    pending.add(id);
    try {
      const value: unknown = await run(method, params.data);
      send({ type: 'reply', id, ok: true, value });
    } catch (error) {
      options.logger.error(`The method ${method} failed: ${messageOf(error)}`);
      fail(id, 'internal', `The monitor failed in ${method}: ${messageOf(error)}`);
    } finally {
      pending.delete(id);
    }
    if (port.waitingBytes() > bounds.deadBytes) part('You do not read what you ask for.');
  }

  function onMessage(message: unknown): void {
    const parsed = requestSchema.safeParse(message);
    if (!parsed.success) {
      part('That message is none of the protocol.');
      return;
    }
    const request = parsed.data;
    switch (request.type) {
      case 'hello':
        if (greeted) {
          part('You have greeted already.');
          return;
        }
        if (request.protocol !== protocolVersion) {
          part(
            `This monitor (sentra ${options.program}) speaks protocol ${protocolVersion}, you speak ${request.protocol}. Use the same version of Sentra on both sides.`,
          );
          return;
        }
        greeted = true;
        clearTimeout(greetingTimer);
        send({
          type: 'welcome',
          protocol: protocolVersion,
          program: options.program,
          engineId: options.engineId,
        });
        return;
      case 'call':
        if (greeted) void answer(request);
        else part('Greet first.');
        return;
    }
  }

  port.open({
    onMessage,
    onDrain: () => outbox.flush(),
    onClose: () => {
      clearTimeout(greetingTimer);
      endSubscription();
    },
  });
  return part;
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

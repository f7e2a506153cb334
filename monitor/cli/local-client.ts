import { ok } from '../runtime/result.ts';
import type { WatchClient } from '../rpc/client.ts';
import type { MonitorService } from '../rpc/service/service.ts';
import { version } from './version.ts';

/** A monitor in this very process, spoken to as one in another: without sockets, without copies. */
export function createLocalClient(service: MonitorService): WatchClient {
  const closed = Promise.withResolvers<string>();
  let unsubscribe: (() => void) | undefined;

  function endSubscription(): void {
    unsubscribe?.();
    unsubscribe = undefined;
  }

  return {
    program: version,
    engineId: service.snapshot().engine?.id ?? '',
    snapshot: () => Promise.resolve(ok(service.snapshot())),
    findings: (query) => Promise.resolve(ok(service.findings(query))),
    actions: (query) => Promise.resolve(service.actions(query)),
    act: (request) => service.act(request),
    egress: (request) => service.egress(request),
    subscribe({ onEvent }) {
      endSubscription();
      unsubscribe = service.subscribe(onEvent);
      return Promise.resolve(ok(undefined));
    },
    unsubscribe() {
      endSubscription();
      return Promise.resolve(ok(undefined));
    },
    closed: closed.promise,
    close() {
      endSubscription();
      closed.resolve('The connection was closed from this side.');
    },
  };
}
